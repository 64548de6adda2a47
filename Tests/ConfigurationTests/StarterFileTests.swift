import Testing

@testable import Configuration

@Suite struct StarterFileTests {
    private static func file(_ role: StarterFile.Role, _ parent: String? = nil, _ children: String? = nil) throws
        -> StarterFile
    {
        var file = StarterFile(role: role)
        if let parent { file.parents = try StarterFile.parents(parent) }
        if let children { file.children = try StarterFile.children(children) }
        return file
    }

    @Test(
        arguments: [
            (.origin, nil, nil), (.origin, nil, "192.0.2.20"), (.middle, nil, "192.0.2.20:7, [2001:db8::1]:8"),
            (.middle, "192.0.2.10", "edge-a, 2001:db8::1"), (.middle, "::1", "edge-a.example.:9"), (.edge, nil, nil),
            (.edge, "127.0.0.1", nil), (.edge, "2001:db8::/32, 10.0.0.0/8", nil), (.edge, "10.0.0.0/8,192.0.2.1", nil),
        ] as [(StarterFile.Role, String?, String?)])
    func `check has nothing to say against a file to begin with`(
        role: StarterFile.Role, parent: String?, children: String?
    ) throws {
        let file = try StarterFileTests.file(role, parent, children)
        #expect(file.problem == nil)
        let (configuration, diagnostics) = load(file.text)
        #expect(diagnostics.isEmpty, "\(diagnostics)\n\(file.text)")
        let node = try #require(configuration)
        #expect(node.app.runMode == (role == .origin ? .normal : .extra))
        #expect(node.ingests.map(\.kind) == [.tcp])
        #expect(node.ingests[0].port == (role == .origin ? 50_001 : 55_001))
        #expect(node.viewers.map(\.port) == [56_001])
        #expect(node.dispatches.flatMap(\.children) == file.children)
        // Nobody but those named may send, be it by address or because the port is this machine's alone.
        #expect(node.authority == (node.ingests[0].bind.isLoopback ? nil : file.parents))
    }

    @Test func `children have a host and a port each`() throws {
        let children = try StarterFile.children("a, b:1 ,[::1]:2,::2, [::3]")
        #expect(
            children.map { PortText.join($0.host, $0.port) } == [
                "a:55001", "b:1", "[::1]:2", "[::2]:55001", "[::3]:55001",
            ])
    }

    @Test(arguments: ["", "a,,b", "a:0", "a:65536", "a:b", "a b", "-a-", "10.0.0.300", "[::1]:", "http://a"])
    func `children that cannot be dialled are refused`(text: String) {
        #expect(throws: StarterError.self) { try StarterFile.children(text) }
    }

    @Test(arguments: ["", "studio", "10.0.0.1/8", "10.0.0.1,,10.0.0.2"])
    func `a parent is an address`(text: String) {
        #expect(throws: StarterError.self) { try StarterFile.parents(text) }
    }

    @Test(arguments: ["", "a b", "#a", "a\"", "a\nb", String(repeating: "a", count: 65)])
    func `a name that would not come back is refused`(text: String) {
        #expect(throws: StarterError.self) { try StarterFile.name(text) }
    }

    @Test func `roles have what they are for`() throws {
        #expect(try StarterFileTests.file(.origin, "192.0.2.1").problem != nil)
        #expect(try StarterFileTests.file(.middle, "192.0.2.1").problem != nil)
        #expect(try StarterFileTests.file(.edge, nil, "192.0.2.1").problem != nil)
    }

    @Test func `a name and ports are taken over`() throws {
        var file = StarterFile(role: .edge)
        file.name = try StarterFile.name("edge-a")
        file.port = try StarterFile.port("0", of: "--port")
        file.viewersPort = try StarterFile.port("8080", of: "--viewers")
        let node = try #require(load(file.text).configuration)
        #expect(node.app.name == "edge-a" && node.ingests[0].port == 0 && node.viewers[0].port == 8080)
    }

    @Test func `every key that a file to begin with leaves out has the comment of one line above it`() throws {
        let lines = try StarterFileTests.file(.middle, "192.0.2.10", "192.0.2.20").text.split(separator: "\n")
        for (above, line) in zip(lines, lines.dropFirst()) where line.hasPrefix("Protocol") || line.hasPrefix("Hosts") {
            #expect(above.hasPrefix("# "), "\(line)")
        }
    }
}
