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
    }
}
