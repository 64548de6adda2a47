import Testing

@testable import Bench

@Suite struct GapMeterTests {
    @Test func `the longest time between two packets is the gap`() {
        var gap = GapMeter()
        gap.begin()
        #expect(gap.greatestUs == 0)
        gap.packetsCame(nowUs: 1_000_000)
        #expect(gap.greatestUs == 0)
        for nowUs in [1_040_000, 1_290_000, 1_330_000] as [Int64] { gap.packetsCame(nowUs: nowUs) }
        #expect(gap.greatestUs == 250_000)
    }

    @Test func `what began before the measuring counts from the last packet on`() {
        var gap = GapMeter()
        for nowUs in [0, 5_000_000] as [Int64] { gap.packetsCame(nowUs: nowUs) }
        gap.begin()
        gap.packetsCame(nowUs: 5_300_000)
        #expect(gap.greatestUs == 300_000)
    }

    @Test func `what is missing at the end counts, and what comes later does not`() {
        var gap = GapMeter()
        gap.packetsCame(nowUs: 100)
        gap.end(nowUs: 900)
        gap.packetsCame(nowUs: 5000)
        #expect(gap.greatestUs == 800)
    }

    @Test(arguments: [(-5, 0), (0, 0), (1000, 1), (500_000, 500), (999_999, 999), (1_000_000, 1000), (9_000_000, 1000)])
    func `a storm comes evenly within a second`(_ elapsedUs: Int64, _ due: Int) {
        #expect(LoadStorm.due(count: 1000, elapsedUs: elapsedUs) == due)
    }
}
