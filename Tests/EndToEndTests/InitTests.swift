import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// `tsrelay init`, and the nodes of its files.
    @Suite struct InitTests {
        private static func run(_ words: [String], _ exit: Int32 = 0) throws -> String {
            let process = try RelayProcess.spawn(words)
            defer { process.kill() }
            #expect(try process.waitForExit(within: 10) == .code(exit), "\(words) \(process.text)")
            return process.text
        }

        @Test func `three roles make a tree that check draws without a warning`() throws {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            let calls = [
                ("studio", ["--role", "origin", "--children", "192.0.2.20", "--name", "studio"]),
                (
                    "region",
                    ["--role", "middle", "--parent", "192.0.2.10", "--children", "192.0.2.30:55002", "192.0.2.31"]
                ),
                ("edge-a", ["--role=edge", "--parent=192.0.2.20", "--port=55002"]),
                ("edge-b", ["--role", "edge", "--parent", "192.0.2.20"]),
            ]
            for (name, words) in calls {
                #expect(try InitTests.run(["init"] + words + ["--output", folder.file(name + ".ini")]).isEmpty)
            }
            let text = try InitTests.run(["check", "--strict"] + calls.map { folder.file($0.0 + ".ini") })
            #expect(
                text.hasSuffix(
                    """
                    The tree:
                      studio.ini  viewers: WebSocket 56001
                      └─ TCP 192.0.2.20:55001  region.ini  viewers: WebSocket 56001
                         ├─ TCP 192.0.2.30:55002  edge-a.ini  viewers: WebSocket 56001
                         └─ TCP 192.0.2.31:55001  edge-b.ini  viewers: WebSocket 56001
                    """), "\(text)")
        }

        @Test func `a tree of its files carries a stream`() throws {
            try Stage.run { stage in
                let any = ["--port", "0", "--viewers", "0", "--output"]
                func node(_ name: String, _ words: [String]) throws -> RelayProcess {
                    let file = stage.folder.file(name + ".ini")
                    _ = try InitTests.run(["init", "--role"] + words + any + [file])
                    _ = try InitTests.run(["check", "--strict", file])
                    return try stage.relay(file: file, listeners: 2, name: name)
                }
                let edge = try node("edge", ["edge", "--parent", "127.0.0.1"])
                let middle = try node("middle", ["middle", "--children", "127.0.0.1:\(try edge.pushPort())"])
                let origin = try node("origin", ["origin", "--children", "localhost:\(try middle.pushPort())"])
                let viewers = try [origin, middle, edge].map { try stage.http(port: try $0.watchPort("http")) }
                let sample = try Samples.bytes(.mpeg1MP2)
                _ = try stage.send(sample, port: try origin.pushPort(), bytesPerSecond: 200_000, loops: 20)
                for viewer in viewers { try viewer.waitForBytes(200_000, within: 20) }
            }
        }

        @Test func `a file that is there is not written over`() throws {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            let file = try folder.write("node.ini", "mine")
            #expect(try InitTests.run(["init", "--role", "edge", "-o", file], 1).contains("EEXIST"))
            #expect(try Files.text(file) == "mine")
        }

        @Test func `without a file it goes to stdout`() throws {
            let text = try InitTests.run(["init", "--role", "origin"])
            #expect(text.hasPrefix("# A node of tsrelay") && text.contains("RunMode = normal"))
        }

        @Test(
            arguments: [
                [], ["--role"], ["--role", "leaf"], ["--role", "middle"], ["--role", "edge", "--children", "a"],
                ["--role", "origin", "--parent", "192.0.2.1"], ["--role", "edge", "--parent", "studio"],
                ["--role", "edge", "--role", "edge"], ["--role", "edge", "--port", "x"],
                ["--role", "edge", "node.ini"],
                ["--role", "edge", "--name", "a\nb"], ["--role", "middle", "--children", "a:0"],
            ])
        func `a wrong call is told and writes nothing`(_ words: [String]) throws {
            let text = try InitTests.run(["init"] + words, 2)
            #expect(text.hasPrefix("tsrelay: ") && text.contains("see tsrelay --help"), "\(text)")
        }
    }
}
