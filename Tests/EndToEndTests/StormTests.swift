import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Whatever order publishers, viewers and children come and go in, on however many loops, the node is as it was.
    @Suite struct StormTests {
        private static let seconds = isLongRun ? 180.0 : 2.0
        private static let loops = 4
        private static let names = (0..<(isLongRun ? 50 : 12)).map { "app\($0 % 3)/s\($0)" }

        @Test func `after a storm every stream arrives whole, and a stop in the next one is in time`() throws {
            try Stage.run { stage in
                let bytes = try Samples.bytes(.h264AAC)
                let (relay, ports) = try Self.node(stage)
                let before = relay.process.openDescriptors
                var storm = Storm(seed: 1, ports: ports, bytes: bytes, names: Self.names)
                let end = Deadline(Self.seconds)
                storm.blow { end.hasPassed || !relay.process.isRunning }
                storm.calm()
                print("storm: \(storm.clientCount) clients, answers \(storm.answers)")
                #expect(storm.clientCount > 100)
                for status in ["200", "404", "101"] {
                    #expect(storm.answers["HTTP/1.1 \(status)"] ?? 0 > 0, "the storm never came so far")
                }

                try waitUntil("every stream has ended", within: 30) {
                    try Self.names.allSatisfy {
                        try HTTPClient.request(port: ports.web, path: "/\($0).json").status == 404
                    }
                }
                // libuv keeps one more on each loop from its first connection on.
                try waitUntil("the descriptors are back", within: 20) {
                    relay.process.openDescriptors <= before + Self.loops
                }
                for start in stride(from: 0, to: Self.names.count, by: 6) {
                    try Self.expectWhole(Self.names[start..<min(start + 6, Self.names.count)], stage, ports, bytes)
                }

                var next = Storm(seed: 2, ports: ports, bytes: bytes, names: Self.names)
                let moment = Deadline(0.5)
                next.blow { moment.hasPassed }
                let stopped = monotonicSeconds()
                relay.process.signal(SIGTERM)
                next.blow { !relay.process.isRunning || monotonicSeconds() - stopped > 10 }
                let took = monotonicSeconds() - stopped
                next.calm()
                #expect(try relay.process.waitForExit(within: 1) == .code(0))
                #expect(took < 5, "the stop took \(took) s")
            }
        }

        /// A node with a way in of each kind and two children that are away, on four loops.
        private static func node(_ stage: Stage) throws -> (RelayProcess, Storm.Ports) {
            let children = try (0..<2).map { _ in try RawSocket.listen().localPort }
            let relay = try stage.relay(
                NodeFile.first(["HTTP", "TCP", "UDP"], children: children, more: "[stream]\nGrace = 200ms\n"),
                listeners: NodeFile.listeners(3), environment: ["TSRELAY_APP_THREADS": "\(loops)"])
            let ports = Storm.Ports(
                http: try relay.pushPort("http"), tcp: try relay.pushPort("tcp"), udp: try relay.pushPort("udp"),
                web: try relay.watchPort("http"), watch: try relay.watchPort("tcp"), children: children)
            return (relay, ports)
        }

        /// Publishes each of the streams once, and holds viewers of all loops against what was sent.
        private static func expectWhole(
            _ names: ArraySlice<String>, _ stage: Stage, _ ports: Storm.Ports, _ bytes: [UInt8]
        ) throws {
            let reference = TransportPackets(bytes)
            let senders = try names.map { name in
                try stage.send(
                    bytes, port: ports.http, form: .http(method: "POST", path: "/\(name)", body: .chunked),
                    bytesPerSecond: 450_000)
            }
            let viewers = try names.flatMap { name in
                try (0..<4).map { _ in
                    (name, stage.collect(try LoopsTests.patientSource(port: ports.web, path: "/\(name).ts")))
                }
            }
            for (name, sender) in zip(names, senders) {
                try sender.waitUntilSent(within: 30)
                #expect(try sender.answer(within: 5).status == 200, "\(name)")
            }
            for (name, viewer) in viewers {
                let verdict = viewer.verdict(against: reference, within: 6)
                #expect(verdict.isExact && verdict.notReached <= 2, "\(name): \(verdict)")
            }
        }
    }
}
