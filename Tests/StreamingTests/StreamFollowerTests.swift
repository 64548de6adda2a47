import Configuration
import Fanout
import LoopIO
import TestSupport
import Testing
import TransportStream

@testable import Streaming

@Suite struct StreamFollowerTests {
    private let cam: StreamID

    init() throws { cam = try StreamID(app: "live", name: "cam") }

    @Test(arguments: [LaneKey.base, .httpChunks, .webSocket])
    func `a viewer on another loop gets what a viewer at home gets`(key: LaneKey) throws {
        let loops = try TwoLoops()
        defer { loops.close() }
        let stream = try loops.home.stream()
        let publisher = try loops.home.session(stream)
        var fixture = TransportStreamFixture()
        publisher.deliver(StreamHarness.gop(&fixture), nowMs: loops.home.loop.nowMs)
        let near = try loops.home.watch(stream, key: key)
        let distant = try loops.far.watch(try loops.follow(), key: key)
        loops.expect { !distant.bytes.isEmpty }
        var sent = 0
        for _ in 0..<60 {
            let gop = StreamHarness.gop(&fixture)
            sent += gop.count
            publisher.deliver(gop, nowMs: loops.home.loop.nowMs)
            loops.turn()
        }
        publisher.senderGone(isComplete: true, nowMs: loops.home.loop.nowMs)
        loops.expect { near.bytes.count >= sent && distant.bytes.count == near.bytes.count }
        #expect(near.bytes.count >= sent, "\(near.bytes.count) of \(sent), \(distant.bytes.count) on the other loop")
        #expect((distant.bytes == near.bytes) as Bool)
    }

    @Test func `a loop that is late gets one letter and misses nothing`() throws {
        let loops = try TwoLoops()
        defer { loops.close() }
        let stream = try loops.home.stream()
        let publisher = try loops.home.session(stream)
        var fixture = TransportStreamFixture()
        publisher.deliver(StreamHarness.gop(&fixture), nowMs: loops.home.loop.nowMs)
        let distant = try loops.far.watch(try loops.follow())
        loops.expect { !distant.bytes.isEmpty }
        let before = distant.bytes.count
        var sent: [UInt8] = []
        for _ in 0..<100 {
            let gop = StreamHarness.gop(&fixture)
            sent += gop
            publisher.deliver(gop, nowMs: loops.home.loop.nowMs)
            _ = loops.home.loop.run(until: { false }, timeoutMs: 1)
        }
        loops.expect { distant.bytes.count == before + sent.count }
        #expect((Array(distant.bytes[before...]) == sent) as Bool)
    }

    @Test func `history that is dropped while a loop is late is no hole for its viewers`() throws {
        let loops = try TwoLoops()
        defer { loops.close() }
        let stream = try loops.home.stream()
        let publisher = try loops.home.session(stream)
        var fixture = TransportStreamFixture()
        publisher.deliver(StreamHarness.gop(&fixture), nowMs: loops.home.loop.nowMs)
        let distant = try loops.far.watch(try loops.follow())
        loops.expect { !distant.bytes.isEmpty }
        let before = distant.bytes.count
        var sent: [UInt8] = []
        for _ in 0..<40 {
            let gop = StreamHarness.gop(&fixture)
            sent += gop
            publisher.deliver(gop, nowMs: loops.home.loop.nowMs)
            // As when BufferMemory is used up.
            stream.dropHistory(nowMs: loops.home.loop.nowMs)
        }
        loops.expect { distant.bytes.count == before + sent.count }
        #expect((Array(distant.bytes[before...]) == sent) as Bool)
    }

    @Test func `a stream that nobody sends is followed when it is configured, else there is none`() throws {
        let loops = try TwoLoops()
        defer { loops.close() }
        guard case .no = loops.far.registry.join(cam, later: { _ in }) else {
            Issue.record("an unknown stream was found")
            return
        }
        let followed = try loops.follow()
        #expect(followed.status.state == .waiting)
        let distant = try loops.far.watch(followed)
        let publisher = try loops.home.session(try loops.home.stream())
        var fixture = TransportStreamFixture()
        let gop = StreamHarness.gop(&fixture)
        publisher.deliver(gop, nowMs: loops.home.loop.nowMs)
        loops.expect { distant.bytes.count == gop.count }
        loops.expect { followed.status.state == .live }
    }

    @Test func `a viewer that leaves before its lane has come leaves nothing behind`() throws {
        let loops = try TwoLoops()
        defer { loops.close() }
        let stream = try loops.home.stream()
        let followed = try loops.follow()
        let distant = try loops.far.watch(followed, key: .webSocket)
        distant.viewer.leave()
        loops.settle()
        #expect(followed.audience.count == 0)
        #expect(loops.directory.viewers == 0)
        let publisher = try loops.home.session(stream)
        var fixture = TransportStreamFixture()
        publisher.deliver(StreamHarness.gop(&fixture), nowMs: loops.home.loop.nowMs)
        loops.settle()
        #expect(distant.bytes.isEmpty && distant.end == nil)
    }

    @Test func `a lane that is opened again begins at a start, whatever was under way for the one before`() throws {
        let loops = try TwoLoops()
        defer { loops.close() }
        let stream = try loops.home.stream()
        let publisher = try loops.home.session(stream)
        var fixture = TransportStreamFixture()
        publisher.deliver(StreamHarness.gop(&fixture), nowMs: loops.home.loop.nowMs)
        let followed = try loops.follow()
        let first = try loops.far.watch(followed, key: .httpChunks)
        loops.expect { !first.bytes.isEmpty }
        first.viewer.leave()
        // The far loop closes its lane with its next tick; what home sends meanwhile is for nobody.
        publisher.deliver(StreamHarness.gop(&fixture), nowMs: loops.home.loop.nowMs)
        _ = loops.far.loop.run(until: { false }, timeoutMs: 2 * StreamRegistry.tickMs)
        let last = StreamHarness.gop(&fixture)
        publisher.deliver(last, nowMs: loops.home.loop.nowMs)
        let second = try loops.far.watch(followed, key: .httpChunks)
        loops.expect { !second.bytes.isEmpty }
        let more = StreamHarness.gop(&fixture)
        publisher.deliver(more, nowMs: loops.home.loop.nowMs)
        loops.expect { dechunked(second.bytes).count == last.count + more.count }
        #expect((dechunked(second.bytes) == last + more) as Bool)
        #expect(first.end == nil)
    }

    @Test func `a stream whose Grace is over ends its viewers on every loop, and is forgotten`() throws {
        let loops = try TwoLoops { $0.streamDefaults.grace = .milliseconds(100) }
        defer { loops.close() }
        let publisher = try loops.home.session(try loops.home.stream(cam))
        var fixture = TransportStreamFixture()
        publisher.deliver(StreamHarness.gop(&fixture), nowMs: loops.home.loop.nowMs)
        let distant = try loops.far.watch(try loops.follow(cam))
        loops.expect { !distant.bytes.isEmpty }
        publisher.senderGone(isComplete: true, nowMs: loops.home.loop.nowMs)
        loops.expect { distant.end == .streamEnded }
        loops.expect { loops.home.registry.stream(cam) == nil }
        guard case .no = loops.far.registry.join(cam, later: { _ in }) else {
            Issue.record("a stream that is gone was found")
            return
        }
    }

    @Test func `a viewer that comes after the end, when the next source has begun, stays`() throws {
        let loops = try TwoLoops { $0.streamDefaults.grace = .milliseconds(100) }
        defer { loops.close() }
        let stream = try loops.home.stream(cam)
        let publisher = try loops.home.session(stream)
        var fixture = TransportStreamFixture()
        publisher.deliver(StreamHarness.gop(&fixture), nowMs: loops.home.loop.nowMs)
        let followed = try loops.follow(cam)
        publisher.senderGone(isComplete: true, nowMs: loops.home.loop.nowMs)
        // Home says that the stream has ended; the far loop has heard it, and not looked round since.
        _ = loops.home.loop.run(until: { false }, timeoutMs: 250)
        guard case .followed(let follower) = followed else {
            Issue.record("it is at home there")
            return
        }
        _ = loops.far.loop.run(until: { follower.hasEnded }, timeoutMs: 1000)
        #expect(follower.hasEnded)
        let next = try loops.home.session(stream)
        let gop = StreamHarness.gop(&fixture)
        next.deliver(gop, nowMs: loops.home.loop.nowMs)
        let distant = try loops.far.watch(followed)
        // The far loop looks round while the viewer's lane is on its way.
        follower.tick(nowMs: loops.far.loop.nowMs)
        loops.expect { distant.bytes.count == gop.count || distant.end != nil }
        #expect(distant.end == nil)
    }

    @Test func `a viewer that comes in the moment in which a stream goes is told that there is none`() throws {
        let loops = try TwoLoops { $0.streamDefaults.grace = .milliseconds(10) }
        defer { loops.close() }
        let publisher = try loops.home.session(try loops.home.stream(cam))
        publisher.senderGone(isComplete: true, nowMs: loops.home.loop.nowMs)
        var answers: [WatchedStream?] = []
        let answer = loops.far.registry.join(cam) { answers.append($0) }
        guard case .pending = answer else {
            Issue.record("it was not asked for")
            return
        }
        // The request is on its way; home lets the stream go first.
        loops.home.registry.letGo(cam)
        loops.expect { answers.count == 1 }
        #expect(answers.first.map { $0 == nil } == true)
    }

    @Test func `a change of publishers reaches viewers on every loop at the same packet`() throws {
        let loops = try TwoLoops { $0.streamDefaults.takeover = .takeover }
        defer { loops.close() }
        let stream = try loops.home.stream()
        var publisher = try loops.home.session(stream)
        var fixture = TransportStreamFixture()
        publisher.deliver(StreamHarness.gop(&fixture), nowMs: loops.home.loop.nowMs)
        let near = try loops.home.watch(stream, key: .webSocket)
        let distant = try loops.far.watch(try loops.follow(), key: .webSocket)
        loops.expect { !near.bytes.isEmpty && !distant.bytes.isEmpty }
        for change in 0..<6 {
            let half = StreamHarness.gop(&fixture)
            publisher.deliver(Array(half[..<(half.count / 2)]), nowMs: loops.home.loop.nowMs)
            if change % 2 == 0 { loops.settle() }
            publisher = try loops.home.session(stream, host: "10.0.0.\(change + 1)")
            publisher.deliver(StreamHarness.gop(&fixture), nowMs: loops.home.loop.nowMs)
            loops.settle()
        }
        publisher.senderGone(isComplete: true, nowMs: loops.home.loop.nowMs)
        loops.settle()
        loops.expect { distant.bytes.count == near.bytes.count }
        #expect((distant.bytes == near.bytes) as Bool)
    }

    @Test func `a stop ends the viewers of every loop, also those whose lane has not come`() throws {
        let loops = try TwoLoops()
        defer { loops.close() }
        let publisher = try loops.home.session(try loops.home.stream())
        var fixture = TransportStreamFixture()
        publisher.deliver(StreamHarness.gop(&fixture), nowMs: loops.home.loop.nowMs)
        let followed = try loops.follow()
        let seated = try loops.far.watch(followed)
        loops.expect { !seated.bytes.isEmpty }
        let waiting = try loops.far.watch(followed, key: .httpChunks)
        loops.far.registry.endAll(.stopping)
        loops.home.registry.endAll(.stopping)
        loops.expect { seated.end == .stopping && waiting.end == .stopping }
        #expect(loops.directory.viewers == 0)
    }

    @Test func `counts of all loops are summed, and stay when their viewers have left`() throws {
        let loops = try TwoLoops()
        defer { loops.close() }
        let stream = try loops.home.stream()
        let publisher = try loops.home.session(stream)
        var fixture = TransportStreamFixture()
        let gop = StreamHarness.gop(&fixture)
        publisher.deliver(gop, nowMs: loops.home.loop.nowMs)
        let near = try loops.home.watch(stream)
        let followed = try loops.follow()
        let distant = try loops.far.watch(followed)
        loops.expect { near.bytes.count == gop.count && distant.bytes.count == gop.count }
        #expect(loops.home.registry.viewers == 2 && loops.far.registry.viewers == 2)
        loops.expect { stream.status.viewers == 2 && stream.status.bytesOut == UInt64(2 * gop.count) }
        #expect(stream.status.viewersByLoop == [1, 1])
        loops.expect { loops.far.registry.hasLiveStream }
        near.viewer.leave()
        distant.viewer.leave()
        loops.expect { stream.status.viewers == 0 }
        #expect(stream.status.bytesOut == UInt64(2 * gop.count))
        // As after five seconds without a viewer there.
        guard case .followed(let follower) = followed else {
            Issue.record("it is at home there")
            return
        }
        follower.leave()
        loops.settle()
        #expect(stream.status.bytesOut == UInt64(2 * gop.count), "what the other loop sent stays counted")
        #expect(stream.status.viewersByLoop == [0])
        #expect(loops.home.registry.viewers == 0)
    }
}
