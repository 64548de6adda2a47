import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// A node under valgrind's memcheck: what it does wrong with memory, and what it has lost when it ends.
    @Suite struct MemcheckTests {
        private static let words = [
            "--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite", "--error-exitcode=9",
        ]

        @Test(.disabled(if: isSanitized, "a sanitizer does not run under valgrind"))
        func `a node with viewers that come and go does no wrong and loses no memory`() throws {
            try Stage.run { stage in
                let child = try stage.relay(NodeFile.extra(), listeners: NodeFile.listeners())
                let file = try stage.folder.write(
                    "memcheck.ini", NodeFile.first(["TCP", "HTTP"], children: [try child.pushPort()]))
                let log = stage.folder.file("memcheck.txt")
                let node = stage.keep(
                    try ChildProcess(
                        "valgrind",
                        MemcheckTests.words + ["--log-file=" + log, try RelayProcess.executable, "--config", file],
                        environment: ["TSRELAY_APP_THREADS": "2"]))
                _ = try node.waitForLine("it has started", within: 60) { $0.contains(" node.started ") }
                let addresses = node.output.flatMap(RelayProcess.addresses(in:))
                let push = try #require(addresses.first { $0.use == .push && $0.scheme == "tcp" }?.port)
                let web = try #require(addresses.first { $0.use == .watch && $0.scheme == "http" }?.port)
                let bare = try #require(addresses.first { $0.use == .watch && $0.scheme == "tcp" }?.port)
                // Slow enough for a debug build, a hundred times slower yet; MPEG-1 would be read to its last bit.
                let sender = try stage.send(
                    try Samples.bytes(.h264AAC), port: push, bytesPerSecond: 40_000, loops: 1000)
                for round in 0..<3 {
                    let viewers = try (0..<3).flatMap { _ in
                        [
                            stage.collect(try WebSocketClient.open(port: web, within: 60)),
                            stage.collect(try HTTPSource.open(port: web, within: 60)),
                            try stage.tcp(port: bare),
                        ]
                    }
                    for viewer in viewers { try viewer.waitForBytes(4000, within: 60) }
                    // Those of the last round stay to the end.
                    if round < 2 { for viewer in viewers { viewer.stop() } }
                }
                _ = try HTTPSource.open(port: web, path: "/live/main.json", within: 60)
                node.signal(SIGTERM)
                let exit = try node.waitForExit(within: 60)
                let told = try Files.text(log)
                #expect(exit == .code(0), "\(told)")
                #expect(told.contains("ERROR SUMMARY: 0 errors"), "\(told)")
                let isNothingLost =
                    told.contains("definitely lost: 0 bytes in 0 blocks") || told.contains("All heap blocks were freed")
                #expect(isNothingLost, "\(told)")
                sender.stop()
            }
        }
    }
}
