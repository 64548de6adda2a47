import Telemetry
import Testing

@Suite struct RepeatCounterTests {
    private func expect(_ value: Bool, _ wanted: Bool, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(value == wanted, sourceLocation: sourceLocation)
    }

    @Test func `the first of a kind is written, its repeats are counted`() {
        var repeats = RepeatCounter<String>()
        expect(repeats.admits("a", nowMs: 0), true)
        expect(repeats.admits("b", nowMs: 1), true)
        for ms in 2..<1002 { expect(repeats.admits("a", nowMs: Int64(ms)), false) }
        let early = repeats.due(nowMs: 9_999)
        #expect(early.isEmpty)
        let told = repeats.due(nowMs: 10_001)
        #expect(told.count == 1 && told.first?.key == "a" && told.first?.times == 1000)
    }

    @Test func `a kind that did not come again is new the next time`() {
        var repeats = RepeatCounter<String>()
        expect(repeats.admits("a", nowMs: 0), true)
        let early = repeats.due(nowMs: 10_000)
        #expect(early.isEmpty)
        #expect(repeats.isEmpty)
        expect(repeats.admits("a", nowMs: 10_001), true)
    }

    @Test func `windows double up to ten minutes while a kind goes on`() {
        var repeats = RepeatCounter<String>()
        expect(repeats.admits("a", nowMs: 0), true)
        var tellings: [Int64] = []
        for second in 1...3600 {
            let nowMs = Int64(second) * 1000
            expect(repeats.admits("a", nowMs: nowMs), false)
            let told = repeats.due(nowMs: nowMs)
            if !told.isEmpty { tellings.append(nowMs) }
        }
        #expect(tellings.prefix(4) == [10_000, 30_000, 70_000, 150_000])
        let gaps = zip(tellings, tellings.dropFirst()).map { $1 - $0 }
        #expect(gaps.max() == RepeatCounter<String>.windowMsMax)
    }

    @Test func `kinds over the limit are counted together`() {
        var repeats = RepeatCounter<Int>()
        var written = 0
        for kind in 0..<10_000 where repeats.admits(kind, nowMs: 5) { written += 1 }
        #expect(written == RepeatCounter<Int>.keysMax)
        let told = repeats.due(nowMs: 10_005)
        #expect(told.count == 1 && told.first?.key == nil)
        #expect(told.first?.times == UInt64(10_000 - RepeatCounter<Int>.keysMax))
    }

    @Test func `at the end everything that was counted is told`() {
        var repeats = RepeatCounter<String>()
        for _ in 0..<3 { _ = repeats.admits("a", nowMs: 0) }
        expect(repeats.admits("b", nowMs: 0), true)
        let told = repeats.drain()
        #expect(told.count == 1 && told.first?.key == "a" && told.first?.times == 2)
        #expect(repeats.isEmpty)
    }
}
