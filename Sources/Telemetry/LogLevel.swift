/// How much an event matters to whoever operates the node.
package enum LogLevel: Int, Comparable, Sendable, CaseIterable {
    /// One connection.
    case debug
    /// A stream, a link or the configuration changed.
    case info
    /// The node degraded something and went on.
    case warn
    /// Someone must act.
    case error

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }

    /// The word in log lines and in `[log] Level`.
    package var name: String {
        switch self {
        case .debug: "debug"
        case .info: "info"
        case .warn: "warn"
        case .error: "error"
        }
    }
}
