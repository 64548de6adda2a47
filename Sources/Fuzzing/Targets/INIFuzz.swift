import Configuration

/// Configuration files and an environment.
///
/// A file has a configuration or errors, and each message is one printable line about a line that there is. Of what is
/// accepted, several files always and one file in four: a second reading says the same, and it can be explained, drawn
/// with others, and told as lines to push and watch by.
///
/// Further files stand behind a byte 0x1c each, those that begin with 0x1e cannot be read; the environment stands behind
/// 0x1d, a variable a line. All of them are bytes that are refused in any file.
enum INIFuzz {
    static let target = FuzzTarget(
        name: "ini", reads: "configuration files and an environment",
        covers: [
            "INIDocument", "INILine", "INILineError", "ConfigurationFile", "NodeConfigurationBuilder",
            "NodeConfiguration", "SettingsReader", "SectionSettings", "Setting", "SettingUsage", "ValueKind",
            "DurationText", "SizeText", "HostName", "PortText", "StreamID", "StreamPolicySettings", "ListeningPort",
            "EnvironmentOverride", "EditDistance", "Printable", "ConsistencyCheck", "Explanation", "CheckReport",
            "NodeTree", "TreeLayout", "TreePicture", "PushHints", "LagLimit", "DiagnosticCollector", "Diagnostic",
        ], bytesMax: 1024,
        begin: { () throws(FuzzFinding) in
            try check(NodeConfiguration.builtin)
            try require(!Explanation(NodeConfiguration.builtin).lines.isEmpty, "nothing to say of the default")
            try checkLimits()
            return { input throws(FuzzFinding) in
                let halves = [UInt8](copying: input).split(
                    separator: 0x1d, maxSplits: 1, omittingEmptySubsequences: false)
                let files = halves[0].split(separator: 0x1c, maxSplits: filesMax - 1, omittingEmptySubsequences: false)
                let texts = files.map { String(decoding: $0, as: UTF8.self) }
                let isJudged = Cuts(input).seed & 0x30 == 0
                try check(texts, halves.count == 2 ? environment(halves[1]) : [:], isJudged: isJudged)
            }
        })

    private static let filesMax = 4

    /// What no input is long enough for.
    private static func checkLimits() throws(FuzzFinding) {
        for text in [String(repeating: "# 34567890\n", count: 1 << 17), String(repeating: "[custom]\n", count: 1025)] {
            let (configuration, diagnostics) = ConfigurationFile.load(
                text: text, fileName: "node.ini", environment: [:])
            try require(configuration == nil && !diagnostics.isEmpty, "a file of \(text.utf8.count) bytes")
        }
    }

    private static func environment(_ bytes: ArraySlice<UInt8>) -> [String: String] {
        var environment: [String: String] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? String(decoding: parts[1], as: UTF8.self) : ""
            environment[String(decoding: parts[0], as: UTF8.self)] = value
        }
        return environment
    }

    /// - Parameter isJudged: what is accepted is told and drawn too, even where it is one file.
    private static func check(
        _ texts: [String], _ environment: [String: String], isJudged: Bool
    ) throws(FuzzFinding) {
        let text = texts.first ?? ""
        let (configuration, diagnostics) = ConfigurationFile.load(
            text: text, fileName: "0/node.ini", environment: environment)
        let hasErrors = diagnostics.contains { $0.severity == .error }
        try require((configuration == nil) == hasErrors, "a configuration with errors, or none without")
        let lines = text.utf8.count { $0 == UInt8(ascii: "\n") } + 1
        for diagnostic in diagnostics {
            try require((0...lines).contains(diagnostic.line), "line \(diagnostic.line) of \(lines)")
            try require(diagnostic.description.isPrintable, "a message that is no line")
        }
        guard configuration != nil || texts.count > 1 else { return }
        // To tell of a configuration takes three times as long as to read it.
        guard texts.count > 1 || isJudged else { return }
        let files = texts.enumerated().map { number, text in
            let isUnreadable = number > 0 && text.hasPrefix("\u{1e}")
            return CheckReport.File(
                name: "\(number)/node.ini", text: text, unreadable: isUnreadable ? "is a folder" : nil)
        }
        let report = CheckReport(files: files, environment: environment)
        let first = report.tree.nodes.first { $0.fileName == "0/node.ini" }
        try require(first?.configuration == configuration, "two readings differ")
        let again = Set(report.diagnostics.map(\.description))
        try require(diagnostics.allSatisfy { again.contains($0.description) }, "two readings say different things")
        try check(report, errors: texts.count - report.tree.nodes.count)
        guard let configuration else { return }
        try require(!report.explanation.isEmpty, "nothing to say of a configuration")
        try check(configuration)
    }

    private static func check(_ report: CheckReport, errors: Int) throws(FuzzFinding) {
        try require((report.count(.error) > 0) == (errors > 0), "a file without a node and without an error")
        try require(report.exitCode(isStrict: false) == (errors > 0 ? 1 : 0), "an exit code")
        try require(report.exitCode(isStrict: true) == (report.diagnostics.isEmpty ? 0 : 1), "a strict exit code")
        for diagnostic in report.diagnostics { try require(diagnostic.description.isPrintable, "a message") }
        for line in report.explanation { try require(line.isPrintable, "an explanation that is no line") }
        for line in report.picture.split(separator: "\n") { try require(line.isPrintable, "a picture's line") }
    }

    private static func check(_ configuration: NodeConfiguration) throws(FuzzFinding) {
        let streams = configuration.configuredStreams
        try require(streams.contains(.main), "no main stream")
        for stream in streams {
            try require((try? StreamID(parsing: stream.description)) == stream, "\(stream) reads differently")
            try require(configuration.policy(for: stream).gopBytes > 0, "a stream without a start")
        }
        let hints = PushHints.lines(
            configuration: configuration, ingestPorts: configuration.ingests.map(\.port),
            viewerPorts: configuration.viewers.map(\.port),
            machineAddresses: ["192.0.2.7", "fe80::1", "2001:db8::7", "?"])
        try require(hints.count >= configuration.ingests.count, "a way in that nobody is told of")
        for hint in hints { try require(hint.isPrintable, "a hint that is no line") }
    }
}
