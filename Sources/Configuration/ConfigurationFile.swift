/// Reads a node's configuration.
///
/// ```swift
/// let (configuration, diagnostics) = ConfigurationFile.load(
///     text: text, fileName: "node.ini", environment: environment)
/// for diagnostic in diagnostics { print(diagnostic) }  // node.ini:7: unknown key Prot in [custom]; did you mean Port?
/// guard let configuration else { return 1 }
/// for line in Explanation(configuration).lines { print(line) }
/// ```
package enum ConfigurationFile {
    /// - Parameters:
    ///   - fileName: as the user gave it; it stands in front of each message.
    ///   - environment: variables named `TSRELAY_<SECTION>_<KEY>` stand over the file's values; all others are passed
    ///     over.
    /// - Returns: everything there is to say, and the configuration when none of it is an error.
    package static func load(
        text: String, fileName: String, environment: [String: String]
    ) -> (configuration: NodeConfiguration?, diagnostics: [Diagnostic]) {
        var collector = DiagnosticCollector(fileName: fileName)
        let settings = SettingsReader(text: text, environment: environment, diagnostics: &collector)
        var builder = NodeConfigurationBuilder(settings: settings, diagnostics: collector)
        let configuration = builder.build()
        let diagnostics = builder.diagnostics
        return (diagnostics.hasErrors ? nil : configuration, diagnostics.sorted)
    }
}
