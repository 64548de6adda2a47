import Configuration
import Fanout
import LoopIO
import TestSupport
import Testing
import TransportStream

@testable import Streaming

@Suite struct LiveStreamTests {
    @Test func `a viewer receives packet for packet what the publisher sent`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let publisher = try harness.session(stream)
        let watcher = try harness.watch(stream)
        var fixture = TransportStreamFixture()
        var sent: [UInt8] = []
        for _ in 0..<50 {
            let gop = StreamHarness.gop(&fixture)
            sent += gop
            publisher.deliver(gop, nowMs: harness.loop.nowMs)
        }
        harness.expect { watcher.bytes.count == sent.count }
        #expect((watcher.bytes == sent) as Bool)
        #expect(stream.status.state == .live)
    }

    @Test func `a viewer that comes late starts at the last random access point`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let publisher = try harness.session(stream)
        var fixture = TransportStreamFixture()
        publisher.deliver(StreamHarness.gop(&fixture), nowMs: harness.loop.nowMs)
        let last = StreamHarness.gop(&fixture)
        publisher.deliver(last, nowMs: harness.loop.nowMs)
        let watcher = try harness.watch(stream)
        harness.expect { watcher.bytes.count == last.count }
        #expect((watcher.bytes == last) as Bool)
    }

    @Test func `a framed lane is made from the last random access point with its first viewer`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let publisher = try harness.session(stream)
        var fixture = TransportStreamFixture()
        publisher.deliver(StreamHarness.gop(&fixture), nowMs: harness.loop.nowMs)
        let last = StreamHarness.gop(&fixture)
        publisher.deliver(last, nowMs: harness.loop.nowMs)
        let watcher = try harness.watch(stream, key: .httpChunks)
        harness.expect { !watcher.bytes.isEmpty }
        harness.settle()
        #expect((dechunked(watcher.bytes) == last) as Bool)
    }

    @Test func `a lane is not framed from a start that its first viewer does not take`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let publisher = try harness.session(stream)
        var fixture = TransportStreamFixture()
        publisher.deliver(StreamHarness.gop(&fixture), nowMs: harness.loop.nowMs)
        let before = stream.memoryBytes
        let watcher = try harness.watch(stream, key: .httpChunks, start: .gop(bytesMax: 1000))
        harness.settle()
        #expect(stream.memoryBytes == before && watcher.bytes.isEmpty)
        let next = StreamHarness.gop(&fixture)
        publisher.deliver(next, nowMs: harness.loop.nowMs)
        harness.expect { !watcher.bytes.isEmpty }
        harness.settle()
        #expect((dechunked(watcher.bytes) == next) as Bool)
    }

    @Test func `what waits is flushed after FlushDelay`() throws {
        let harness = try StreamHarness { $0.streamDefaults.flushDelay = .milliseconds(10) }
        defer { harness.close() }
        let stream = try harness.stream()
        let publisher = try harness.session(stream, kind: .udp)
        let watcher = try harness.watch(stream)
        var fixture = TransportStreamFixture()
        let gop = StreamHarness.gop(&fixture)
        publisher.deliver(gop, nowMs: harness.loop.nowMs)
        fixture.appendAudio(bytes: 100)
        let audio = fixture.takeBytes()
        publisher.deliver(audio, nowMs: harness.loop.nowMs)
        harness.expect { watcher.bytes.count == gop.count + audio.count }
    }

    @Test func `what waits behind a picture's end has a FlushDelay of its own`() throws {
        let harness = try StreamHarness { $0.streamDefaults.flushDelay = .milliseconds(300) }
        defer { harness.close() }
        let publisher = try harness.session(try harness.stream(), kind: .udp)
        let watcher = try harness.watch(try harness.stream())
        var fixture = TransportStreamFixture()
        let gop = StreamHarness.gop(&fixture)
        fixture.appendAudio(bytes: 100)
        let audio = fixture.takeBytes()
        // The first of these waits; then a picture ends, and the second waits.
        publisher.deliver(Array(gop[..<(gop.count - 188)]), nowMs: harness.loop.nowMs)
        _ = harness.loop.run(until: { false }, timeoutMs: 200)
        let secondMs = harness.loop.nowMs
        publisher.deliver(gop[(gop.count - 188)...] + audio, nowMs: secondMs)
        harness.expect { watcher.bytes.count == gop.count + audio.count }
        #expect(harness.loop.nowMs - secondMs >= 290, "it was sent with the delay of what had waited before")
    }

    @Test func `a publisher that takes over in mid-picture is seen at that picture's end`() throws {
        let harness = try StreamHarness { $0.streamDefaults.takeover = .takeover }
        defer { harness.close() }
        let stream = try harness.stream()
        let watcher = try harness.watch(stream)
        let old = try harness.session(stream, port: 1)
        var end: SourceSession.End?
        old.onEnd = { end = $0 }
        var fixture = TransportStreamFixture()
        let first = StreamHarness.gop(&fixture, pictures: 2, bytes: 9000)
        let cut = first.count - 20 * TSPacket.size
        old.deliver(Array(first[..<cut]), nowMs: harness.loop.nowMs)
        let new = try harness.session(stream, host: "127.0.0.2", port: 2)
        var other = TransportStreamFixture()
        let second = StreamHarness.gop(&other, pictures: 3)
        new.deliver(second, nowMs: harness.loop.nowMs)
        #expect(end == nil)
        old.deliver(Array(first[cut...]) + StreamHarness.gop(&fixture), nowMs: harness.loop.nowMs)
        #expect(end == .replaced(by: "127.0.0.2:2"))
        harness.expect { watcher.bytes.count >= first.count + second.count }
        #expect((watcher.bytes == first + second) as Bool)
    }

    @Test func `the old picture's end is waited for 200 ms and no longer`() throws {
        let harness = try StreamHarness { $0.streamDefaults.takeover = .takeover }
        defer { harness.close() }
        let stream = try harness.stream()
        let old = try harness.session(stream, port: 1)
        var end: SourceSession.End?
        old.onEnd = { end = $0 }
        var fixture = TransportStreamFixture()
        let first = StreamHarness.gop(&fixture, pictures: 2, bytes: 9000)
        old.deliver(Array(first[..<(first.count - 20 * TSPacket.size)]), nowMs: harness.loop.nowMs)
        let new = try harness.session(stream, host: "127.0.0.2", port: 2)
        var other = TransportStreamFixture()
        new.deliver(StreamHarness.gop(&other), nowMs: harness.loop.nowMs)
        #expect(end == nil)
        harness.expect(timeoutMs: 1000) { end != nil }
        #expect(stream.status.publisher?.peer == "127.0.0.2:2")
    }

    @Test func `a second publisher from elsewhere is refused before a byte of it is used`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let watcher = try harness.watch(stream)
        var fixture = TransportStreamFixture()
        let sent = StreamHarness.gop(&fixture)
        let first = try harness.session(stream)
        first.deliver(sent, nowMs: harness.loop.nowMs)
        let second = try harness.session(stream, host: "127.0.0.2")
        var end: SourceSession.End?
        second.onEnd = { end = $0 }
        var other = TransportStreamFixture()
        second.deliver(StreamHarness.gop(&other), nowMs: harness.loop.nowMs)
        #expect(end == .refused(.taken))
        harness.settle()
        #expect((watcher.bytes == sent) as Bool)
        #expect(stream.status.publishersRefused == 1)
    }

    @Test func `a sender of something else is told so after 64 KiB and evicts no one`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let publisher = try harness.session(stream)
        var fixture = TransportStreamFixture()
        publisher.deliver(StreamHarness.gop(&fixture), nowMs: harness.loop.nowMs)
        let garbage = try harness.session(stream)
        var end: SourceSession.End?
        garbage.onEnd = { end = $0 }
        for _ in 0..<70 { garbage.deliver([UInt8](repeating: 0x55, count: 1000), nowMs: harness.loop.nowMs) }
        guard case .notTransportStream = end else {
            Issue.record("garbage was not refused: \(String(describing: end))")
            return
        }
        #expect(stream.hasSource && stream.status.publisher?.peer == publisher.peer.description)
    }

    @Test func `a source whose bytes hold no packets any more is as good as silent`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let publisher = try harness.session(stream)
        var fixture = TransportStreamFixture()
        let startMs = harness.loop.nowMs
        publisher.deliver(StreamHarness.gop(&fixture), nowMs: startMs)
        publisher.deliver([UInt8](repeating: 0x55, count: 1000), nowMs: startMs + 1900)
        let second = try harness.session(stream, host: "127.0.0.2")
        var other = TransportStreamFixture()
        second.deliver(StreamHarness.gop(&other), nowMs: startMs + TakeoverRule.aliveMs)
        #expect(stream.status.publisher?.peer == second.peer.description)
    }

    @Test func `a picture that was cut by the loss of its publisher never reaches a gated lane`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let first = try harness.session(stream, port: 1)
        let watcher = try harness.watch(stream, key: LaneKey(framing: .bare, isGated: true))
        var fixture = TransportStreamFixture()
        let whole = StreamHarness.gop(&fixture, pictures: 3, bytes: 5000)
        let torn = StreamHarness.gop(&fixture, pictures: 1, bytes: 9000)
        first.deliver(whole + Array(torn[..<(torn.count - 10 * TSPacket.size)]), nowMs: harness.loop.nowMs)
        first.senderGone(isComplete: false, nowMs: harness.loop.nowMs)
        var other = TransportStreamFixture()
        let next = StreamHarness.gop(&other, pictures: 3, bytes: 5000)
        try harness.session(stream, port: 2).deliver(next, nowMs: harness.loop.nowMs)
        harness.expect { watcher.bytes.count >= whole.count + next.count }
        harness.settle()
        // The torn picture's tables may pass, no packet of its video.
        let video = { (bytes: [UInt8]) in
            stride(from: 0, to: bytes.count, by: TSPacket.size).filter {
                bytes[$0 + 1] & 0x1f == 1 && bytes[$0 + 2] == 0
            }
            .map { Array(bytes[$0..<$0 + TSPacket.size]) }
        }
        #expect((video(watcher.bytes) == video(whole) + video(next)) as Bool)
        #expect(stream.status.picturesDropped == 1)
    }

    @Test func `what a new source sends before its first random access point never reaches a gated lane`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let first = try harness.session(stream, port: 1)
        let watcher = try harness.watch(stream, key: LaneKey(framing: .bare, isGated: true))
        var fixture = TransportStreamFixture()
        let whole = StreamHarness.gop(&fixture, pictures: 3, bytes: 5000)
        first.deliver(whole, nowMs: harness.loop.nowMs)
        first.senderGone(isComplete: false, nowMs: harness.loop.nowMs)
        // The other encoder has been running: its stream is joined in mid-picture, and its tables come late.
        var other = TransportStreamFixture()
        for _ in 0..<3 { other.appendPicture(bytes: 5000) }
        let joined = Array(other.takeBytes().dropFirst(12 * TSPacket.size))
        let next = StreamHarness.gop(&other, pictures: 3, bytes: 5000)
        let second = try harness.session(stream, port: 2)
        for start in stride(from: 0, to: joined.count, by: 7 * TSPacket.size) {
            second.deliver(
                Array(joined[start..<min(start + 7 * TSPacket.size, joined.count)]), nowMs: harness.loop.nowMs)
        }
        second.deliver(next, nowMs: harness.loop.nowMs)
        harness.expect { watcher.bytes.count >= whole.count + next.count }
        harness.settle()
        #expect((watcher.bytes == whole + next) as Bool)
    }

    @Test func `viewers of a named stream leave when Grace is over, those of a configured one stay`() throws {
        let harness = try StreamHarness { $0.streamDefaults.grace = .milliseconds(100) }
        defer { harness.close() }
        let named = try harness.stream(try StreamID(app: "live", name: "other"))
        let configured = try harness.stream()
        var watchers: [Watcher] = []
        for stream in [named, configured] {
            let publisher = try harness.session(stream)
            var fixture = TransportStreamFixture()
            publisher.deliver(StreamHarness.gop(&fixture), nowMs: harness.loop.nowMs)
            watchers.append(try harness.watch(stream))
            publisher.senderGone(isComplete: false, nowMs: harness.loop.nowMs)
        }
        harness.expect { watchers[0].end == .streamEnded }
        #expect(watchers[1].end == nil)
        #expect(configured.audience.count == 1)
        harness.expect { harness.registry.stream(named.id) == nil }
    }

    @Test func `a viewer stays through a gap that is shorter than Grace`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream(try StreamID(app: "live", name: "other"))
        var fixture = TransportStreamFixture()
        let first = StreamHarness.gop(&fixture)
        let publisher = try harness.session(stream)
        publisher.deliver(first, nowMs: harness.loop.nowMs)
        let watcher = try harness.watch(stream)
        publisher.senderGone(isComplete: false, nowMs: harness.loop.nowMs)
        let second = StreamHarness.gop(&fixture)
        try harness.session(stream, port: 9).deliver(second, nowMs: harness.loop.nowMs)
        harness.expect { watcher.bytes.count == first.count + second.count }
        #expect(watcher.bytes == first + second && watcher.end == nil)
    }

    @Test func `a stream that shows no pictures can be joined after two seconds`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let publisher = try harness.session(stream)
        let data = (0..<40).flatMap { number -> [UInt8] in
            [0x47, 0x01, 0x23, 0x10 | UInt8(number & 0xf)] + [UInt8](repeating: 0x5a, count: 184)
        }
        let watcher = try harness.watch(stream)
        harness.expect(timeoutMs: 6000) {
            publisher.deliver(data, nowMs: harness.loop.nowMs)
            return !watcher.bytes.isEmpty
        }
        #expect(stream.audience.count == 1)
    }

    @Test func `BufferMemory holds, and the stream goes on without its history`() throws {
        let harness = try StreamHarness { $0.app.bufferMemoryBytes = 256 << 10 }
        defer { harness.close() }
        let stream = try harness.stream()
        let publisher = try harness.session(stream)
        let watcher = try harness.watch(stream)
        var fixture = TransportStreamFixture()
        var sent = 0
        for _ in 0..<20 {
            let gop = StreamHarness.gop(&fixture, pictures: 10, bytes: 9000)
            sent += gop.count
            publisher.deliver(gop, nowMs: harness.loop.nowMs)
            harness.settle()
            #expect(harness.registry.memoryBytes <= 384 << 10)
        }
        harness.expect { watcher.bytes.count == sent }
        fixture.appendPicture(bytes: 700_000, isRandomAccess: true)
        publisher.deliver(fixture.takeBytes(), nowMs: harness.loop.nowMs)
        #expect(harness.registry.memoryLimitReached > 0)
        #expect(harness.registry.memoryBytes <= 256 << 10)
    }
}
