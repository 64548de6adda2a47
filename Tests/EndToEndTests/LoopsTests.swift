import TestSupport
import Testing

extension EndToEnd {
    /// One node on several cores.
    @Suite struct LoopsTests {
        @Test func `viewers of one port are spread over the loops`() throws {
            try Stage.run { stage in
                let relay = try stage.relay(
                    NodeFile.first(), listeners: NodeFile.listeners(), environment: ["TSRELAY_APP_THREADS": "2"])
                let port = try relay.watchPort("http")
                let viewers = try (0..<400).map { _ in try WebSocketClient.open(port: port) }
                let line = try relay.process.waitForLine("all viewers are in a status line", within: 25) {
                    $0.contains("stream.status") && $0.contains("viewers=400 ")
                }
                let word = try #require(line.split(separator: " ").first { $0.hasPrefix("by_loop=") })
                let shares = word.dropFirst("by_loop=".count).split(separator: "+").compactMap { Int($0) }
                #expect(shares.count == 2 && shares.reduce(0, +) == 400)
                // The kernel draws lots: fewer than 100 of 400 would be ten standard deviations off.
                #expect((shares.min() ?? 0) > 100, "\(shares)")
                withExtendedLifetime(viewers) {}
            }
        }

        @Test func `streams of one port are at home on all loops, and arrive whole from any to any`() throws {
            try Stage.run { stage in
                let sample = try Samples.bytes(.h264AAC)
                let relay = try stage.relay(
                    NodeFile.first(["HTTP"], more: "[stream]\nGate = off\n"), listeners: NodeFile.listeners(),
                    environment: ["TSRELAY_APP_THREADS": "3"])
                let (push, watch) = (try relay.pushPort(), try relay.watchPort("http"))
                let names = (0..<6).map { "live/cam\($0)" }
                let senders = try names.map { name in
                    try stage.send(
                        sample, port: push, form: .http(method: "POST", path: "/\(name)", body: .chunked),
                        bytesPerSecond: 200_000)
                }
                let viewers = try names.flatMap { name in
                    try (0..<4).map { _ in
                        (name, stage.collect(try Self.patientSource(port: watch, path: "/\(name).ts")))
                    }
                }
                let reference = TransportPackets(sample)
                for sender in senders { try sender.waitUntilSent(within: 30) }
                for (name, viewer) in viewers {
                    let verdict = viewer.verdict(against: reference, within: 6)
                    #expect(verdict.isExact && verdict.notReached <= 2, "\(name): \(verdict)")
                }
                let loops = try names.map { name in
                    let line = try relay.process.waitForLine("a status line of \(name)", within: 25) {
                        $0.contains("stream.status") && $0.contains("stream=\(name) ")
                    }
                    return try #require(line.split(separator: " ").first { $0.hasPrefix("loop=") })
                }
                #expect(Set(loops).count == 3, "\(loops)")
            }
        }

        /// A stream that a publisher has just begun may not be known yet.
        static func patientSource(port: Int, path: String) throws -> HTTPSource {
            let deadline = Deadline(5)
            while true {
                do {
                    return try HTTPSource.open(port: port, path: path)
                } catch  where !deadline.hasPassed {
                    continue
                }
            }
        }
    }
}
