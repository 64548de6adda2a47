/// Where log lines go, and which.
package struct LogConfiguration: Sendable, Equatable {
    package enum Level: Sendable, Equatable { case debug, info, warn, error }
    package enum Format: Sendable, Equatable { case text, json }

    package var level = Level.info
    package var format = Format.text
    /// nil: stderr.
    package var file: String?

    package init() {}
}
