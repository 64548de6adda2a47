import TestSupport
import Testing

extension EndToEnd {
    /// What a viewer takes of the node's memory.
    @Suite struct ViewerMemoryTests {
        /// Half more than was measured, 1,032 to 1,040 bytes of a debug build, whose objects are a release build's. The bar
        /// is 2 KiB with 4,000 viewers, who also pay for code that runs for the first time.
        private static let bytesPerViewerMax = 1536

        @Test func `an idle WebSocket viewer takes at most 1.5 KiB, and leaves nothing when it goes`() throws {
            guard !isSanitized else { return }  // a sanitizer's allocator keeps memory of its own for each object
            try Stage.run { stage in
                let relay = try stage.relay(
                    NodeFile.first(), listeners: NodeFile.listeners(), environment: ["TSRELAY_APP_THREADS": "1"])
                let port = try relay.watchPort("http")
                // The first viewers also pay for code and tables that are used for the first time.
                let first = try Self.open(100, port: port)
                let before = relay.process.residentBytes
                let second = try Self.open(500, port: port)
                let taken = (relay.process.residentBytes - before) / second.count
                #expect(taken <= Self.bytesPerViewerMax)

                try Self.leave(second, port: port, left: first.count)
                let third = try Self.open(500, port: port)
                let grown = (relay.process.residentBytes - before) / third.count
                print("memory: \(taken) bytes a viewer, \(grown) when as many have come again")
                #expect(grown <= Self.bytesPerViewerMax)
                try Self.leave(first + third, port: port, left: 0)
            }
        }

        private static func open(_ count: Int, port: Int) throws -> [WebSocketClient] {
            try (0..<count).map { _ in try WebSocketClient.open(port: port) }
        }

        private static func leave(_ viewers: [WebSocketClient], port: Int, left: Int) throws {
            for viewer in viewers { viewer.socket.close() }
            try waitUntil("\(left) viewers are left", within: 10) {
                let answer = try HTTPClient.request(port: port, path: "/live/main.json")
                return try JSONValue(parsing: answer.text)["viewers"].number == Double(left)
            }
        }
    }
}
