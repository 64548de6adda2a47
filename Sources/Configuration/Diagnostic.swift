/// One thing to say about a configuration, and where.
package struct Diagnostic: Sendable, Equatable, CustomStringConvertible {
    package enum Severity: Sendable, Equatable { case warning, error }

    package var severity: Severity
    /// The file's name as given, or the environment variable's.
    package var file: String
    /// From 1; 0 where no line can be named.
    package var line: Int
    package var message: String

    package init(severity: Severity, file: String, line: Int, message: String) {
        self.severity = severity
        self.file = file
        self.line = line
        self.message = message
    }

    /// `file:line: message`; warnings say so.
    package var description: String {
        shown(path: file) + (line > 0 ? ":\(line): " : ": ") + (severity == .warning ? "warning: " : "") + message
    }
}
