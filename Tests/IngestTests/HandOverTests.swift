import Configuration
import LoopIO
import ServiceSupport
import TestSupport
import Testing

@testable import Ingest
@testable import Streaming

/// Publishers that the kernel gives to another loop than their stream's home.
@Suite struct HandOverTests {
    private func post(_ path: String = "/", fields: String = "") -> [UInt8] {
        Array("POST \(path) HTTP/1.1\r\nHost: a\r\n\(fields)Connection: close\r\n\r\n".utf8)
    }

    private func opening(_ kind: TwoWays.Kind) -> [UInt8] { kind == .http ? post() : [] }

    @Test(arguments: TwoWays.Kind.allCases, [0, 1])
    func `a publisher is read on its stream's home loop, bit for bit`(kind: TwoWays.Kind, home: Int) throws {
        let ways = try TwoWays(kind)
        defer { ways.close() }
        let stream = try ways.loops[home].registry.obtain(.main)
        let watcher = try ways.loops[home].watch(stream)
        let publisher = try ways.publisher(handedOverBy: 1 - home, opening: opening(kind))
        var fixture = TransportStreamFixture()
        let sent = fixture.takeGroup(pictures: 40)
        try publisher.send(sent)
        ways.expect { watcher.bytes.count == sent.count }
        #expect((watcher.bytes == sent) as Bool)
        #expect(ways.publishers(home) == 1 && ways.publishers(1 - home) == 0)
        #expect(ways.counters(home).accepted == 1 + (kind == .tcp ? ways.strays : 0))
        #expect(ways.counters(1 - home).accepted == 0)
        #expect(stream.status.publisher?.peer == publisher.connection.local?.description)
        publisher.connection.shutdown()
        ways.expect { !stream.hasSource || kind == .http && publisher.hasEnded }
        if kind == .http { #expect(publisher.status == 200 && publisher.text.hasSuffix("\(sent.count) bytes\n")) }
    }

    @Test(arguments: [0, 1, 187, 188, 9000, 40_000])
    func `bytes of a body that came with its head go with it`(early: Int) throws {
        let ways = try TwoWays(.http)
        defer { ways.close() }
        let watcher = try ways.loops[0].watch(try ways.loops[0].registry.obtain(.main))
        var fixture = TransportStreamFixture()
        let sent = fixture.takeGroup(pictures: 40)
        let publisher = try ways.publisher(handedOverBy: 1, opening: post() + sent.prefix(early))
        try publisher.send(Array(sent.dropFirst(early)))
        ways.expect { watcher.bytes.count == sent.count }
        #expect((watcher.bytes == sent) as Bool)
    }

    @Test func `a client that waits for 100 Continue gets it from the other loop`() throws {
        let ways = try TwoWays(.http)
        defer { ways.close() }
        let stream = try ways.loops[0].registry.obtain(.main)
        let publisher = try ways.publisher(handedOverBy: 1, opening: post(fields: "Expect: 100-continue\r\n"))
        #expect(publisher.bytes.isEmpty)
        ways.expect { publisher.text == "HTTP/1.1 100 Continue\r\n\r\n" }
        var fixture = TransportStreamFixture()
        let sent = fixture.takeGroup()
        try publisher.send(sent)
        ways.expect { stream.status.packets == UInt64(sent.count / 188) }
    }

    @Test(arguments: TwoWays.Kind.allCases)
    func `a publisher that is on its way when its loop stops is let go`(kind: TwoWays.Kind) throws {
        let ways = try TwoWays(kind)
        defer { ways.close() }
        let stream = try ways.loops[0].registry.obtain(.main)
        let publisher = try ways.publisher(handedOverBy: 1, opening: opening(kind))
        ways.closeWay(0)
        ways.expect { publisher.hasEnded }
        #expect(!stream.hasSource && ways.publishers(0) == 0 && ways.counters(0).accepted == 0)
    }

    @Test(arguments: TwoWays.Kind.allCases)
    func `a publisher that leaves on its way has sent what it sent, and is gone`(kind: TwoWays.Kind) throws {
        let ways = try TwoWays(kind)
        defer { ways.close() }
        let stream = try ways.loops[0].registry.obtain(.main)
        let watcher = try ways.loops[0].watch(stream)
        let publisher = try ways.publisher(handedOverBy: 1, opening: opening(kind))
        var fixture = TransportStreamFixture()
        let sent = fixture.takeGroup()
        try publisher.send(sent)
        publisher.close()
        ways.expect { watcher.bytes.count == sent.count && stream.status.state == .gone }
        #expect((watcher.bytes == sent) as Bool)
    }

    @Test func `a stream that ended and began elsewhere on the way is found where it is now`() throws {
        let ways = try TwoWays(.http)
        defer { ways.close() }
        let cam = try StreamID(app: "live", name: "cam")
        #expect(ways.directory.settle(cam, at: 0) == 0)
        let publisher = try ways.publisher(handedOverBy: 1, opening: post("/live/cam"))
        ways.directory.forget(cam, at: 0)
        let watcher = try ways.loops[1].watch(try ways.loops[1].registry.obtain(cam))
        var fixture = TransportStreamFixture()
        let sent = fixture.takeGroup()
        try publisher.send(sent)
        ways.expect { watcher.bytes.count == sent.count }
        #expect((watcher.bytes == sent) as Bool)
        #expect(ways.counters(0).handedOver == 1 && ways.publishers(1) == 1 && ways.home(of: cam) == 1)
    }

    @Test func `streams are at home where the fewest are`() throws {
        let ways = try TwoWays(.http)
        defer { ways.close() }
        var fixture = TransportStreamFixture()
        let sent = fixture.takeGroup()
        var publishers: [LoopClient] = []
        for number in 0..<8 {
            let publisher = try ways.loops[number % 2].dial(ways.address)
            try publisher.send(post("/live/cam\(number)") + sent)
            publishers.append(publisher)
            let id = try StreamID(app: "live", name: "cam\(number)")
            ways.expect { ways.home(of: id) == number % 2 }
        }
        ways.expect { ways.publishers(0) == 4 && ways.publishers(1) == 4 }
    }

    @Test func `a publisher that finds no place at home leaves no stream behind`() throws {
        let ways = try TwoWays(.http) { $0.publishersMax = 0 }
        defer { ways.close() }
        let cam = try StreamID(app: "live", name: "cam")
        for loop in [0, 1] {
            #expect(ways.directory.settle(cam, at: 1 - loop) == 1 - loop)
            let publisher = try ways.publisher(handedOverBy: loop, opening: post("/live/cam"))
            ways.expect { publisher.hasEnded }
            #expect(publisher.status == 503)
            #expect(ways.directory.home(of: cam) == nil)
        }
    }

    @Test(arguments: TwoWays.Kind.allCases)
    func `of two publishers that came to different loops one is the source`(kind: TwoWays.Kind) throws {
        let ways = try TwoWays(kind)
        defer { ways.close() }
        let stream = try ways.loops[0].registry.obtain(.main)
        var fixture = TransportStreamFixture()
        let sent = fixture.takeGroup()
        try ways.loops[0].publisher(of: stream).deliver(sent, nowMs: ways.loops[0].loop.nowMs)
        let publisher = try ways.publisher(handedOverBy: 1, opening: opening(kind))
        try publisher.send(sent)
        ways.expect { publisher.hasEnded }
        #expect(ways.counters(0).refusedTaken == 1 && stream.status.publishersRefused == 1)
        if kind == .http { #expect(publisher.status == 409) }
    }

    @Test(arguments: TwoWays.Kind.allCases, [false, true])
    func `one that has gone on its way does not evict the one that came after it`(
        kind: TwoWays.Kind, breaks: Bool
    ) throws {
        let ways = try TwoWays(kind)
        defer { ways.close() }
        let stream = try ways.loops[0].registry.obtain(.main)
        var fixture = TransportStreamFixture()
        let (old, new) = (fixture.takeGroup(), fixture.takeGroup())
        // Its bytes, and its end, are there before its stream's loop hears of it; by HTTP some bytes come with the head.
        let first = try ways.publisher(handedOverBy: 1, opening: kind == .http ? post() + old : [])
        if kind == .tcp { try first.send(old) }
        if breaks { first.connection.closeWithReset() } else { first.close() }
        let second = try ways.loops[0].publisher(of: stream, host: "127.0.0.1")
        second.deliver(new, nowMs: ways.loops[0].loop.nowMs)
        ways.expect { ways.counters(0).accepted == 1 + (kind == .tcp ? ways.strays : 0) && ways.publishers(0) == 0 }
        #expect(stream.hasSource && stream.status.sourceChanges == 0)
        #expect(stream.status.packets == UInt64(new.count / 188))
    }

    @Test func `bodies that follow one another are one source, whichever loops they come to`() throws {
        let ways = try TwoWays(.http)
        defer { ways.close() }
        let stream = try ways.loops[0].registry.obtain(.main)
        let watcher = try ways.loops[0].watch(stream)
        var fixture = TransportStreamFixture()
        let sent = fixture.takeGroup(pictures: 12)
        for start in stride(from: 0, to: sent.count, by: 1316) {
            let body = Array(sent[start..<min(start + 1316, sent.count)])
            let client = try ways.loops[0].dial(ways.address)
            try client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
            try client.send(body)
            ways.expect { client.hasEnded }
            #expect(client.status == 200)
        }
        ways.expect { watcher.bytes.count == sent.count }
        #expect((watcher.bytes == sent) as Bool)
        #expect(stream.status.sourceChanges == 0 && ways.counters(1).handedOver > 0)
    }
}
