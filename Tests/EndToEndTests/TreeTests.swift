import TestSupport
import Testing

extension EndToEnd {
    /// Nodes that die and come back.
    @Suite struct TreeTests {
        private static let kills = isLongRun ? 20 : 4
        private static let awaySeconds = isLongRun ? 120.0 : 12.0

        @Test func `the middle node is killed again and again, and the leaf's viewers stay and see on`() throws {
            try Stage.run { stage in
                let leaf = try stage.relay(NodeFile.extra(), listeners: 3, name: "leaf")
                let middleFile = { (port: Int) throws in
                    NodeFile.extra(port: port, children: [try leaf.pushPort()])
                }
                var middle = try stage.relay(try middleFile(0), listeners: 3, name: "middle")
                let middlePort = try middle.pushPort()
                let first = try stage.relay(NodeFile.first(children: [middlePort]), listeners: 3, name: "first")
                _ = try stage.ffmpeg(to: "tcp://127.0.0.1:\(try first.pushPort())")
                let port = try leaf.watchPort("http")
                let viewer = try stage.webSocket(port: port)
                let tcp = try stage.tcp(port: try leaf.watchPort("tcp"))
                let page = try stage.jsmpeg("ws://127.0.0.1:\(port)/")
                try page.waitForMotion(within: 20)

                var times: [Double] = []
                for _ in 0..<Self.kills {
                    middle.process.kill()
                    letPass(seconds: 1)
                    let back = monotonicSeconds()
                    middle = try stage.relay(try middleFile(middlePort), listeners: 3, name: "middle")
                    let before = viewer.receivedCount
                    try waitUntil("bytes reach the leaf", within: 8) { viewer.receivedCount > before }
                    try page.waitForPictures(3, within: 8)
                    times.append(monotonicSeconds() - back)
                    try page.waitForPictures(25, within: 8)
                }
                print("kills: the picture was back after \(times.map { Int($0 * 1000) }) ms")
                #expect(times.allSatisfy { $0 <= (isSanitized ? 5 : 2.5) }, "\(times)")
                let state = try page.state()
                #expect(state.opens == 1 && state.closeCodes.isEmpty && state.errors.isEmpty, "\(state)")
                #expect(!viewer.hasEnded && !tcp.hasEnded)
            }
        }

        @Test func `while the parent is away nobody is dropped and memory is flat`() throws {
            try Stage.run { stage in
                let leaf = try stage.relay(NodeFile.extra(), listeners: 3, name: "leaf")
                let parentFile = NodeFile.first(children: [try leaf.pushPort()])
                let parent = try stage.relay(parentFile, listeners: 3, name: "parent")
                let sender = try stage.ffmpeg(to: "tcp://127.0.0.1:\(try parent.pushPort())")
                let port = try leaf.watchPort("http")
                let viewers = try (0..<20).map { _ in try stage.webSocket(port: port) }
                for viewer in viewers { try viewer.waitForBytes(50_000, within: 15) }
                parent.process.kill()
                sender.kill()
                letPass(seconds: 2)
                let before = leaf.process.residentBytes
                letPass(seconds: Self.awaySeconds)
                let after = leaf.process.residentBytes
                #expect(viewers.allSatisfy { !$0.hasEnded })
                if !isSanitized { #expect(after - before < 2 << 20, "grown by \(after - before)") }

                let again = try stage.relay(parentFile, listeners: 3, name: "parent")
                _ = try stage.ffmpeg(to: "tcp://127.0.0.1:\(try again.pushPort())")
                for viewer in viewers { try viewer.waitForMore(20_000, within: 10) }
            }
        }
    }
}
