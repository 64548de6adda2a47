import Configuration
import Fanout
import LoopIO
import TestSupport
import Testing

@testable import Streaming

@Suite struct MemoryPlanTests {
    private func plan(_ configure: (inout NodeConfiguration) -> Void = { _ in }) -> MemoryPlan {
        var configuration = NodeConfiguration.builtin
        configure(&configuration)
        return MemoryPlan(configuration)
    }

    @Test func `BufferMemory is so many segments with their indexes`() {
        #expect((Segment.memoryBytes - 348 * 40 - 65_536) < 128)
        #expect(plan().segmentsMax == 6752)
        #expect(plan { $0.app.bufferMemoryBytes = 1 << 20 }.segmentsMax == 13)
        #expect(plan { $0.app.bufferMemoryBytes = 0 }.segmentsMax == 0)
    }

    @Test func `a lane reaches back to the last start or as far as a viewer may lag, whichever is further`() {
        let plan = plan {
            $0.viewers[0].lag = LagLimit(time: .seconds(2), bytes: 4 << 20)
            $0.streamDefaults.gopBytes = 16 << 20
        }
        // 1,000,000 bytes, 62,792 to a segment, and a segment more.
        #expect(plan.segmentsPerLane(kilobitsPerSecond: 4000, gopMs: 2000) == 17)
        // A shorter GOP: the lag decides.
        #expect(plan.segmentsPerLane(kilobitsPerSecond: 4000, gopMs: 500) == 17)
        #expect(plan.segmentsPerLane(kilobitsPerSecond: 4000, gopMs: 10_000) == 81)
        // GopBytes and MaxLag bound what a GOP and a rate ask for.
        #expect(plan.segmentsPerLane(kilobitsPerSecond: 50_000, gopMs: 60_000) == 269)
        #expect(plan.segmentsPerLane(kilobitsPerSecond: 50_000, gopMs: 0) == 68)
        #expect(plan.segmentsPerLane(kilobitsPerSecond: 0, gopMs: 0) == 1)
        #expect(plan.segmentsPerLane(kilobitsPerSecond: 10_000_000, gopMs: 3_600_000) == 269)
    }

    @Test func `a door for browsers may ask for two lanes beside the base lane`() {
        #expect(plan().lanesPerStream == 3)
        #expect(plan { $0.viewers[0].tier = .tcp }.lanesPerStream == 1)
        #expect(plan { $0.viewers = [] }.lanesPerStream == 1)
    }

    @Test func `what people are told is the same in the log and in words`() {
        let fields = plan().fields.map { $0.key + "=" + $0.value }.joined(separator: " ")
        #expect(
            fields == "buffers=512M segments=6752 lane_of_4mbit_gop_2s=17 lanes_per_stream=3 such_streams=132 "
                + "viewer=\(Viewer.processBytesMax >> 10)K viewer_kernel=\(KernelBuffer.heldBytesMax >> 10)K")
        #expect(
            plan().lines == [
                "512M are 6752 segments of 64K: a stream of 4 Mbit/s with a GOP of 2s takes 17 in each of its 3 lanes, so "
                    + "132 such streams fit; what does not fit has no history",
                "a viewer takes at most \(Viewer.processBytesMax >> 10)K in the process, and for one that does not read at "
                    + "most \(KernelBuffer.heldBytesMax >> 10)K wait in the kernel",
            ])
        #expect(plan { $0.viewers = [] }.lines[0].contains("takes 17 in its one lane, so 397 such"))
    }

    /// 4 Mbit/s: 25 pictures a second of 20,000 bytes, a random access point every 50.
    @Test func `a stream's lanes take what the plan says`() throws {
        let harness = try StreamHarness { $0.streamDefaults.gopBytes = 16 << 20 }
        defer { harness.close() }
        let stream = try harness.stream()
        let publisher = try harness.session(stream)
        let browser = try harness.watch(stream, key: .webSocket)
        let player = try harness.watch(stream, key: .httpChunks)
        var fixture = TransportStreamFixture()
        var nowMs = harness.loop.nowMs
        var most = 0
        for picture in 0..<150 {
            if picture % 50 == 0 { fixture.appendTables() }
            fixture.appendPicture(bytes: 19_500, isRandomAccess: picture % 50 == 0)
            publisher.deliver(fixture.takeBytes(), nowMs: nowMs)
            most = max(most, stream.memoryBytes)
            nowMs += 40
            if picture % 10 == 0 { harness.settle() }
        }
        let planned = MemoryPlan(harness.registry.configuration).segmentsPerLane(kilobitsPerSecond: 4000, gopMs: 2000)
        #expect(most <= 3 * planned * Segment.memoryBytes)
        #expect(most > 3 * (planned - 3) * Segment.memoryBytes)
        withExtendedLifetime((browser, player)) {}
    }
}
