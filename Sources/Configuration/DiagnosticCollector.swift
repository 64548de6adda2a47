/// Everything that is wrong with one file, all at once.
struct DiagnosticCollector {
    let fileName: String
    private(set) var diagnostics: [Diagnostic] = []

    init(fileName: String) {
        self.fileName = fileName
    }

    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// By line, in the order found where lines are equal; what has no line comes last.
    var sorted: [Diagnostic] {
        diagnostics.enumerated().sorted { left, right in
            let (first, second) = (left.element, right.element)
            if first.line == second.line { return left.offset < right.offset }
            if first.line == 0 || second.line == 0 { return second.line == 0 }
            return first.line < second.line
        }.map(\.element)
    }

    mutating func error(_ origin: Origin, _ message: String) { add(.error, origin, message) }

    mutating func warning(_ origin: Origin, _ message: String) { add(.warning, origin, message) }

    mutating func add(_ severity: Diagnostic.Severity, _ origin: Origin, _ message: String) {
        let diagnostic =
            switch origin {
            case .line(let line): Diagnostic(severity: severity, file: fileName, line: line, message: message)
            case .environment(let name): Diagnostic(severity: severity, file: name, line: 0, message: message)
            case .file: Diagnostic(severity: severity, file: fileName, line: 0, message: message)
            }
        diagnostics.append(diagnostic)
    }
}
