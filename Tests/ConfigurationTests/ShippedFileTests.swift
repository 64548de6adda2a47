import Testing

@testable import Configuration

@Suite struct ShippedFileTests {
    /// The warnings that a shipped file is meant to have, each as its line and a part of its message.
    static let intended: [String: [String]] = [
        // Its defaults let anyone send; the comment beside Secret says so.
        "reference.ini": ["[backstream] is open"],
        "first-generation/normal.ini": [
            "Monitor has no effect yet", "[backstream] is open", "only HTTP can carry one", "[pushstream] is not used",
            "[monitor] is not used", "Ips is not used", "[custom] is not used",
        ],
        "first-generation/extra1.ini": [
            "[backstream] is not used", "[pushstream] is open", "Hosts is not used", "Ports is not used",
            "Ips is not used",
        ],
        "first-generation/extra2.ini": [
            "[backstream] is not used", "[pushstream] is open", "Hosts is not used", "Ports is not used",
            "Ips is not used",
        ],
        "first-generation/monitor.ini": [
            "RunMode = monitor comes with a later version", "Monitor has no effect yet", "[backstream] is not used",
            "[pushstream] is not used", "[dispatch] is not used", "[authority] is not used", "[custom] is not used",
        ],
        "first-generation/template.ini": ["[backstream] is open", "FilterIps refuses viewers on this machine"],
    ]

    static let shapes = ["1-single", "2-one-box", "3-local-remote", "4-local-many", "5-tree"]

    /// What `check` says of all files of one shape.
    static func report(_ shape: String) throws -> CheckReport {
        let names = ShippedFiles.names.filter { $0.hasPrefix(shape + "/") }
        return CheckReport(
            files: try names.map { CheckReport.File(name: "configs/" + $0, text: try ShippedFiles.text($0)) },
            environment: [:])
    }

    @Test func `the reference is what the table of keys says`() throws {
        if ShippedFiles.environment["TSRELAY_WRITE_REFERENCE"] == "1" {
            try ShippedFiles.write(ReferenceText.text, to: "reference.ini")
        }
        #expect(try ShippedFiles.text("reference.ini") == ReferenceText.text)
    }

    @Test func `every shipped file is known to these tests`() {
        #expect(ShippedFiles.names.count >= 23)
        for name in ShippedFiles.names {
            let folder = String(name.prefix { $0 != "/" })
            #expect(ShippedFileTests.intended[name] != nil || ShippedFileTests.shapes.contains(folder), "\(name)")
        }
    }

    @Test(arguments: ShippedFiles.names)
    func `a shipped file passes with the warnings that are meant`(name: String) throws {
        let (configuration, diagnostics) = ConfigurationFile.load(
            text: try ShippedFiles.text(name), fileName: name, environment: [:])
        #expect(configuration != nil, "\(diagnostics)")
        let expected = ShippedFileTests.intended[name] ?? []
        #expect(diagnostics.count == expected.count, "\(diagnostics)")
        for (diagnostic, part) in zip(diagnostics, expected) {
            #expect(diagnostic.message.contains(part), "\(diagnostic)")
        }
    }

    @Test(arguments: shapes)
    func `a shape's files fit together`(shape: String) throws {
        let names = ShippedFiles.names.filter { $0.hasPrefix(shape + "/") }
        #expect(!names.isEmpty)
        let report = try ShippedFileTests.report(shape)
        #expect(report.diagnostics.isEmpty, "\(report.diagnostics)")
        if names.count > 1 {
            let tree = report.explanation.drop { $0 != "The tree:" }.joined(separator: "\n")
            for name in names { #expect(tree.contains(name.dropFirst(shape.count + 1)), "\(tree)") }
            #expect(!tree.contains("not among these files"), "\(tree)")
        }
    }

    @Test func `the nodes of the largest shape hang together as their names say`() throws {
        let tree = try ShippedFileTests.report("5-tree").explanation.drop { $0 != "The tree:" }.dropFirst()
        #expect(
            Array(tree) == [
                "  studio.ini",
                "  ├─ TCP 198.51.100.10:55000  region-a.ini  viewers: WebSocket 56001",
                "  │  ├─ TCP 198.51.100.11:55001  edge-a1.ini  viewers: WebSocket 56001",
                "  │  └─ TCP 198.51.100.12:55001  edge-a2.ini  viewers: WebSocket 56001",
                "  └─ TCP 203.0.113.10:55000  region-b.ini  viewers: WebSocket 56001",
                "     ├─ TCP 203.0.113.11:55001  edge-b1.ini  viewers: WebSocket 56001",
                "     └─ TCP 203.0.113.12:55001  edge-b2.ini  viewers: WebSocket 56001",
            ])
    }

    @Test func `the reference with every comment taken off a key has no bad form`() throws {
        let reference = try ShippedFiles.text("reference.ini")
        let lines = reference.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasPrefix("#") && !line.hasPrefix("# ") && !line.hasPrefix("##")
                ? String(line.dropFirst()) : String(line)
        }
        let (configuration, diagnostics) = load(lines.joined(separator: "\n"))
        #expect(configuration != nil, "\(diagnostics)")
        var plain = configuration
        let (bare, _) = load(reference)
        // Lines differ where sections were commented out; what the node does must not.
        plain?.ingests[0].line = bare?.ingests[0].line ?? 0
        plain?.viewers[0].line = bare?.viewers[0].line ?? 0
        plain?.app.threads = nil
        #expect(plain == bare)
    }

    @Test func `the first generation's demo means what it meant`() throws {
        let normal = try #require(load(try ShippedFiles.text("first-generation/normal.ini")).configuration)
        #expect(normal.app.runMode == .normal)
        #expect(normal.app.monitorURL == "http://localhost:50000/monitor")
        #expect(normal.ingests.map(\.kind) == [.tcp])
        #expect(normal.ingests.map(\.port) == [50_001])
        #expect(normal.ingests[0].secret == nil)
        #expect(normal.viewers.isEmpty)
        #expect(normal.dispatches.map(\.kind) == [.udp])
        #expect(
            normal.dispatches[0].children == [
                .init(host: "127.0.0.1", port: 55_001), .init(host: "127.0.0.1", port: 55_002),
            ])
        #expect(normal.authority == nil)
        for (name, port) in [("extra1", UInt16(55_001)), ("extra2", 55_002)] {
            let extra = try #require(load(try ShippedFiles.text("first-generation/\(name).ini")).configuration)
            #expect(extra.app.runMode == .extra)
            #expect(extra.ingests.map(\.kind) == [.udp])
            #expect(extra.ingests.map(\.port) == [port])
            #expect(extra.viewers.map(\.tier) == [.webSocket])
            #expect(extra.viewers.map(\.port) == [port + 1_000])
            #expect(extra.dispatches.isEmpty)
        }
        let names = ["extra1", "extra2", "normal"].map { "first-generation/\($0).ini" }
        let report = CheckReport(
            files: try names.map { CheckReport.File(name: $0, text: try ShippedFiles.text($0)) }, environment: [:])
        #expect(report.exitCode(isStrict: false) == 0)
        #expect(!report.diagnostics.contains { $0.message.contains("none of the given files") })
    }

    @Test func `the first generation's template filters its encoder on the TCP tier`() throws {
        let template = try #require(load(try ShippedFiles.text("first-generation/template.ini")).configuration)
        #expect(template.viewers.map(\.tier) == [.tcp])
        #expect(template.viewers[0].filter?.contains(.loopbackIPv4) ?? false)
        #expect(template.viewers[0].streams == .one(.main))
        #expect(template.dispatches.isEmpty)
        #expect(template.authority == nil)
    }

    @Test func `the template with nothing filled in is refused for its RunMode`() throws {
        let text = try ShippedFiles.text("first-generation/template.ini").replacing(
            "RunMode = normal", with: "RunMode = ")
        let (configuration, diagnostics) = load(text)
        #expect(configuration == nil)
        #expect(
            diagnostics.filter { $0.severity == .error }.map(\.message) == [
                "RunMode is missing in [app]: normal, extra or monitor"
            ])
    }
}
