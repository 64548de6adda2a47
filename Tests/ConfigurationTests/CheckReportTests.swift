import Testing

@testable import Configuration

@Suite struct CheckReportTests {
    static func parent(_ children: String, port: Int = 50_001) -> String {
        "[app]\nRunMode = normal\n[backstream]\nProtocol = TCP\nBind = 127.0.0.1\nPort = \(port)\n[dispatch]\n"
            + children
    }

    static func child(_ kind: String, _ port: Int, bind: String = "127.0.0.1", viewers: Int) -> String {
        "[app]\nRunMode = extra\n[pushstream]\nProtocol = \(kind)\nBind = \(bind)\nPort = \(port)\n[custom]\n"
            + "Port = \(viewers)"
    }

    private static func report(_ files: (String, String)...) -> CheckReport {
        CheckReport(files: files.map { CheckReport.File(name: $0.0, text: $0.1) }, environment: [:])
    }

    @Test func `a tree is drawn`() {
        let report = CheckReportTests.report(
            (
                "top.ini",
                CheckReportTests.parent("Protocol = UDP\nHosts = 127.0.0.1, 127.0.0.1\nPorts = 55001, 55002\n")
            ),
            ("a.ini", CheckReportTests.child("UDP", 55_001, viewers: 56_001)),
            (
                "b.ini",
                CheckReportTests.child("UDP", 55_002, viewers: 56_002)
                    + "\n[dispatch:c]\nProtocol=TCP\nHosts=192.0.2.9\nPorts=55003\n"
            ),
            (
                "c.ini",
                "[app]\nRunMode=extra\n[pushstream]\nPort=55003\n[authority]\nUse=1\nIps=192.0.2.1\n[custom]\nProtocol=TCP\n"
                    + "Port=1"
            ))
        #expect(report.diagnostics.isEmpty, "\(report.diagnostics)")
        #expect(
            report.explanation.suffix(5) == [
                "The tree:", "  top.ini", "  ├─ UDP 127.0.0.1:55001  a.ini  viewers: WebSocket 56001",
                "  └─ UDP 127.0.0.1:55002  b.ini  viewers: WebSocket 56002",
                "     └─ TCP 192.0.2.9:55003  c.ini  viewers: TCP 1",
            ])
    }

    @Test func `a child that no file listens for is a warning with the file and line of its parent`() {
        let report = CheckReportTests.report(
            (
                "top.ini",
                CheckReportTests.parent("Protocol = TCP\nHosts = 127.0.0.1, 127.0.0.1\nPorts = 55001, 55009\n")
            ),
            ("a.ini", CheckReportTests.child("UDP", 55_001, viewers: 56_001)))
        #expect(
            report.diagnostics.map(\.description) == [
                "top.ini:7: warning: none of the given files listens for the child TCP 127.0.0.1:55001 of [dispatch]; "
                    + "[pushstream] of a.ini takes UDP on that port",
                "top.ini:7: warning: none of the given files listens for the child TCP 127.0.0.1:55009 of [dispatch]: "
                    + "correct Hosts and Ports, or check its file too",
            ])
        #expect(report.exitCode(isStrict: false) == 0)
        #expect(report.exitCode(isStrict: true) == 1)
    }

    @Test func `one file's children are not judged`() {
        let report = CheckReportTests.report(
            ("top.ini", CheckReportTests.parent("Protocol = TCP\nHosts = 192.0.2.1\nPorts = 55001\n")))
        #expect(report.diagnostics.isEmpty)
        #expect(!report.explanation.contains("The tree:"))
        #expect(report.exitCode(isStrict: true) == 0)
    }

    @Test func `children are not judged while a file has errors`() {
        let report = CheckReportTests.report(
            ("top.ini", CheckReportTests.parent("Protocol = TCP\nHosts = 192.0.2.1\nPorts = 55001\n")), ("a.ini", "x"))
        #expect(report.diagnostics.map(\.file) == ["a.ini"])
        #expect(report.exitCode(isStrict: false) == 1)
    }

    @Test func `equal files on several machines are each a child`() {
        let one = "[app]\nRunMode=extra\n[pushstream]\nPort=55001\n[authority]\nUse=1\nIps=192.0.2.1\n[custom]\nPort=1"
        let report = CheckReportTests.report(
            ("top.ini", CheckReportTests.parent("Protocol=TCP\nHosts=192.0.2.2,192.0.2.3\nPorts=55001,55001\n")),
            ("a.ini", one), ("b.ini", one))
        #expect(report.diagnostics.isEmpty)
        #expect(report.explanation.last?.contains("192.0.2.3:55001  b.ini") ?? false)
        #expect(report.explanation.suffix(2).first?.contains("192.0.2.2:55001  a.ini") ?? false)
    }

    @Test func `a child is found by its name`() {
        let one = "[app]\nRunMode=extra\nName=NAME\n[pushstream]\nPort=55001\nBind=::1\n[custom]\nPort=1"
        let report = CheckReportTests.report(
            ("top.ini", CheckReportTests.parent("Protocol=TCP\nHosts=edge-b,edge-a\nPorts=55001,55001\n")),
            ("a.ini", one.replacing("NAME", with: "edge-a")), ("b.ini", one.replacing("NAME", with: "Edge-B")))
        #expect(report.diagnostics.isEmpty)
        #expect(report.explanation.suffix(2).first?.contains("edge-b:55001  b.ini") ?? false)
    }

    @Test func `nodes that feed one another are a warning and drawn once`() {
        func node(_ port: Int, _ next: Int) -> String {
            CheckReportTests.child("TCP", port, viewers: port + 100)
                + "\n[dispatch:next]\nProtocol=TCP\nHosts=127.0.0.1\nPorts=\(next)"
        }
        let report = CheckReportTests.report(("a.ini", node(1, 2)), ("b.ini", node(2, 3)), ("c.ini", node(3, 1)))
        #expect(
            report.diagnostics.map(\.description) == [
                "a.ini:9: warning: the nodes feed one another in a ring, a.ini -> b.ini -> c.ini -> a.ini: "
                    + "take one of these children out"
            ])
        #expect(report.explanation.last?.hasSuffix("a.ini  (as above)") ?? false)
    }

    @Test func `the environment's warnings are said once`() {
        let file = CheckReport.File(name: "a.ini", text: ConfigurationFileTests.small)
        let report = CheckReport(
            files: [file, CheckReport.File(name: "b.ini", text: file.text)], environment: ["TSRELAY_X": "1"])
        #expect(report.diagnostics.count == 1)
    }

    @Test func `a file that cannot be read is an error, and the others are read`() {
        let report = CheckReport(
            files: [
                CheckReport.File(name: "a.ini", text: "", unreadable: "no such file"),
                CheckReport.File(name: "b.ini", text: ConfigurationFileTests.small + "\nPrt = 1"),
            ], environment: [:])
        #expect(
            report.diagnostics.map(\.description) == [
                "a.ini: no such file", "b.ini:10: unknown key Prt in [custom]; did you mean Port?",
            ])
    }

    @Test func `drawings leave out the folder that all files share`() {
        let one = ConfigurationFileTests.small
        let names = ["/etc/a/x/1.ini", "/etc/a/x/2.ini", "/etc/a/y.ini"]
        let report = CheckReport(files: names.map { CheckReport.File(name: $0, text: one) }, environment: [:])
        #expect(report.tree.labels == ["x/1.ini", "x/2.ini", "y.ini"])
        #expect(CheckReport(files: [.init(name: "/etc/1.ini", text: one)], environment: [:]).tree.labels == ["1.ini"])
    }

    @Test func `a file's name cannot change the terminal`() {
        let report = CheckReportTests.report(("a\u{1b}[2J\u{202e} b.ini", "x"))
        let lines = report.diagnostics.map(\.description)
        #expect(lines.allSatisfy { $0.hasPrefix("a\\u{1b}[2J\\u{202e} b.ini:1: ") }, "\(lines)")
    }

    @Test func `no file is an empty report`() {
        let report = CheckReport(files: [], environment: [:])
        #expect(report.diagnostics.isEmpty && report.explanation.isEmpty)
    }
}
