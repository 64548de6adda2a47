import Configuration
import LoopIO
import TestSupport
import Testing

@testable import Streaming

/// Orders in which a stream ends on its home loop while others ask for it, or come with the next one of its name.
@Suite struct StreamOrderTests {
    private let cam: StreamID

    init() throws { cam = try StreamID(app: "live", name: "cam") }

    @Test func `viewers that come and come do not keep a stream that is over`() throws {
        let loops = try TwoLoops { $0.streamDefaults.grace = .milliseconds(10) }
        defer { loops.close() }
        let publisher = try loops.home.session(try loops.home.stream(cam))
        var fixture = TransportStreamFixture()
        publisher.deliver(StreamHarness.gop(&fixture), nowMs: loops.home.loop.nowMs)
        var watchers = [try loops.far.watch(try loops.follow(cam))]
        loops.expect { !watchers[0].bytes.isEmpty }
        publisher.senderGone(isComplete: true, nowMs: loops.home.loop.nowMs)
        loops.expect { watchers[0].end == .streamEnded }
        var taken = 0
        loops.expect {
            // Someone on each loop asks in every turn, and watches if there is anything to be watched.
            for loop in [loops.home, loops.far] {
                func watch(_ stream: WatchedStream?) {
                    guard let stream else { return }
                    taken += 1
                    if taken < 100, let watcher = try? loop.watch(stream) { watchers.append(watcher) }
                }
                if case .now(let stream) = loop.registry.join(self.cam, later: watch) { watch(stream) }
            }
            return loops.home.registry.stream(self.cam) == nil
        }
        #expect(taken == 0)
        loops.settle()
        #expect(loops.directory.home(of: cam) == nil)
    }

    @Test func `who asks in the moment in which the next source comes gets the next source`() throws {
        let loops = try TwoLoops { $0.streamDefaults.grace = .milliseconds(10) }
        defer { loops.close() }
        let stream = try loops.home.stream(cam)
        let publisher = try loops.home.session(stream)
        var fixture = TransportStreamFixture()
        publisher.deliver(StreamHarness.gop(&fixture), nowMs: loops.home.loop.nowMs)
        guard case .followed(let follower) = try loops.follow(cam) else {
            Issue.record("it is at home there")
            return
        }
        publisher.senderGone(isComplete: true, nowMs: loops.home.loop.nowMs)
        // Home says the end; before the far loop has left, the next publisher is there.
        _ = loops.home.loop.run(until: { stream.hasRunOut }, timeoutMs: 1000)
        stream.tick(nowMs: loops.home.loop.nowMs)
        let next = try loops.home.session(stream)
        _ = loops.far.loop.run(until: { follower.hasEnded }, timeoutMs: 1000)
        var answers: [WatchedStream?] = []
        guard case .pending = loops.far.registry.join(cam, later: { answers.append($0) }) else {
            Issue.record("an end was not waited for")
            return
        }
        let gop = StreamHarness.gop(&fixture)
        next.deliver(gop, nowMs: loops.home.loop.nowMs)
        loops.expect { answers.count == 1 }
        let watched = try #require(answers.first ?? nil)
        let distant = try loops.far.watch(watched)
        loops.expect { distant.bytes.count == gop.count }
        #expect(distant.end == nil)
    }

    @Test func `who gives up a publisher does not take the home from a stream elsewhere`() throws {
        let loops = try TwoLoops()
        defer { loops.close() }
        #expect(loops.directory.settle(cam, at: 0) == 0)
        // While the publisher is on its way the stream ends, and the next one begins on the other loop.
        loops.directory.forget(cam, at: 0)
        _ = try loops.far.stream(cam)
        loops.home.registry.giveUp(cam)
        #expect(loops.directory.home(of: cam) == 1)
        guard case .pending = loops.home.registry.join(cam, later: { _ in }) else {
            Issue.record("the stream was not found on the other loop")
            return
        }
    }

    @Test func `a stream that nobody has made yet is none, on every loop`() throws {
        let loops = try TwoLoops()
        defer { loops.close() }
        #expect(try loops.far.registry.home(of: cam) == 0)
        guard case .no = loops.home.registry.join(cam, later: { _ in }) else {
            Issue.record("a viewer made it")
            return
        }
        var answers: [WatchedStream?] = []
        _ = loops.far.registry.join(cam) { answers.append($0) }
        loops.expect { answers.count == 1 }
        #expect(answers.first.map { $0 == nil } == true)
        #expect(loops.home.registry.stream(cam) == nil)
    }
}
