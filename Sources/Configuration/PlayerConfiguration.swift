/// The page that browsers get.
package struct PlayerConfiguration: Sendable, Equatable {
    /// Where JSMpeg's file lies; nil: not configured.
    package var script: String?

    package init() {}
}
