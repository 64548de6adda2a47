import Testing

@testable import Configuration

@Suite struct EnvironmentOverrideTests {
    @Test func `a variable stands over the file`() throws {
        let (configuration, diagnostics) = load(
            ConfigurationFileTests.small,
            environment: ["TSRELAY_CUSTOM_PORT": "56009", "TSRELAY_LOG_LEVEL": " Debug ", "HOME": "/root"])
        #expect(diagnostics.isEmpty)
        #expect(configuration?.viewers.first?.port == 56_009)
        #expect(configuration?.log.level == .debug)
    }

    @Test func `a node can be configured by variables alone`() throws {
        let (configuration, diagnostics) = load(
            "",
            environment: [
                "TSRELAY_APP_RUNMODE": "extra", "TSRELAY_PUSHSTREAM_PORT": "55001", "TSRELAY_CUSTOM_PORT": "56001",
                "TSRELAY_AUTHORITY_USE": "on", "TSRELAY_AUTHORITY_IPS": "10.0.0.0/8",
            ])
        #expect(diagnostics.isEmpty)
        #expect(configuration?.ingests.first?.port == 55_001)
        #expect(configuration?.authority == (try AddressList(parsing: ["10.0.0.0/8"])))
    }

    @Test func `the section's punctuation becomes an underscore`() throws {
        let text =
            ConfigurationFileTests.small + "\n[custom:a-b.c]\nPort = 1\n[stream:live/cam-1]\nGrace = 1s\n[dispatch:x]\n"
            + "Protocol = TCP\nHosts = a\nPorts = 1"
        let (configuration, diagnostics) = load(
            text,
            environment: [
                "TSRELAY_CUSTOM_A_B_C_PORT": "2", "TSRELAY_STREAM_LIVE_CAM_1_GRACE": "30s",
                "TSRELAY_DISPATCH_X_PORTS": "7", "TSRELAY_STREAM_HOLD": "2s",
            ])
        #expect(diagnostics.isEmpty)
        #expect(configuration?.viewers.last?.port == 2)
        let stream = try StreamID(parsing: "live/cam-1")
        #expect(configuration?.streams[stream]?.grace == .seconds(30))
        #expect(configuration?.streams[stream]?.hold == .seconds(2))
        #expect(configuration?.dispatches.first?.children == [.init(host: "a", port: 7)])
    }

    @Test func `an unknown variable is a warning with the nearest name`() {
        let (configuration, diagnostics) = load(
            ConfigurationFileTests.small,
            environment: [
                "TSRELAY_CUSTOM_PROT": "1", "TSRELAY_SERVICE_HOST": "10.0.0.1", "TSRELAY_": "", "TSRELAYX": "",
            ])
        #expect(configuration != nil)
        #expect(diagnostics.allSatisfy { $0.severity == .warning })
        #expect(
            diagnostics.map(\.description) == [
                "TSRELAY_: warning: names no key and is not used",
                "TSRELAY_CUSTOM_PROT: warning: names no key and is not used; did you mean TSRELAY_CUSTOM_PORT?",
                "TSRELAY_SERVICE_HOST: warning: names no key and is not used",
            ])
    }

    @Test func `a bad value names the variable`() {
        let (configuration, diagnostics) = load(
            ConfigurationFileTests.small, environment: ["TSRELAY_CUSTOM_PORT": "tcp://10.0.0.1:80"])
        #expect(configuration == nil)
        #expect(
            diagnostics.map(\.description) == [
                "TSRELAY_CUSTOM_PORT: Port is tcp://10.0.0.1:80: a number from 0 to 65535"
            ])
    }

    @Test func `an empty variable takes the file's value away`() {
        let (_, diagnostics) = load(ConfigurationFileTests.small, environment: ["TSRELAY_CUSTOM_PORT": ""])
        #expect(
            diagnostics.map(\.message) == [
                "Port is missing in [custom]: write one, such as 56001, or 0 for any free one"
            ])
    }

    @Test(arguments: ["a\nb", "a\0b", String(repeating: "a", count: 5_000)])
    func `a value that no line could hold is refused`(value: String) {
        let (configuration, _) = load(ConfigurationFileTests.small, environment: ["TSRELAY_LOG_FILE": value])
        #expect(configuration == nil)
    }
}
