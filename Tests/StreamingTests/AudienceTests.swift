import Configuration
import Fanout
import LoopIO
import TestSupport
import Testing
import TransportStream

@testable import Streaming

@Suite struct AudienceTests {
    private let tight = LagRule(msMax: 300, bytesMax: 1 << 20)

    @Test func `a viewer that never reads costs the others nothing`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let stalled = try harness.watch(stream, lag: tight, reads: false)
        let healthy = try harness.watch(stream)
        let publisher = try harness.session(stream)
        var fixture = TransportStreamFixture()
        var sent: [UInt8] = []
        for _ in 0..<100 {
            let gop = StreamHarness.gop(&fixture, pictures: 5, bytes: 40_000)
            sent += gop
            publisher.deliver(gop, nowMs: harness.loop.nowMs)
            harness.expect { healthy.bytes.count == sent.count }
        }
        #expect((healthy.bytes == sent) as Bool)
        #expect(stream.audience.count == 2)
        #expect(stalled.end == nil)
        #expect(harness.registry.memoryBytes < 8 << 20)
    }

    @Test func `a viewer that reads again gets whole pictures only, and is counted`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let slow = try harness.watch(stream, lag: tight, reads: false)
        let publisher = try harness.session(stream)
        var fixture = TransportStreamFixture()
        var sent: [UInt8] = []
        for _ in 0..<120 {
            let gop = StreamHarness.gop(&fixture, pictures: 5, bytes: 20_000)
            sent += gop
            publisher.deliver(gop, nowMs: harness.loop.nowMs)
            _ = harness.loop.run(until: { false }, timeoutMs: 5)
        }
        slow.read()
        // A random access point is fresh for 300 ms only, so they go on coming until one has been taken.
        var last: [UInt8] = []
        var lastMs: Int64 = 0
        harness.expect {
            if !last.isEmpty, slow.bytes.suffix(last.count) == last { return true }
            if harness.loop.nowMs - lastMs >= 50 {
                last = StreamHarness.gop(&fixture)
                lastMs = harness.loop.nowMs
                sent += last
                publisher.deliver(last, nowMs: lastMs)
            }
            return false
        }
        var judge = PictureWholeness()
        judge.read(slow.bytes)
        #expect(judge.tornPictures == 0)
        #expect(judge.pictures > 5 && slow.bytes.count < sent.count)
        #expect((slow.viewer.figures?.skippedPictures ?? 0) > 0)
        #expect(stream.status.picturesSkipped > 0)
    }

    @Test func `what a stalled viewer has lost is counted while it stands, and once`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let stalled = try harness.watch(stream, lag: tight, reads: false)
        let publisher = try harness.session(stream)
        var fixture = TransportStreamFixture()
        var last: UInt64 = 0
        for _ in 0..<100 {
            publisher.deliver(StreamHarness.gop(&fixture, pictures: 5, bytes: 40_000), nowMs: harness.loop.nowMs)
            stream.pump()
            let skipped = stream.status.picturesSkipped
            #expect(skipped >= last)
            last = skipped
        }
        // 500 pictures of 40 kB went by; 1 MiB may be ahead of it, 26 pictures, and the kernel holds some of the first.
        #expect(last > 250 && last < 500)
        #expect(stalled.viewer.figures?.skippedPictures == last)
        stalled.viewer.leave()
        #expect(stream.status.picturesSkipped == last)
    }

    @Test func `with LagPolicy kick it is sent away after its picture`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let slow = try harness.watch(stream, lag: tight, kicks: true, reads: false)
        let publisher = try harness.session(stream)
        var fixture = TransportStreamFixture()
        for _ in 0..<100 {
            publisher.deliver(StreamHarness.gop(&fixture, pictures: 5, bytes: 20_000), nowMs: harness.loop.nowMs)
            _ = harness.loop.run(until: { false }, timeoutMs: 5)
        }
        slow.read()
        harness.expect { slow.end == .tooSlow }
        harness.settle()
        var judge = PictureWholeness()
        judge.read(slow.bytes)
        #expect(judge.tornPictures == 0)
        #expect(stream.audience.count == 0)
    }

    @Test func `with LagPolicy kick it goes too when the lane drops its place before it is looked at`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let slow = try harness.watch(stream, lag: LagRule(msMax: 2000, bytesMax: 4 << 20), kicks: true, reads: false)
        let publisher = try harness.session(stream)
        var fixture = TransportStreamFixture()
        // More than 4 MiB between two looks: the lane is kept no further back than this viewer may be.
        for _ in 0..<100 {
            publisher.deliver(StreamHarness.gop(&fixture, pictures: 5, bytes: 40_000), nowMs: harness.loop.nowMs)
            stream.pump()
        }
        let slot = try #require(stream.audience.groups.first?.slots.first)
        #expect(slot.isBlocked && slot.ending == .tooSlow)
        #expect(stream.status.picturesSkipped > 0)
        slow.read()
        harness.expect { slow.end == .tooSlow }
        harness.settle()
        var judge = PictureWholeness()
        judge.read(slow.bytes)
        #expect(judge.pictures > 0 && judge.tornPictures == 0)
    }

    @Test func `blocked viewers are looked at twice a second at most`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        _ = try blocked(harness, stream, kicks: true)
        let audience = stream.audience
        // Behind is who has waited for 30 s: not at the first look, but at the second.
        let firstMs = harness.loop.nowMs + 29_900
        audience.sweep(nowMs: firstMs)
        audience.sweep(nowMs: firstMs + Audience.sweepMs - 1)
        #expect(audience.groups[0].slots[0].ending == nil)
        audience.sweep(nowMs: firstMs + Audience.sweepMs)
        #expect(audience.groups[0].slots[0].ending == .tooSlow)
    }

    @Test func `a viewer that is to leave and takes nothing goes after three seconds to the tick`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let stalled = try blocked(harness, stream, kicks: false)
        stream.audience.sweep(nowMs: harness.loop.nowMs + 1)
        stream.audience.end(stalled.viewer, .stopping)
        let dueMs = harness.loop.nowMs + ViewerSlot.endMsMax
        stream.audience.sweep(nowMs: dueMs - 100)
        stream.audience.sweep(nowMs: dueMs - 1)
        #expect(stalled.end == nil)
        // The last look was 1 ms ago: what is due does not wait for the next.
        stream.audience.sweep(nowMs: dueMs)
        #expect(stalled.end == .stopping && stream.audience.count == 0)
    }

    /// A viewer that never reads and whose connection is full; it may be 30 s behind.
    private func blocked(_ harness: StreamHarness, _ stream: LiveStream, kicks: Bool) throws -> Watcher {
        let patient = LagRule(msMax: 30_000, bytesMax: 16 << 20)
        let stalled = try harness.watch(stream, lag: patient, kicks: kicks, reads: false)
        let publisher = try harness.session(stream)
        var fixture = TransportStreamFixture()
        let nowMs = harness.loop.nowMs
        for _ in 0..<15 {
            publisher.deliver(StreamHarness.gop(&fixture, pictures: 5, bytes: 40_000), nowMs: nowMs)
            stream.pump()
        }
        #expect(stream.audience.groups[0].slots[0].isBlocked)
        return stalled
    }

    @Test func `a viewer whose connection breaks is let go of`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let gone = try harness.watch(stream)
        let stays = try harness.watch(stream)
        let publisher = try harness.session(stream)
        var fixture = TransportStreamFixture()
        publisher.deliver(StreamHarness.gop(&fixture), nowMs: harness.loop.nowMs)
        gone.near.closeWithReset()
        harness.expect {
            publisher.deliver(StreamHarness.gop(&fixture), nowMs: harness.loop.nowMs)
            return gone.end == .connectionLost
        }
        #expect(stream.audience.count == 1 && stays.end == nil)
    }

    @Test func `a connection that is closed with a write in flight leaves nothing behind`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let stalled = try harness.watch(stream, reads: false)
        let publisher = try harness.session(stream)
        var fixture = TransportStreamFixture()
        // Not further than that: the kernels take the rest of a chunk in time, and a viewer far behind begins no other.
        for _ in 0..<100 where !stalled.far.isWriting {
            publisher.deliver(StreamHarness.gop(&fixture, pictures: 5, bytes: 40_000), nowMs: harness.loop.nowMs)
            harness.settle()
        }
        #expect(stalled.far.isWriting)
        stalled.viewer.leave()
        stalled.far.close()
        harness.settle()
        #expect(stream.audience.count == 0 && stalled.end == nil)
    }

    @Test func `a connection that closes under its viewer is written to no more`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let publisher = try harness.session(stream)
        var fixture = TransportStreamFixture()
        publisher.deliver(StreamHarness.gop(&fixture), nowMs: harness.loop.nowMs)
        let gone = try harness.watch(stream)
        let stays = try harness.watch(stream)
        harness.expect { !gone.bytes.isEmpty && gone.bytes.count == stays.bytes.count }
        // Nobody has told the audience; the next connection gets the same descriptor.
        let descriptor = gone.far.sendDescriptor
        gone.far.close()
        harness.settle()
        let next = try harness.watch(stream, start: .live)
        #expect(next.near.sendDescriptor == descriptor)
        var strays = 0
        next.far.startReading(onRead: { strays += $0.count }, onEnd: { _ in })
        let more = StreamHarness.gop(&fixture)
        publisher.deliver(more, nowMs: harness.loop.nowMs)
        harness.expect { next.bytes.count >= more.count }
        harness.settle()
        #expect((next.bytes == more) as Bool)
        #expect(strays == 0, "what was meant for the viewer that has gone")
    }

    @Test func `control bytes go out between two frames`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let watcher = try harness.watch(stream, key: .webSocket)
        let publisher = try harness.session(stream)
        var fixture = TransportStreamFixture()
        let pong: [UInt8] = [0x8a, 0x01, 0x58]
        for _ in 0..<50 {
            publisher.deliver(StreamHarness.gop(&fixture, pictures: 5, bytes: 30_000), nowMs: harness.loop.nowMs)
            watcher.viewer.send(control: pong)
            harness.settle()
        }
        var pongs = 0
        var rest = watcher.bytes[...]
        while let opcode = rest.first {
            let at = rest.startIndex
            let length = rest[at + 1] == 126 ? Int(rest[at + 2]) << 8 | Int(rest[at + 3]) : Int(rest[at + 1])
            let head = rest[at + 1] == 126 ? 4 : 2
            if opcode == 0x8a { pongs += 1 } else { #expect(opcode == 0x82 && length % TSPacket.size == 0) }
            rest = rest[(at + head + length)...]
        }
        #expect(pongs == 50)
    }

    @Test func `a stop ends every viewer between two pictures`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let publisher = try harness.session(stream)
        let watchers = try (0..<5).map { _ in try harness.watch(stream) }
        var fixture = TransportStreamFixture()
        publisher.deliver(StreamHarness.gop(&fixture, pictures: 5, bytes: 30_000), nowMs: harness.loop.nowMs)
        stream.audience.endAll(.stopping)
        harness.expect { watchers.allSatisfy { $0.end == .stopping } }
        harness.settle()
        for watcher in watchers {
            var judge = PictureWholeness()
            judge.read(watcher.bytes)
            #expect(judge.tornPictures == 0)
        }
    }
}

/// Counts the pictures of a fixture's video, and those that lost packets.
struct PictureWholeness {
    private(set) var pictures = 0
    private(set) var tornPictures = 0
    private var continuity: UInt8?
    private var isOpen = false
    private var isTorn = false

    /// Reads whole packets; the last picture counts if its end is there.
    mutating func read(_ bytes: [UInt8]) {
        for at in stride(from: 0, to: bytes.count - bytes.count % TSPacket.size, by: TSPacket.size) {
            guard bytes[at + 1] & 0x1f == 1, bytes[at + 2] == 0 else { continue }
            let counter = bytes[at + 3] & 0x0f
            let starts = bytes[at + 1] & 0x40 != 0
            let follows = continuity.map { ($0 + 1) & 0x0f == counter } ?? true
            continuity = counter
            if starts {
                if isOpen { tornPictures += 1 }
                pictures += 1
                isOpen = true
                isTorn = false
            } else if !follows || !isOpen {
                isTorn = true
            }
            // The fixture fills the last packet of a picture by its adaptation field.
            let isLast = bytes[at + 3] & 0x20 != 0 && (!starts || bytes[at + 4] > 20)
            if isLast {
                if isTorn { tornPictures += 1 }
                isOpen = false
                isTorn = false
            }
        }
    }
}
