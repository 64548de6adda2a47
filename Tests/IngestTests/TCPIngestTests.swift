import Configuration
import LoopIO
import ServiceSupport
import Streaming
import TestSupport
import Testing

@testable import Ingest

@Suite struct TCPIngestTests {
    private func makeWay(
        _ harness: ServiceHarness, stream: StreamID = .main, bind: SocketAddress = .loopbackIPv4,
        allows: AddressList? = nil, limits: (inout IngestLimits) -> Void = { _ in }
    ) throws -> TCPIngest {
        var changed = IngestLimits()
        limits(&changed)
        return try TCPIngest(
            configuration: IngestConfiguration(
                section: "backstream", line: 1, kind: .tcp, bind: .loopbackIPv4, port: 0, stream: stream),
            share: try IngestShare(bind), allowlist: Allowlist(allows), registry: harness.registry,
            logger: harness.logger,
            limits: changed)
    }

    @Test func `a publisher's packets are the stream's, bit for bit`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try makeWay(harness)
        defer { way.close() }
        let watcher = try harness.watch(try harness.registry.obtain(.main))
        var fixture = TransportStreamFixture()
        let sent = fixture.takeGroup(pictures: 40)
        let publisher = try harness.dial(way.localAddress)
        try publisher.send(sent)
        harness.expect { watcher.bytes.count == sent.count }
        #expect((watcher.bytes == sent) as Bool)
        publisher.close()
        harness.expect { way.connections == 0 }
        #expect(harness.log("publisher.started").count == 1 && harness.log("publisher.gone").count == 1)
        #expect(way.counters.accepted == 1)
    }

    @Test func `an address that may not send is closed, counted and logged, and nothing of it is used`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try makeWay(harness, allows: try AddressList(parsing: ["10.0.0.0/8"]))
        defer { way.close() }
        var fixture = TransportStreamFixture()
        let publisher = try harness.dial(way.localAddress)
        try publisher.send(fixture.takeGroup())
        harness.expect { publisher.hasEnded }
        #expect(way.counters.refusedAddress == 1 && way.counters.accepted == 0 && way.connections == 0)
        #expect(harness.registry.stream(.main)?.status.packets ?? 0 == 0)
        let line = try #require(harness.log("publisher.refused").first)
        #expect(line.contains("section=backstream") && line.contains("from=127.0.0.1:"))
        #expect(line.contains("[authority] Ips"))
    }

    @Test(arguments: [("127.0.0.0/8", true), ("::/0", false), ("::1", false), ("::ffff:127.0.0.1", true)])
    func `on a socket for both families an IPv4 publisher is judged by its IPv4 address`(
        entry: String, isLetIn: Bool
    ) throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try makeWay(
            harness, bind: try SocketAddress(parsing: "::", port: 0), allows: try AddressList(parsing: [entry]))
        defer { way.close() }
        let publisher = try harness.dial(try SocketAddress(parsing: "127.0.0.1", port: way.localAddress.port))
        harness.expect { way.counters.accepted + way.counters.refusedAddress == 1 }
        #expect((way.counters.accepted == 1) == isLetIn)
        if !isLetIn { harness.expect { publisher.hasEnded } }
    }

    @Test func `a second publisher from elsewhere is refused before a byte of it is used`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try makeWay(harness)
        defer { way.close() }
        let stream = try harness.registry.obtain(.main)
        var fixture = TransportStreamFixture()
        try harness.publisher(of: stream).deliver(fixture.takeGroup(), nowMs: harness.loop.nowMs)
        let before = stream.status.packets
        let second = try harness.dial(way.localAddress)
        try second.send(fixture.takeGroup())
        harness.expect { second.hasEnded }
        #expect(way.counters.refusedTaken == 1 && stream.status.packets == before)
        #expect(stream.status.publishersRefused == 1)
        #expect(harness.log("publisher.refused").first?.contains("Takeover = takeover") ?? false)
    }

    @Test func `a publisher is replaced in mid-picture, and its connection is closed`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try makeWay(harness)
        defer { way.close() }
        let stream = try harness.registry.obtain(.main)
        let watcher = try harness.watch(stream)
        var fixture = TransportStreamFixture()
        let whole = fixture.takeGroup(pictures: 6)
        let cut = Array(whole.dropLast(5 * 188))
        let first = try harness.dial(way.localAddress)
        try first.send(cut)
        harness.expect { stream.status.packets == cut.count / 188 }
        var other = TransportStreamFixture()
        let next = other.takeGroup(pictures: 6)
        let second = try harness.dial(way.localAddress)
        try second.send(next)
        harness.expect { first.hasEnded && watcher.bytes.count == cut.count + next.count }
        #expect((watcher.bytes == cut + next) as Bool)
        #expect(stream.status.sourceChanges == 1 && !second.hasEnded && way.connections == 1)
        #expect(harness.log("publisher.refused").first?.contains("replaced by a new publisher") ?? false)
    }

    @Test func `two encoders that evict each other are told to be one`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try makeWay(harness)
        defer { way.close() }
        let stream = try harness.registry.obtain(.main)
        var fixture = TransportStreamFixture()
        var clients: [LoopClient] = []
        for number in 0..<3 {
            let client = try harness.dial(way.localAddress)
            let before = stream.status.packets
            try client.send(fixture.takeGroup())
            harness.expect { stream.status.packets > before }
            #expect(stream.status.sourceChanges == UInt64(number))
            clients.append(client)
        }
        let fourth = try harness.dial(way.localAddress)
        try fourth.send(fixture.takeGroup())
        harness.expect { fourth.hasEnded }
        #expect(
            harness.log("publisher.refused").last?.contains("send audio and video in one ffmpeg") ?? false)
    }

    @Test func `what is no transport stream is told so after 64 KiB, and evicts no one`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try makeWay(harness)
        defer { way.close() }
        let stream = try harness.registry.obtain(.main)
        var fixture = TransportStreamFixture()
        let good = try harness.dial(way.localAddress)
        try good.send(fixture.takeGroup())
        harness.expect { stream.hasSource }
        let bad = try harness.dial(way.localAddress)
        try bad.send([UInt8](repeating: 0x20, count: 80_000))
        harness.expect { bad.hasEnded }
        #expect(way.counters.refusedGarbage == 1 && !good.hasEnded && stream.hasSource)
        #expect(harness.log("publisher.refused").last?.contains("ffmpeg -f mpegts") ?? false)
    }

    @Test func `over the limit of connections a newcomer is closed and counted`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try makeWay(harness) { $0.publishersMax = 2 }
        defer { way.close() }
        let first = try harness.dial(way.localAddress)
        let second = try harness.dial(way.localAddress)
        let third = try harness.dial(way.localAddress)
        harness.expect { third.hasEnded }
        #expect(way.counters.refusedLimit == 1 && !first.hasEnded && !second.hasEnded)
        #expect(harness.log("publisher.refused").first?.contains("more than 2 connections") ?? false)
    }

    @Test func `a connection that never sent a byte makes room for a newcomer`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try makeWay(harness) {
            $0.publishersMax = 2
            $0.idleMs = 0
        }
        defer { way.close() }
        var fixture = TransportStreamFixture()
        let sending = try harness.dial(way.localAddress)
        try sending.send(fixture.takeGroup())
        harness.expect { harness.registry.hasLiveStream }
        let idle = try harness.dial(way.localAddress)
        let newcomer = try harness.dial(way.localAddress)
        harness.expect { idle.hasEnded }
        #expect(!sending.hasEnded && !newcomer.hasEnded && way.counters.idleClosed == 1)
    }

    @Test func `one that sends bytes and never a packet is closed in time, and makes room before`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let quick = try makeWay(harness) {
            $0.firstPacketMs = 50
            $0.sweepMs = 5
        }
        defer { quick.close() }
        let silent = try harness.dial(quick.localAddress)
        var fixture = TransportStreamFixture()
        let sending = try harness.dial(quick.localAddress)
        try sending.send(fixture.takeGroup())
        let slow = try harness.dial(quick.localAddress)
        try slow.send([0x47])
        harness.expect { slow.hasEnded }
        harness.rest(ms: 100)
        #expect(!silent.hasEnded && !sending.hasEnded && quick.counters.refusedSlow == 1)
        #expect(harness.log("publisher.refused").last?.contains("no MPEG-TS packet in the first") ?? false)

        let full = try makeWay(harness) {
            $0.publishersMax = 1
            $0.idleMs = 0
        }
        defer { full.close() }
        let dripping = try harness.dial(full.localAddress)
        try dripping.send("not a stream")
        harness.expect { full.connections == 1 }
        let newcomer = try harness.dial(full.localAddress)
        harness.expect { dripping.hasEnded }
        #expect(!newcomer.hasEnded && full.counters.idleClosed == 1)
    }

    @Test func `over the limit of streams a publisher is refused`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        for number in 0..<StreamRegistry.streamsMax {
            _ = try harness.registry.obtain(try StreamID(app: "a", name: "s\(number)"))
        }
        let way = try makeWay(harness)
        defer { way.close() }
        let publisher = try harness.dial(way.localAddress)
        harness.expect { publisher.hasEnded }
        #expect(way.counters.refusedLimit == 1)
        #expect(harness.log("publisher.refused").first?.contains("1000 streams") ?? false)
    }

    @Test func `a flood of refused publishers is one line and a count`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try makeWay(harness, allows: try AddressList(parsing: ["10.0.0.1"])) { $0.refusalWindowMs = 400 }
        let clients = try (0..<100).map { _ in try LoopClient(harness.loop, to: way.localAddress) }
        harness.expect { way.counters.refusedAddress == 100 }
        #expect(harness.log("publisher.refused").count == 1)
        harness.expect { !harness.log("publisher.refused.again").isEmpty }
        let line = try #require(harness.log("publisher.refused.again").first)
        #expect(line.contains("from=127.0.0.1 ") && line.contains("times=99"))
        withExtendedLifetime(clients) {}
        way.close()
        #expect(harness.log("publisher.refused.again").count == 1)
    }

    @Test func `a publisher that connects and waits longer than Grace still comes into the stream that viewers see`()
        throws
    {
        let harness = try ServiceHarness { $0.streamDefaults.grace = .milliseconds(50) }
        defer { harness.close() }
        let id = try StreamID(app: "app", name: "named")
        let way = try makeWay(harness, stream: id)
        defer { way.close() }
        let publisher = try harness.dial(way.localAddress)
        harness.expect { way.connections == 1 }
        harness.rest(ms: 250)
        var fixture = TransportStreamFixture()
        try publisher.send(fixture.takeGroup())
        harness.expect { harness.registry.stream(id)?.hasSource ?? false }
        #expect(harness.log("stream.removed").isEmpty)
        publisher.close()
        harness.expect { harness.registry.stream(id) == nil }
    }

    @Test func `a way in that is closed in mid-picture ends its publishers and leaves nothing behind`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try makeWay(harness)
        let stream = try harness.registry.obtain(.main)
        var fixture = TransportStreamFixture()
        let publisher = try harness.dial(way.localAddress)
        try publisher.send(Array(fixture.takeGroup().dropLast(3 * 188)))
        harness.expect { stream.hasSource }
        try publisher.send([UInt8](repeating: 0x47, count: 500))
        way.close()
        harness.expect { publisher.hasEnded }
        #expect(!stream.hasSource && harness.log("publisher.gone").count == 1)
        let late = try harness.dial(way.localAddress)
        #expect(late.hasEnded)
    }
}
