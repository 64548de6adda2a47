import Configuration
import LoopIO
import ServiceSupport
import Streaming
import TestSupport
import Testing

@testable import Ingest

/// Whole bodies that follow one another, as GStreamer sends them: one PUT a buffer.
@Suite struct HTTPBodySeriesTests {
    private func put(_ harness: ServiceHarness, _ way: HTTPWay, _ bytes: [UInt8], to path: String = "/") throws -> Int {
        let client = try harness.dial(way.address)
        try client.send("PUT \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(bytes.count)\r\n\r\n")
        try client.send(bytes)
        harness.expect { client.hasEnded }
        return client.status
    }

    @Test(arguments: [188, 400, 1316, 5000])
    func `bodies of one sender are one source, also where a packet is cut between two`(bodyBytes: Int) throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try HTTPWay(harness)
        defer { way.close() }
        let stream = try harness.registry.obtain(.main)
        let watcher = try harness.watch(stream)
        var fixture = TransportStreamFixture()
        let sent = fixture.takeGroup(pictures: 4)
        for start in stride(from: 0, to: sent.count, by: bodyBytes) {
            #expect(try put(harness, way, Array(sent[start..<min(start + bodyBytes, sent.count)])) == 200)
            #expect(start == 0 || harness.registry.hasLiveStream || bodyBytes < 1000)
        }
        harness.expect { watcher.bytes.count == sent.count }
        #expect((watcher.bytes == sent) as Bool)
        #expect(stream.status.sourceChanges == 0 && stream.status.state == .live)
        #expect(harness.log("publisher.started").count == 1 && harness.log("publisher.gone").isEmpty)
    }

    @Test func `a torn packet is not joined with a body that does not continue it`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try HTTPWay(harness)
        defer { way.close() }
        let watcher = try harness.watch(try harness.registry.obtain(.main))
        var fixture = TransportStreamFixture()
        let first = fixture.takeGroup()
        let second = fixture.takeGroup()
        #expect(try put(harness, way, Array(first.dropLast(100))) == 200)
        #expect(try put(harness, way, second) == 200)
        let wanted = Array(first.dropLast(188)) + second
        harness.expect { watcher.bytes.count == wanted.count }
        #expect((watcher.bytes == wanted) as Bool)
    }

    @Test func `when no body follows the publisher is gone, whole`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try HTTPWay(harness) { $0.pauseMs = 100 }
        defer { way.close() }
        var fixture = TransportStreamFixture()
        #expect(try put(harness, way, fixture.takeGroup()) == 200)
        #expect(harness.registry.stream(.main)?.hasSource == true)
        harness.expect { !harness.log("publisher.gone").isEmpty }
        #expect(harness.log("publisher.gone").first?.contains("complete=true") ?? false)
        #expect(harness.registry.stream(.main)?.hasSource == false)
    }

    @Test func `between two bodies a stranger is refused, and the sender is not`() throws {
        let harness = try ServiceHarness { $0.streamDefaults.takeover = .reject }
        defer { harness.close() }
        let way = try HTTPWay(harness)
        defer { way.close() }
        let stream = try harness.registry.obtain(.main)
        var fixture = TransportStreamFixture()
        #expect(try put(harness, way, fixture.takeGroup()) == 200)
        let stranger = try harness.publisher(of: stream)
        var end: SourceSession.End?
        stranger.onEnd = { end = $0 }
        stranger.deliver(fixture.takeGroup(), nowMs: harness.loop.nowMs)
        #expect(end == .refused(.taken))
        #expect(try put(harness, way, fixture.takeGroup()) == 200)
        #expect(stream.status.sourceChanges == 0)
    }

    @Test func `a publisher that takes over between two bodies keeps the stream`() throws {
        let harness = try ServiceHarness { $0.streamDefaults.takeover = .takeover }
        defer { harness.close() }
        let way = try HTTPWay(harness)
        defer { way.close() }
        let stream = try harness.registry.obtain(.main)
        var fixture = TransportStreamFixture()
        #expect(try put(harness, way, fixture.takeGroup()) == 200)
        let newcomer = try harness.publisher(of: stream)
        newcomer.deliver(fixture.takeGroup(), nowMs: harness.loop.nowMs)
        #expect(stream.status.publisher?.peer == newcomer.peer.description)
        harness.rest(ms: 150)
        #expect(stream.hasSource && harness.log("publisher.gone").isEmpty)
    }

    @Test func `a way in that is closed between two bodies ends the publisher`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try HTTPWay(harness)
        var fixture = TransportStreamFixture()
        #expect(try put(harness, way, fixture.takeGroup()) == 200)
        way.close()
        #expect(harness.registry.stream(.main)?.hasSource == false)
        harness.rest()
    }
}
