import Testing

@testable import Configuration

@Suite struct PushHintsTests {
    private static func hints(_ text: String, ports: [UInt16], _ viewerPorts: [UInt16], _ machine: [String]) throws
        -> [String]
    {
        let configuration = try #require(load(text).configuration)
        return PushHints.lines(
            configuration: configuration, ingestPorts: ports, viewerPorts: viewerPorts, machineAddresses: machine)
    }

    @Test func `the built-in node is reached on loopback`() {
        let lines = PushHints.lines(
            configuration: .builtin, ingestPorts: [50_001], viewerPorts: [56_001], machineAddresses: ["192.0.2.5"])
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("push: ffmpeg "))
        #expect(lines[0].contains("-c:v mpeg1video") && lines[0].contains("-c:a mp2"))
        #expect(lines[0].hasSuffix(" 'tcp://127.0.0.1:50001'"))
        #expect(lines[1] == "watch: http://127.0.0.1:56001/live/main")
        #expect(lines[2] == "watch: http://127.0.0.1:56001/live/main.ts")
    }

    @Test func `ports are the ones really bound and addresses the machine's`() throws {
        let text = """
            [app]
            RunMode = extra
            [pushstream]
            Protocol = UDP
            Port = 0
            [custom]
            Port = 0
            [custom:tcp]
            Protocol = TCP
            Port = 0
            """
        let machine = ["127.0.0.1", "fe80::1", "2001:db8::5", "192.0.2.5", "garbage", "198.51.100.7", "169.254.1.1"]
        let lines = try PushHintsTests.hints(text, ports: [41], [42, 43], machine)
        #expect(lines[0] == "parent: Protocol = UDP, Hosts = 192.0.2.5, Ports = 41")
        #expect(lines[1].hasSuffix(" 'udp://192.0.2.5:41?pkt_size=1316'"))
        #expect(
            lines[2...] == [
                "watch: http://192.0.2.5:42/live/main", "watch: http://192.0.2.5:42/live/main.ts",
                "watch: http://198.51.100.7:42/live/main", "watch: http://198.51.100.7:42/live/main.ts",
                "watch: tcp://192.0.2.5:43", "watch: tcp://198.51.100.7:43",
            ])
    }

    @Test func `a secret is not printed`() throws {
        let text = "[app]\nRunMode=normal\n[backstream]\nPort=1\nSecret=sesame\nStream=live/cam\n[custom]\nPort=2"
        let lines = try PushHintsTests.hints(text, ports: [50_001], [56_001], [])
        #expect(lines[0].hasSuffix(" 'http://127.0.0.1:50001/<Secret>'"))
        #expect(!lines.joined().contains("sesame"))
        #expect(lines[1] == "watch: http://127.0.0.1:56001/live/cam")
    }

    @Test func `HTTP without a secret pushes to the root`() throws {
        let text = "[app]\nRunMode=normal\n[backstream]\nBind=::1\nPort=1\n[custom]\nBind=::\nPort=2"
        let lines = try PushHintsTests.hints(text, ports: [1], [2], ["192.0.2.5", "2001:db8::5"])
        #expect(lines[0].hasSuffix(" 'http://[::1]:1/'"))
        #expect(lines[1] == "watch: http://192.0.2.5:2/live/main")
        #expect(lines[3] == "watch: http://[2001:db8::5]:2/live/main")
    }

    @Test func `a machine of many addresses shows four`() throws {
        let text = "[app]\nRunMode=normal\n[backstream]\nPort=1\n[custom:t]\nProtocol=TCP\nPort=2"
        let machine = (1...20).map { "192.0.2.\($0)" }
        let lines = try PushHintsTests.hints(text, ports: [1], [2], machine)
        #expect(lines.filter { $0.hasPrefix("watch:") }.count == 4)
    }

    @Test func `fewer ports than doors are no crash`() {
        let lines = PushHints.lines(configuration: .builtin, ingestPorts: [], viewerPorts: [], machineAddresses: [])
        #expect(lines.isEmpty)
    }
}
