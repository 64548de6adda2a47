import Telemetry
import Testing

@Suite struct FlapCounterTests {
    /// Comes and goes once, and says which of the two was to be written.
    private func flap<Key>(_ flaps: inout FlapCounter<Key>, _ key: Key, nowMs: Int64) -> [Bool] {
        [flaps.admits(key, .came, nowMs: nowMs), flaps.admits(key, .went, nowMs: nowMs)]
    }

    private func told<Key>(_ flaps: inout FlapCounter<Key>, nowMs: Int64) -> [UInt64] {
        flaps.due(nowMs: nowMs).map(\.times)
    }

    @Test func `the first coming and the first going are written, and what follows is counted`() {
        var flaps = FlapCounter<String>()
        let first = flap(&flaps, "a", nowMs: 0)
        let other = flap(&flaps, "b", nowMs: 1)
        #expect(first == [true, true] && other == [true, true])
        for ms in 1...1000 {
            let later = flap(&flaps, "a", nowMs: Int64(ms))
            #expect(later == [false, false])
        }
        let early = flaps.due(nowMs: 9_999)
        #expect(early.isEmpty)
        let due = flaps.due(nowMs: 10_000)
        #expect(due.count == 1 && due.first?.key == "a" && due.first?.times == 1000)
    }

    @Test func `whoever was there before is written when it goes and when it is back`() {
        var flaps = FlapCounter<String>()
        let went = flaps.admits("a", .went, nowMs: 0)
        let came = flaps.admits("a", .came, nowMs: 500)
        let again = flaps.admits("a", .went, nowMs: 900)
        #expect(went && came && !again)
    }

    @Test func `one that stayed as it was for a window is new the next time`() {
        var flaps = FlapCounter<String>()
        let first = flap(&flaps, "a", nowMs: 0)
        let nothing = flaps.due(nowMs: 10_000)
        let next = flap(&flaps, "a", nowMs: 10_001)
        #expect(first == next && nothing.isEmpty)
    }

    @Test func `windows double up to ten minutes while it goes on`() {
        var flaps = FlapCounter<String>()
        var tellings: [Int64] = []
        for second in 0...3600 {
            let nowMs = Int64(second) * 1000
            _ = flap(&flaps, "a", nowMs: nowMs)
            if !told(&flaps, nowMs: nowMs).isEmpty { tellings.append(nowMs) }
        }
        #expect(tellings.prefix(4) == [10_000, 30_000, 70_000, 150_000])
        let gaps = zip(tellings, tellings.dropFirst()).map { $1 - $0 }
        #expect(gaps.max() == FlapCounter<String>.windowMsMax)
    }

    @Test func `the last state is told soon after the last change, however long the window is`() {
        var flaps = FlapCounter<String>()
        for second in 0...80 {
            _ = flap(&flaps, "a", nowMs: Int64(second) * 1000)
            _ = flaps.due(nowMs: Int64(second) * 1000)
        }
        // The window that began at 70 s ends at 150 s.
        let early = told(&flaps, nowMs: 89_999)
        let settled = told(&flaps, nowMs: 90_000)
        let later = told(&flaps, nowMs: 149_999)
        #expect(early.isEmpty && settled == [10] && later.isEmpty)
    }

    @Test func `those over the limit are counted together`() {
        var flaps = FlapCounter<Int>()
        let keys = FlapCounter<Int>.keysMax + 500
        var written = 0
        for key in 0..<keys { written += flap(&flaps, key, nowMs: 5).count { $0 } }
        #expect(written == 2 * FlapCounter<Int>.keysMax)
        let due = flaps.due(nowMs: 10_005)
        #expect(due.count == 1 && due.first?.key == nil && due.first?.times == 500)
    }

    @Test func `at the end everything that was counted is told`() {
        var flaps = FlapCounter<String>()
        for _ in 0..<3 { _ = flap(&flaps, "a", nowMs: 0) }
        _ = flap(&flaps, "b", nowMs: 0)
        let left = flaps.drain()
        let nothing = flaps.drain()
        #expect(left.count == 1 && left.first?.key == "a" && left.first?.times == 2 && nothing.isEmpty)
    }
}
