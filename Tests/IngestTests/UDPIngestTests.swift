import Configuration
import LoopIO
import ServiceSupport
import Streaming
import TestSupport
import Testing

@testable import Ingest

@Suite struct UDPIngestTests {
    private func makeWay(
        _ harness: ServiceHarness, allows: AddressList? = nil, limits: (inout IngestLimits) -> Void = { _ in }
    ) throws -> UDPIngest {
        var changed = IngestLimits()
        limits(&changed)
        return try UDPIngest(
            configuration: IngestConfiguration(
                section: "backstream", line: 1, kind: .udp, bind: .loopbackIPv4, port: 0),
            address: .loopbackIPv4, allowlist: Allowlist(allows), registry: harness.registry, logger: harness.logger,
            limits: changed)
    }

    /// A sender with a port of its own.
    private struct Sender {
        let socket: UDPSocket
        let target: SocketAddress

        init(_ harness: ServiceHarness, _ way: UDPIngest) throws {
            socket = try UDPSocket(loop: harness.loop, address: .loopbackIPv4)
            target = way.localAddress
        }

        func send(_ bytes: [UInt8], datagramBytes: Int = 1316) throws {
            let sent = try bytes.withUnsafeBytes {
                try socket.trySend($0, datagramBytes: datagramBytes, to: target)
            }
            #expect(sent == bytes.count)
        }
    }

    @Test(arguments: [1472, 1316, 188, 100, 19_000])
    func `datagrams of any size become the stream, bit for bit`(datagramBytes: Int) throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try makeWay(harness)
        defer { way.close() }
        let watcher = try harness.watch(try harness.registry.obtain(.main))
        var fixture = TransportStreamFixture()
        let sent = fixture.takeGroup(pictures: 20)
        let sender = try Sender(harness, way)
        try sender.send(sent, datagramBytes: datagramBytes)
        harness.expect { watcher.bytes.count == sent.count }
        #expect((watcher.bytes == sent) as Bool)
        #expect(way.counters.accepted == 1 && way.counters.datagramsIgnored == 0)
    }

    @Test func `a second sender is ignored, counted once and logged once, and comes in when the first is silent`()
        throws
    {
        let harness = try ServiceHarness { $0.streamDefaults.hold = .milliseconds(300) }
        defer { harness.close() }
        let way = try makeWay(harness)
        defer { way.close() }
        let stream = try harness.registry.obtain(.main)
        var fixture = TransportStreamFixture()
        let first = try Sender(harness, way)
        try first.send(fixture.takeGroup())
        harness.expect { stream.hasSource }
        let before = stream.status.packets
        let second = try Sender(harness, way)
        let refused = fixture.takeGroup()
        try second.send(refused)
        harness.expect { way.counters.datagramsIgnored == UInt64((refused.count + 1315) / 1316) }
        #expect(stream.status.packets == before && way.counters.refusedTaken == 1)
        #expect(harness.log("publisher.refused").count == 1 && stream.status.publishersRefused == 1)
        // The first is silent from here on.
        harness.rest(ms: 350)
        let taken = fixture.takeGroup()
        try second.send(taken)
        harness.expect { stream.status.packets == before + UInt64(taken.count / 188) }
        #expect(stream.status.sourceChanges == 1)
    }

    @Test func `datagrams of an address that may not send are ignored, with one line for a thousand`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try makeWay(harness, allows: try AddressList(parsing: ["10.0.0.1"]))
        defer { way.close() }
        var fixture = TransportStreamFixture()
        fixture.appendNullPacket()
        let packet = fixture.takeBytes()
        let sender = try Sender(harness, way)
        for _ in 0..<1000 { try sender.send(packet) }
        harness.expect { way.counters.datagramsIgnored == 1000 }
        #expect(way.counters.refusedAddress == 1 && harness.log("publisher.refused").count == 1)
        #expect(harness.registry.stream(.main) == nil)
    }

    @Test func `a flood of senders is a few lines`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try makeWay(harness) { $0.sendersMax = 2 }
        var fixture = TransportStreamFixture()
        let senders = try (0..<50).map { _ in try Sender(harness, way) }
        for sender in senders { try sender.send(fixture.takeGroup(), datagramBytes: 200) }
        harness.expect { way.counters.accepted + way.counters.refusedLimit + way.counters.refusedTaken >= 50 }
        // The first is the source; the others are refused for one reason or the other.
        #expect(harness.log("publisher.refused").count <= 2)
        way.close()
        #expect(harness.log("publisher.refused.again").count <= 2)
    }

    @Test func `over the limit of senders a datagram is ignored and its sender counted`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try makeWay(harness) { $0.sendersMax = 1 }
        defer { way.close() }
        let quiet = try Sender(harness, way)
        try quiet.send([1, 2, 3])
        harness.expect { way.counters.accepted == 1 }
        let other = try Sender(harness, way)
        try other.send([1, 2, 3])
        try other.send([1, 2, 3])
        harness.expect { way.counters.datagramsIgnored == 2 }
        #expect(way.counters.refusedLimit == 1)
    }

    @Test func `what is no transport stream is told so once`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try makeWay(harness)
        defer { way.close() }
        let sender = try Sender(harness, way)
        let noise = [UInt8](repeating: 0x20, count: 1000)
        for _ in 0..<200 { try sender.send(noise) }
        harness.expect { way.counters.refusedGarbage > 0 }
        harness.rest()
        #expect(way.counters.refusedGarbage == 1 && harness.log("publisher.refused").count == 1)
        #expect(harness.log("publisher.refused").first?.contains("ffmpeg -f mpegts") ?? false)
    }

    @Test func `a sender that falls silent is gone`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try makeWay(harness)
        defer { way.close() }
        var fixture = TransportStreamFixture()
        let sender = try Sender(harness, way)
        try sender.send(fixture.takeGroup())
        harness.expect { harness.registry.hasLiveStream }
        harness.expect { !harness.log("publisher.gone").isEmpty }
        #expect(harness.registry.stream(.main)?.hasSource == false)
    }

    @Test func `empty datagrams, and a close with datagrams in the kernel, harm nothing`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try makeWay(harness)
        let sender = try Sender(harness, way)
        let nothing: [UInt8] = []
        let isSent = try nothing.withUnsafeBytes { part in
            try withUnsafePointer(to: part) {
                try sender.socket.trySend(UnsafeBufferPointer(start: $0, count: 1), to: sender.target)
            }
        }
        #expect(isSent)
        harness.expect { way.counters.accepted == 1 }
        var fixture = TransportStreamFixture()
        try sender.send(fixture.takeGroup())
        way.close()
        harness.rest()
        #expect(harness.registry.stream(.main)?.hasSource == false)
    }
}
