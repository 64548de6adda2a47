import Fanout
import LoopIO
import TestSupport
import Testing

@testable import Streaming

/// Newcomers to a stream whose source is connected and sends nothing.
@Suite struct SilentSourceTests {
    static let keys: [LaneKey] = [.base, .webSocket, .httpChunks]

    @Test(arguments: keys)
    func `a newcomer gets nothing while the source is silent, then what comes`(key: LaneKey) throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let publisher = try harness.session(stream)
        var fixture = TransportStreamFixture()
        publisher.deliver(StreamHarness.gop(&fixture), nowMs: harness.loop.nowMs - SilenceRule.msMin)
        let watchers = try (0..<2).map { _ in try harness.watch(stream, key: key) }
        harness.settle()
        #expect(watchers.allSatisfy { $0.bytes.isEmpty && $0.end == nil } && stream.audience.count == 2)
        let next = StreamHarness.gop(&fixture)
        publisher.deliver(next, nowMs: harness.loop.nowMs)
        let live = try harness.watch(stream, key: key)
        harness.expect { live.bytes.count >= next.count && watchers.allSatisfy { $0.bytes == live.bytes } }
    }

    @Test func `a source that goes on in its GOP gives a newcomer that GOP from its begin`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let publisher = try harness.session(stream)
        let stayed = try harness.watch(stream)
        var fixture = TransportStreamFixture()
        let first = StreamHarness.gop(&fixture)
        publisher.deliver(first, nowMs: harness.loop.nowMs - 60_000)
        let newcomer = try harness.watch(stream)
        harness.settle()
        #expect(newcomer.bytes.isEmpty)
        fixture.appendPicture(bytes: 2000, isRandomAccess: false)
        let rest = fixture.takeBytes()
        publisher.deliver(rest, nowMs: harness.loop.nowMs)
        harness.expect { newcomer.bytes.count == first.count + rest.count }
        #expect((newcomer.bytes == first + rest && stayed.bytes == first + rest) as Bool)
        // The silence is no lag of the newcomer.
        #expect(stream.status.picturesSkipped == 0)
    }

    @Test(arguments: keys)
    func `a pause of less than two seconds changes nothing`(key: LaneKey) throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let publisher = try harness.session(stream)
        var fixture = TransportStreamFixture()
        let sent = StreamHarness.gop(&fixture)
        publisher.deliver(sent, nowMs: harness.loop.nowMs - 1000)
        let newcomer = try harness.watch(stream, key: key)
        harness.expect { newcomer.bytes.count >= sent.count }
    }

    @Test(arguments: keys)
    func `a newcomer gets nothing of a publisher that has gone, and all of the next`(key: LaneKey) throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let first = try harness.session(stream, port: 1)
        let stayed = try harness.watch(stream, key: key)
        var fixture = TransportStreamFixture()
        first.deliver(StreamHarness.gop(&fixture), nowMs: harness.loop.nowMs - 60_000)
        harness.expect { !stayed.bytes.isEmpty }
        let silent = try harness.watch(stream, key: key)
        first.senderGone(isComplete: false, nowMs: harness.loop.nowMs)
        let away = try harness.watch(stream, key: key)
        harness.settle()
        #expect(silent.bytes.isEmpty && away.bytes.isEmpty)
        var other = TransportStreamFixture()
        let next = StreamHarness.gop(&other) + StreamHarness.gop(&other)
        try harness.session(stream, port: 2).deliver(next, nowMs: harness.loop.nowMs)
        harness.expect { away.bytes.count >= next.count }
        harness.expect { !silent.bytes.isEmpty }
        #expect(away.bytes.suffix(silent.bytes.count) == silent.bytes[...])
    }

    @Test(arguments: [
        (UInt64(0), 0, Int64(2000)), (90_000, 25, 2000), (900_000, 2, 10_000), (90_000 * 3600, 1, 30_000),
        (.max, .max, 2000), (.max, 1, 30_000), (0, 1, 2000), (90_000, -1, 2000),
    ])
    func `silence is two seconds, or two pictures of a slow source`(gopTicks: UInt64, pictures: Int, ms: Int64) {
        #expect(SilenceRule.silentMs(gopTicks: gopTicks, gopPictures: pictures) == ms)
    }
}
