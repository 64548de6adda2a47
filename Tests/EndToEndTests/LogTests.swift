import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Where a node's log lines go, and that nobody outside can forge one.
    @Suite struct LogTests {
        private static let hello = ["push: ", "watch: ", "parent: "]

        /// Lines of stderr: all but what the node prints for people at its start.
        private static func log(_ node: RelayProcess) -> [String] {
            node.process.output.filter { line in !hello.contains { line.hasPrefix($0) } }
        }

        @Test func `with Format json every line is an object, warnings and refusals too`() throws {
            try Stage.run { stage in
                let more = "[log]\nFormat = json\nLevel = debug\n[authority]\nIps = 10.0.0.1\n"
                let file = NodeFile.first(["HTTP"], secret: "sesame", more: more)
                let node = try stage.relay(
                    file.replacing("Name = test", with: "Name = te\u{202e}s\"t"), listeners: NodeFile.listeners())
                let port = try node.pushPort()
                for path in ["/\"}\u{1b}[2J", "/a%0d%0a%22%7d", "/%e2%80%ae", "/wrong"] {
                    let socket = try RawSocket.connect(port: port)
                    try socket.send("POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
                    _ = try socket.receiveToEnd(within: 5)
                }
                try waitUntil("a refusal is in the log", within: 10) {
                    LogTests.log(node).contains { $0.contains("\"event\":\"publisher.refused\"") }
                }
                #expect(try node.terminate() == .code(0))
                let events = try LogTests.log(node).map { line in
                    let object = try JSONValue(parsing: line)
                    #expect(object["time"].string?.hasSuffix("Z") == true && object["level"].string != nil, "\(line)")
                    #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202e }, "\(line)")
                    return object["event"].string ?? ""
                }
                for event in ["configuration.doubt", "node.started", "publisher.refused", "node.stopped"] {
                    #expect(events.contains(event), "\(events)")
                }
            }
        }

        @Test func `with Format json a node that cannot start says so in JSON`() throws {
            try Stage.run { stage in
                let first = try stage.relay(NodeFile.first(), listeners: NodeFile.listeners())
                let text =
                    NodeFile.head + "[backstream]\nProtocol = TCP\nBind = 127.0.0.1\nPort = \(try first.pushPort())\n"
                    + "[custom]\n" + NodeFile.anyPort + "[log]\nFormat = json\n"
                let second = stage.keep(try RelayProcess.spawn(["-c", try stage.folder.write("second.ini", text)]))
                #expect(try second.waitForExit(within: 5) == .code(1))
                let objects = try second.output.map { try JSONValue(parsing: $0) }
                #expect(objects.last?["event"].string == "node.failed", "\(second.text)")
                #expect(objects.last?["why"].string?.contains("is in use") == true, "\(second.text)")
            }
        }

        @Test(arguments: ["text", "json"])
        func `after USR1 the lines go to the new file`(_ format: String) throws {
            try Stage.run { stage in
                let file = stage.folder.file("node.log")
                let node = try stage.relay(
                    NodeFile.first(more: "[log]\nFormat = \(format)\nFile = \(file)\n"), listeners: NodeFile.listeners()
                )
                try waitUntil("the node logs to its file", within: 10) {
                    try Files.exists(file) && Files.text(file).contains("node.started")
                }
                try FileManager.default.moveItem(atPath: file, toPath: file + ".1")
                node.process.signal(SIGUSR1)
                try waitUntil("there is a new file", within: 10) {
                    try Files.exists(file) && Files.text(file).contains("log.reopened")
                }
                #expect(try node.terminate() == .code(0))
                let (old, new) = (try Files.text(file + ".1"), try Files.text(file))
                #expect(!old.contains("node.stopped") && new.contains("node.stopped"))
                #expect(!new.contains("node.started"))
                #expect(LogTests.log(node).isEmpty, "\(node.log)")
                if format == "json" {
                    for line in (old + new).split(separator: "\n") { _ = try JSONValue(parsing: String(line)) }
                }
            }
        }

        @Test func `USR1 without a file is said and changes nothing`() throws {
            try Stage.run { stage in
                let node = try stage.relay(NodeFile.first(), listeners: NodeFile.listeners())
                node.process.signal(SIGUSR1)
                _ = try node.process.waitForLine("the signal is told", within: 5) {
                    $0.contains(" signal.ignored signal=SIGUSR1 ")
                }
            }
        }
    }
}
