import Testing

@testable import Configuration

/// Reads a text as `node.ini` with an empty environment.
func load(
    _ text: String, environment: [String: String] = [:]
) -> (configuration: NodeConfiguration?, diagnostics: [Diagnostic]) {
    ConfigurationFile.load(text: text, fileName: "node.ini", environment: environment)
}

@Suite struct ConfigurationFileTests {
    static let small = """
        [app]
        RunMode = normal
        [backstream]
        Protocol = TCP
        Bind = 127.0.0.1
        Port = 50001
        [custom]
        Bind = 127.0.0.1
        Port = 56001
        """

    @Test func `the smallest useful file is the built-in configuration`() throws {
        let (configuration, diagnostics) = load(ConfigurationFileTests.small)
        #expect(diagnostics.isEmpty)
        var expected = NodeConfiguration.builtin
        expected.ingests[0].line = 3
        expected.viewers[0].line = 7
        #expect(configuration == expected)
    }

    @Test func `every default of the table can be read`() {
        for section in Schema.sections {
            for key in section.keys where !key.standard.isEmpty {
                #expect(throws: Never.self) { try key.kind.parse(key.standard) }
            }
        }
    }

    @Test func `the table's defaults are those of the value types`() throws {
        let text = "[app]\nRunMode=normal\n[backstream]\nPort=1\n[custom]\nPort=2\n[custom:t]\nProtocol=TCP\nPort=3"
        let configuration = try #require(load(text).configuration)
        var rest = configuration
        rest.ingests = []
        rest.viewers = []
        #expect(rest == NodeConfiguration())
        #expect(configuration.ingests[0].kind == .http)
        #expect(configuration.viewers[0].start == StartPolicy())
        #expect(configuration.viewers[0].lag == LagLimit())
        #expect(configuration.viewers[0].streams == .all)
        #expect(configuration.viewers[1].start.bytesMax == nil)
        #expect(configuration.viewers[1].streams == .one(.main))
    }
}
