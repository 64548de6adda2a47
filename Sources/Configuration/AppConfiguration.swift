/// The node as a whole.
package struct AppConfiguration: Sendable, Equatable {
    package enum RunMode: Sendable, Equatable { case normal, extra, monitor }

    package var runMode = RunMode.normal
    /// Empty: the host's name.
    package var name = ""
    /// Where to report to; empty: nowhere.
    package var monitorURL = ""
    /// nil: one per available core.
    package var threads: Int?
    package var viewersMax = 10_000
    package var bufferMemoryBytes = 512 << 20

    package init() {}
}
