import TestSupport
import Testing

extension EndToEnd {
    /// A node that may open no more descriptors: those who are served stay, the next ones are closed, and room comes back.
    @Suite struct DescriptorTests {
        private static let fullSeconds = 3.0

        @Test func `without descriptors the node stays, idles, loses nothing for its viewers and takes the next one`()
            throws
        {
            try Stage.run { stage in
                let relay = try stage.relay(NodeFile.first(["TCP"]), listeners: NodeFile.listeners())
                let port = try relay.watchPort("http")
                let reference = try ReferenceStream.made(seconds: 8, kilobits: 1000)
                // At half its speed: what serving costs a debug build is not the question here.
                let sender = try stage.send(
                    reference, port: try relay.pushPort("tcp"), bytesPerSecond: Double(reference.count) / 16, loops: 10)
                let early = try (0..<3).map { _ in try stage.webSocket(port: port) }
                for viewer in early { try viewer.waitForBytes(30_000, within: 15) }
                let limit = relay.process.openDescriptors + 4
                let tool = stage.keep(
                    try ChildProcess("prlimit", ["--pid", "\(relay.process.pid)", "--nofile=\(limit):\(limit)"]))
                #expect(try tool.waitForExit(within: 5) == .code(0), "\(tool.text)")

                var last: [WebSocketClient] = []
                while last.count < 16, let client = try? WebSocketClient.open(port: port) { last.append(client) }
                #expect((1..<16).contains(last.count), "\(last.count) more for 4 descriptors")
                let begin = monotonicSeconds()
                let before = relay.process.cpuSeconds
                var refused = 0
                while monotonicSeconds() - begin < DescriptorTests.fullSeconds {
                    let socket = try RawSocket.connect(port: port)
                    _ = try? socket.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                    if let end = try? socket.receiveToEnd(within: 1), end.bytes.isEmpty { refused += 1 }
                    socket.close()
                    letPass(seconds: 0.05)
                }
                let seconds = monotonicSeconds() - begin
                let share = (relay.process.cpuSeconds - before) / seconds
                last.removeLast().close()
                let left = monotonicSeconds()
                try waitUntil("there is room again", within: 5) { (try? WebSocketClient.open(port: port)) != nil }
                let back = monotonicSeconds() - left
                print(
                    "descriptors: \(refused) closed in \(seconds) s, processor \(share * 100) %, back after \(back) s")
                #expect(refused > 5 && relay.process.isRunning && relay.log.contains("descriptors.exhausted"))
                if !isSanitized { #expect(share < 0.1) }
                #expect(back < 1)
                #expect(sender.failureText == nil)
                let whole = Array(repeatElement(reference, count: 4).joined())
                for viewer in early {
                    try viewer.waitForMore(10_000, within: 5)
                    let verdict = TransportStreamJudge(received: viewer.received, reference: whole)
                    #expect(verdict.isExact && !viewer.hasEnded, "\(verdict)")
                }
            }
        }
    }
}
