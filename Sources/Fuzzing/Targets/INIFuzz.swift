import Configuration

/// A configuration file.
///
/// A file has a configuration or errors; each message is one printable line about a line that there is; a second reading
/// says the same, and what is accepted can be explained and drawn.
enum INIFuzz {
    static let target = FuzzTarget(
        name: "ini", reads: "a configuration file",
        covers: [
            "INIDocument", "INILine", "ConfigurationFile", "NodeConfigurationBuilder", "SettingsReader", "ValueKind",
            "DurationText", "SizeText", "HostName", "StreamID", "ConsistencyCheck", "Explanation", "CheckReport",
            "TreePicture", "LagLimit",
        ], bytesMax: 2048
    ) { input throws(FuzzFinding) in
        let text = String(decoding: [UInt8](copying: input), as: UTF8.self)
        let (configuration, diagnostics) = load(text)
        let hasErrors = diagnostics.contains { $0.severity == .error }
        try require((configuration == nil) == hasErrors, "a configuration with errors, or none without")
        let lines = text.utf8.count { $0 == UInt8(ascii: "\n") } + 1
        for diagnostic in diagnostics {
            try require((0...lines).contains(diagnostic.line), "line \(diagnostic.line) of \(lines)")
            try require(diagnostic.description.isPrintable, "a message that is no line")
        }
        guard let configuration else { return }
        let again = load(text)
        try require(again.configuration == configuration && again.diagnostics == diagnostics, "two readings differ")
        let report = CheckReport(files: [CheckReport.File(name: "node.ini", text: text)], environment: [:])
        try require(!Explanation(configuration).lines.isEmpty, "nothing to say of a configuration")
        for line in report.explanation { try require(line.isPrintable, "an explanation that is no line") }
        for line in report.picture.split(separator: "\n") { try require(line.isPrintable, "a picture's line") }
    }

    private static func load(_ text: String) -> (configuration: NodeConfiguration?, diagnostics: [Diagnostic]) {
        ConfigurationFile.load(text: text, fileName: "node.ini", environment: [:])
    }
}
