/// Where every part of the node says what happened: one line an event.
///
/// ```swift
/// logger.info("stream.started", ["stream": "live/main", "from": "127.0.0.1:40000"])
/// ```
///
/// A logger is a value that is handed down; the sink and the clock are the composition root's. The sink must not block.
package struct Logger: Sendable {
    package let level: LogLevel
    private let form: LogLine.Form
    private let clock: @Sendable () -> Int64
    private let sink: @Sendable (String) -> Void

    /// - Parameters:
    ///   - level: events below it are not written.
    ///   - form: of the lines.
    ///   - clock: milliseconds since 1970 in UTC.
    ///   - sink: takes one line without its line feed; called on the caller's thread.
    package init(
        level: LogLevel, form: LogLine.Form = .text, clock: @escaping @Sendable () -> Int64,
        sink: @escaping @Sendable (String) -> Void
    ) {
        self.level = level
        self.form = form
        self.clock = clock
        self.sink = sink
    }

    /// A logger that writes nothing, for tests.
    package static let silent = Logger(level: .error, clock: { 0 }, sink: { _ in })

    package func debug(_ event: String, _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]) {
        log(.debug, event, fields())
    }

    package func info(_ event: String, _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]) {
        log(.info, event, fields())
    }

    package func warn(_ event: String, _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]) {
        log(.warn, event, fields())
    }

    package func error(_ event: String, _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]) {
        log(.error, event, fields())
    }

    /// As the others, for a level that is known at run time.
    package func log(_ level: LogLevel, _ event: String, _ fields: @autoclosure () -> KeyValuePairs<String, String>) {
        guard level >= self.level else { return }
        sink(LogLine.text(level: level, event: event, unixMs: clock(), form: form, fields: fields()))
    }
}
