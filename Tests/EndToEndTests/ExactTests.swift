import TestSupport
import Testing

extension EndToEnd {
    /// The bytes that come out are the bytes that went in.
    @Suite struct ExactTests {
        private static let gateOff = "[stream]\nGate = off\n"

        @Test(arguments: Samples.Kind.allCases)
        func `every kind of viewer and a grandchild two hops down get packet for packet what went in`(
            _ kind: Samples.Kind
        ) throws {
            try Stage.run { stage in
                let sample = try Samples.bytes(kind)
                let leaf = try stage.relay(
                    NodeFile.extra(more: Self.gateOff), listeners: 3, name: "leaf")
                let middle = try stage.relay(
                    NodeFile.extra(children: [try leaf.pushPort()], more: Self.gateOff), listeners: 3, name: "middle")
                let first = try stage.relay(
                    NodeFile.first(children: [try middle.pushPort()], more: Self.gateOff), listeners: 3, name: "first")
                let viewers = [
                    ("TCP", try stage.tcp(port: try first.watchPort("tcp"))),
                    ("HTTP/1.1", try stage.http(port: try first.watchPort("http"))),
                    ("HTTP/1.0", try stage.http(port: try first.watchPort("http"), version: "1.0")),
                    ("WebSocket", try stage.webSocket(port: try first.watchPort("http"), protocols: "null")),
                    ("WebSocket of the grandchild", try stage.webSocket(port: try leaf.watchPort("http"))),
                    ("TCP of the grandchild", try stage.tcp(port: try leaf.watchPort("tcp"))),
                ]
                let sender = try stage.send(sample, port: try first.pushPort(), bytesPerSecond: 2_000_000)
                try sender.waitUntilSent(within: 20)

                let reference = TransportPackets(sample)
                for (name, viewer) in viewers {
                    let verdict = viewer.verdict(against: reference, within: 6)
                    if kind == .lostBytes || kind == .midPacketStart {
                        // Where sync was lost, two readers may differ about the packets that the damage tore.
                        #expect(
                            verdict.unknown <= 2 && verdict.missing <= 6 && verdict.outOfOrder == 0,
                            "\(name): \(verdict)")
                    } else {
                        #expect(verdict.isExact, "\(name): \(verdict)")
                    }
                    #expect(verdict.notReached <= 2, "\(name): \(verdict)")
                    #expect(verdict.firstPacket <= Self.firstStart(reference), "\(name): \(verdict)")
                }
            }
        }

        /// The packet with which the first picture, or sound where there is none, that decoding can start at begins.
        private static func firstStart(_ packets: TransportPackets) -> Int {
            let video = packets.videoPID
            for index in 0..<packets.count where packets.isRandomAccess(index) {
                if video == nil || packets.pid(index) == video { return index }
            }
            return packets.count
        }

        @Test(arguments: ["POST", "PUT"], [StreamSender.Body.chunked, .length, .untilClose])
        func `an HTTP body arrives whole, is answered at its end and not before`(
            _ method: String, _ body: StreamSender.Body
        ) throws {
            try Stage.run { stage in
                let sample = try Samples.bytes(.mpeg1MP2)
                let relay = try stage.relay(
                    NodeFile.first(["HTTP"], secret: "s3cret"), listeners: NodeFile.listeners())
                let viewer = try stage.tcp(port: try relay.watchPort("tcp"))
                let sender = try stage.send(
                    sample, port: try relay.pushPort(), form: .http(method: method, path: "/s3cret", body: body),
                    bytesPerSecond: 2_000_000)
                try sender.waitUntilSent(within: 20)
                #expect(try sender.answer(within: 5).status == 200)
                let verdict = viewer.verdict(against: TransportPackets(sample), within: 5)
                #expect(verdict.isExact && verdict.notReached == 0, "\(verdict)")
            }
        }

        @Test(arguments: [1316, 1472, 188, 65_000])
        func `datagrams of any size arrive whole`(_ datagram: Int) throws {
            try Stage.run { stage in
                let sample = try Samples.bytes(.mpeg1MP2)
                let relay = try stage.relay(
                    NodeFile.first(["UDP"], more: "[stream]\nGate = off\n"), listeners: NodeFile.listeners())
                let viewer = try stage.tcp(port: try relay.watchPort("tcp"))
                let sender = try stage.send(
                    sample, port: try relay.pushPort(), form: .udp(datagram: datagram), bytesPerSecond: 1_000_000)
                try sender.waitUntilSent(within: 20)
                let verdict = viewer.verdict(against: TransportPackets(sample), within: 5)
                #expect(verdict.isExact && verdict.notReached <= 7, "\(verdict)")
            }
        }

        @Test func `a child by UDP gets datagrams of whole packets, 1316 bytes at most`() throws {
            try Stage.run { stage in
                let sample = try Samples.bytes(.mpeg1MP2)
                let child = UDPSource(try RawSocket.datagrams())
                let port = try child.socket.localPort
                let collector = stage.collect(child)
                let relay = try stage.relay(
                    NodeFile.first(children: [port], childProtocol: "UDP"), listeners: NodeFile.listeners())
                let sender = try stage.send(sample, port: try relay.pushPort(), bytesPerSecond: 500_000)
                try sender.waitUntilSent(within: 20)
                let verdict = collector.verdict(against: TransportPackets(sample), within: 5)
                collector.stop()
                #expect(verdict.isExact && verdict.notReached == 0, "\(verdict)")
                #expect(child.sizes.allSatisfy { $0 <= 1316 && $0 % 188 == 0 && $0 > 0 })
            }
        }
    }
}

extension Collector {
    /// Waits until the reference's last packet is there, as long as it may take, and judges what came.
    func verdict(against reference: TransportPackets, within seconds: Double) -> TransportStreamJudge {
        let last = Array(reference[reference.count - 1])
        let deadline = Deadline(seconds)
        while true {
            let now = received
            if now.suffix(last.count).elementsEqual(last) || deadline.hasPassed {
                let verdict = TransportStreamJudge(TransportPackets(now), reference)
                if verdict.notReached == 0 || deadline.hasPassed { return verdict }
            }
            letPass(seconds: 0.01)
        }
    }
}
