import TestSupport
import Testing

extension EndToEnd {
    /// Strangers at the viewers' port of a node that has a stream and a viewer of it.
    @Suite struct HostileWebSocketTests {
        /// What the node may hold at any time beyond what it held before the first of them.
        static let moreBytesMax = 8 << 20
        private static let loops = 100

        private struct Scene {
            let relay: RelayProcess
            let witness: Collector
            let port: Int
            let descriptors: Int
            let residentBytes: Int

            init(_ stage: Stage) throws {
                let relay = try stage.relay(NodeFile.first(), listeners: NodeFile.listeners())
                let port = try relay.watchPort("http")
                let witness = try stage.webSocket(port: port)
                _ = try stage.send(
                    try Samples.bytes(.mpeg1MP2), port: try relay.pushPort(), bytesPerSecond: 300_000, loops: loops)
                try witness.waitForBytes(100_000, within: 10)
                // What all strangers touch.
                let crowd = try (0..<100).map { _ in try WebSocketClient.open(port: port) }
                let descriptors = relay.process.openDescriptors - crowd.count
                for client in crowd { client.close() }
                try waitUntil("the first hundred are gone", within: 5) { relay.process.openDescriptors == descriptors }
                (self.relay, self.port, self.witness, self.descriptors) = (relay, port, witness, descriptors)
                residentBytes = relay.process.residentBytes
            }

            /// A new viewer gets the stream.
            func expectServed() throws {
                let fresh: WebSocketClient
                do {
                    fresh = try WebSocketClient.open(port: port, within: 5)
                } catch {
                    throw TestFailure("a fresh client is not let in: \(error)")
                }
                defer { fresh.close() }
                guard let frame = try fresh.nextFrame(within: 5), frame.opcode == 2, frame.payload.first == 0x47 else {
                    throw TestFailure("a fresh client is not served")
                }
            }

            func expectDescriptorsBack(after what: String) throws {
                let process = relay.process
                try waitUntil("\(what): \(descriptors) descriptors, not \(process.openDescriptors)", within: 5) {
                    process.openDescriptors == descriptors
                }
            }

            func expectWitnessUntouched() throws {
                try witness.waitForMore(60_000, within: 10)
                let sample = try Samples.bytes(.mpeg1MP2)
                let pictures = PictureJudge(
                    received: witness.received, reference: (0..<loops).flatMap { _ in sample })
                #expect(pictures.allAreWhole && pictures.missing == 0 && !witness.hasEnded, "\(pictures)")
            }
        }

        @Test func `every hostile client gets what it deserves, and the next one is served`() throws {
            let cases = HostileWebSocket.all
            #expect(cases.count >= 150 && Set(cases.map(\.name)).count == cases.count, "\(cases.count)")
            try Stage.run { stage in
                let scene = try Scene(stage)
                for one in cases {
                    do {
                        let seen = try Stranger.meet(one, port: scene.port)
                        #expect(seen == one.sees, "\(one.name)")
                        try scene.expectServed()
                    } catch {
                        Issue.record("\(one.name): \(error)")
                    }
                    // One that stays open would be told again of every case that follows.
                    try scene.expectDescriptorsBack(after: one.name)
                    guard scene.relay.process.isRunning else { throw TestFailure("\(one.name) ended the node") }
                }
                let more = scene.relay.process.peakResidentBytes - scene.residentBytes
                #expect(more <= HostileWebSocketTests.moreBytesMax || isSanitized, "\(more) bytes more")
                try scene.expectWitnessUntouched()
                print("\(cases.count) hostile WebSocket clients: \(more / 1024) KiB more at most")
            }
        }

        @Test func `who never completes a request is told 408 after ten seconds, and gone`() throws {
            try Stage.run { stage in
                let scene = try Scene(stage)
                let strangers = try HostileConduct.slow.map { _ in try Stranger(port: scene.port) }
                defer { for stranger in strangers { stranger.socket.close() } }
                for (slow, stranger) in zip(HostileConduct.slow, strangers) { stranger.send(slow.bytes) }
                let begin = monotonicSeconds()
                var waiting = Array(strangers.indices)
                try waitUntil("all are told", within: 15) {
                    for index in waiting where HostileConduct.slow[index].drips { strangers[index].send([0x61]) }
                    try scene.expectServed()
                    waiting.removeAll { (try? strangers[$0].socket.isReadable(within: 0)) == true }
                    return waiting.isEmpty
                }
                #expect(monotonicSeconds() - begin > 9)
                for (slow, stranger) in zip(HostileConduct.slow, strangers) {
                    #expect(try stranger.look(expecting: .status(408)) == .status(408), "\(slow.name)")
                    stranger.socket.close()
                }
                try scene.expectDescriptorsBack(after: "slow requests")
                try scene.expectWitnessUntouched()
            }
        }
    }
}
