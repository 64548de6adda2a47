import Testing

@testable import Configuration

/// A file without errors, and the warnings that it has to get.
struct WarnedFile: Sendable, CustomTestStringConvertible {
    var name: String
    var text: String
    var warnings: [(line: Int, part: String)]

    init(_ name: String, _ text: String, _ warnings: (line: Int, part: String)...) {
        self.name = name
        self.text = text
        self.warnings = warnings
    }

    var testDescription: String { name }

    static func behind(_ name: String, _ text: String, _ warnings: (line: Int, part: String)...) -> WarnedFile {
        var file = WarnedFile(name, ConfigurationFileTests.small + "\n" + text)
        file.warnings = warnings
        return file
    }

    static let open = [
        WarnedFile.behind("TCP on all addresses", "[backstream:x]\nProtocol=TCP\nPort = 1", (12, "is open")),
        .behind("HTTP without a secret", "[backstream:x]\nPort = 1", (11, "set Secret, or Use and Ips")),
        .behind("HTTP with a secret", "[backstream:x]\nPort = 1\nSecret = sesame"),
        .behind("HTTP on loopback", "[backstream:x]\nPort = 1\nBind = ::1"),
        .behind("UDP on loopback", "[backstream:x]\nProtocol = udp\nPort = 1\nBind = localhost"),
        .behind("an allowlist", "[backstream:x]\nPort = 1\n[authority]\nUse = yes\nIps = 10.0.0.0/8"),
        .behind("Use with empty Ips", "[backstream:x]\nPort = 1\n[authority]\nUse = True\nIps =", (11, "is open")),
        .behind(
            "Ips without Use", "[backstream:x]\nPort = 1\n[authority]\nIps = 10.0.0.1", (11, "is open"),
            (13, "Ips is not used: Use is not True")),
        .behind(
            "a secret that TCP cannot carry", "[backstream:x]\nProtocol = TCP\nPort = 1\nSecret = sesame",
            (12, "is open"),
            (13, "Secret is not used: only HTTP can carry one")),
        .behind(
            "a bad secret that TCP cannot carry", "[backstream:x]\nProtocol = TCP\nPort = 1\nSecret = a/b",
            (12, "is open"), (13, "Secret holds a slash")),
        .behind(
            "a bad allowlist that is not asked", "[backstream:x]\nPort = 1\n[authority]\nIps = x", (11, "is open"),
            (13, "Ips lists x")),
        .behind("an allowlist of nobody", "[authority]\nUse = 1\nIps = 0.0.0.0", (12, "which no sender has")),
    ]

    static let unused = [
        WarnedFile.behind("a section of the other mode", "[pushstream]\nPort = 1", (10, "RunMode = normal takes")),
        .behind("a section of the other mode, all empty", "[pushstream]\nProtocol =\nPort ="),
        .behind("bad form where it is not used", "[pushstream]\nPort = x", (10, "not used"), (11, "Port is x")),
        .behind("an empty monitor port", "[monitor]\nPort ="),
        .behind("a monitor section of defaults", "[monitor]\nBind = 0.0.0.0\nPort ="),
        .behind("a monitor section", "[monitor]\nBind = 0.0.0.0\nPort = 50000", (10, "it is for RunMode = monitor")),
        .behind("Hosts beside CUSTOM", "[dispatch]\nHosts = a, b\nPorts =", (11, "neither TCP nor UDP")),
        WarnedFile(
            "Hosts beside CUSTOM with TCP viewers",
            ConfigurationFileTests.small + "\nProtocol = TCP\n[dispatch]\nHosts = 127.0.0.1\nPorts = 56001"),
        WarnedFile(
            "FilterIps for WebSocket", ConfigurationFileTests.small + "\nFilterIps = 127.0.0.1",
            (10, "for Protocol = TCP")),
        WarnedFile("FilterIps 0.0.0.0 for WebSocket", ConfigurationFileTests.small + "\nFilterIps = 0.0.0.0"),
        WarnedFile(
            "StartBytes with another start", ConfigurationFileTests.small + "\nStart = raw\nStartBytes = 1M",
            (11, "for Start = gop")),
        .behind(
            "[custom] without CUSTOM", "[dispatch]\nProtocol = UDP\nHosts = 192.0.2.1\nPorts = 1",
            (7, "[dispatch] Protocol does not hold CUSTOM")),
    ]

    static let later = [
        WarnedFile(
            "RunMode monitor", "[app]\nRunMode = monitor\n[monitor]\nPort = 50000", (2, "comes with a later version")),
        WarnedFile(
            "more threads", "[app]\nThreads = 4\n" + ConfigurationFileTests.small.dropFirst(6)),
        WarnedFile("one thread", "[app]\nThreads = 1\n" + ConfigurationFileTests.small.dropFirst(6)),
        WarnedFile(
            "reports",
            "[app]\nMonitor = \"http://10.0.0.5:50000/monitor\"\n" + ConfigurationFileTests.small.dropFirst(6),
            (2, "Monitor has no effect yet")),
        .behind("json lines", "[log]\nFormat = json"),
        .behind(
            "a multicast interface", "[backstream:x]\nProtocol=UDP\nPort=1\nBind=239.1.2.3\nInterface=eth0",
            (12, "is open")),
        .behind(
            "the sender of a group", "[backstream:x]\nProtocol=UDP\nPort=1\nBind=232.1.2.3\nSource=10.0.0.7",
            (12, "is open")),
        .behind(
            "an interface without a group", "[backstream:x]\nProtocol=UDP\nPort=0\nBind=127.0.0.1\nInterface=eth0",
            (14, "it is for a multicast group in Bind")),
        .behind(
            "the sender of no group", "[pushstream:x]\nProtocol=UDP\nPort=0\nBind=127.0.0.1\nSource=10.0.0.7",
            (14, "it is for a multicast group in Bind")),
        .behind(
            "an interface for TCP", "[pushstream:x]\nPort=0\nBind=::1\nInterface=eth0", (13, "only UDP has multicast")),
        .behind("a link's secret", "[pushstream:x]\nPort=0\nBind=::1\nSecret=s", (13, "Secret has no effect yet")),
        .behind(
            "a child's secret and streams",
            "[dispatch:x]\nProtocol=UDP\nHosts=192.0.2.1\nPorts=1\nSecret=s\nStreams=live/a,live/b",
            (14, "Secret has no effect yet"), (15, "Streams beyond the first, live/a"),
            (15, "[dispatch:x] sends live/a, which no way in feeds")),
    ]

    static let sense = [
        WarnedFile(
            "FilterIps refuses local viewers", ConfigurationFileTests.small + "\nProtocol = TCP\nFilterIps = 127.0.0.1",
            (11, "refuses viewers on this machine")),
        WarnedFile(
            "FilterIps refuses all", ConfigurationFileTests.small + "\nProtocol = TCP\nFilterIps = 10.0.0.1,0.0.0.0/0",
            (11, "refuses viewers on this machine")),
        WarnedFile(
            "FilterIps of others", ConfigurationFileTests.small + "\nProtocol = TCP\nFilterIps = 10.0.0.1, 0.0.0.0"),
        .behind(
            "a child twice", "[dispatch:x]\nProtocol=TCP\nHosts=192.0.2.1,192.0.2.1\nPorts=1,1", (12, "listed twice")),
        .behind("itself as a child", "[dispatch:x]\nProtocol=TCP\nHosts=localhost\nPorts=50001", (12, "feed itself")),
        .behind("its UDP neighbour as a child", "[dispatch:x]\nProtocol=UDP\nHosts=127.0.0.1\nPorts=50001"),
        .behind(
            "a stream that nobody sends", "[custom:x]\nProtocol=TCP\nPort=1\nStream=live/a", (13, "no way in feeds")),
        WarnedFile(
            "a main stream that nobody sends",
            "[app]\nRunMode=normal\n[backstream]\nProtocol=TCP\nBind=::1\nPort=1\nStream=live/a\n[custom]\nProtocol=TCP\nPort=2",
            (8, "[custom] serves live/main, which no way in feeds")),
        .behind(
            "a stream that HTTP may send",
            "[custom:x]\nProtocol=TCP\nPort=1\nStream=live/a\n[backstream:x]\nBind=127.0.0.1\nPort=2"),
        WarnedFile(
            "little memory", "[app]\nBufferMemory = 4M\n" + ConfigurationFileTests.small.dropFirst(6),
            (2, "smaller than one stream's GopBytes 16M")),
        .behind(
            "a door wider than the node", "[custom:x]\nPort=1\nMaxViewers=10001",
            (12, "more than the node's, 10000")),
        .behind("TCP and UDP on one port", "[backstream:x]\nProtocol=UDP\nBind=127.0.0.1\nPort=50001"),
        .behind("free ports", "[custom:x]\nPort=0\n[custom:y]\nPort=0"),
        .behind(
            "one port on two addresses", "[custom:x]\nBind=127.0.0.2\nPort=56001\n[custom:y]\nBind=::1\nPort=56001"),
    ]
}

@Suite struct WarningTests {
    @Test(arguments: WarnedFile.open + WarnedFile.unused + WarnedFile.later + WarnedFile.sense)
    func `a doubtful file is read, with warnings`(file: WarnedFile) {
        let (configuration, diagnostics) = load(file.text)
        #expect(configuration != nil, "\(diagnostics)")
        #expect(diagnostics.count == file.warnings.count, "\(diagnostics)")
        for (diagnostic, expected) in zip(diagnostics, file.warnings) {
            #expect(diagnostic.severity == .warning)
            #expect(diagnostic.line == expected.line, "\(diagnostic)")
            #expect(diagnostic.message.contains(expected.part), "\(diagnostic)")
        }
    }
}
