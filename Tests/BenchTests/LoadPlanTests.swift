import Testing

@testable import Bench

@Suite struct LoadPlanTests {
    private static func plan() -> LoadPlan {
        var options = LoadOptions()
        options.watch = try? StreamURL(parsing: "tcp://127.0.0.1:9")
        (options.viewers, options.slow, options.warmupSeconds, options.seconds) = (10, 2, 1, 5)
        var plan = LoadPlan(options)
        plan.start(nowUs: 1_000_000)
        return plan
    }

    private static var facts: LoadPlan.Facts {
        var facts = LoadPlan.Facts()
        (facts.viewers, facts.quickViewers, facts.hasPublished, facts.hasDelivered) = (10, 8, false, false)
        return facts
    }

    @Test func `a run publishes, connects, warms up, measures and waits for the last packets`() {
        var plan = Self.plan()
        var facts = Self.facts
        #expect(plan.advance(facts, nowUs: 1_100_000) == .none)
        facts.hasPublished = true
        #expect(plan.advance(facts, nowUs: 1_200_000) == .dialViewers)
        (facts.connected, facts.settled) = (10, 7)
        #expect(plan.advance(facts, nowUs: 2_000_000) == .none)
        facts.settled = 8
        #expect(plan.advance(facts, nowUs: 2_100_000) == .none)
        #expect(plan.phase == .warming)
        #expect(plan.advance(facts, nowUs: 3_099_999) == .none)
        #expect(plan.advance(facts, nowUs: 3_100_000) == .beginMeasuring)
        #expect(plan.advance(facts, nowUs: 8_099_999) == .none)
        #expect(plan.advance(facts, nowUs: 8_100_000) == .endMeasuring)
        (facts.hasDelivered, facts.behind) = (true, 1)
        #expect(plan.advance(facts, nowUs: 8_200_000) == .none)
        facts.behind = 0
        #expect(plan.advance(facts, nowUs: 8_300_000) == .finish)
        #expect(plan.advance(facts, nowUs: 8_400_000) == .none)
        #expect(plan.phase == .done)
    }

    @Test func `without a publisher viewers dial at once`() {
        var plan = Self.plan()
        var facts = Self.facts
        facts.hasPublished = nil
        #expect(plan.advance(facts, nowUs: 1_000_000) == .dialViewers)
    }

    @Test func `a publisher that cannot begin ends the run`() {
        var plan = Self.plan()
        var facts = Self.facts
        facts.hasFailed = true
        #expect(plan.advance(facts, nowUs: 1_100_000) == .finish)
        plan = Self.plan()
        facts.hasFailed = false
        #expect(plan.advance(facts, nowUs: 11_000_001) == .finish)
    }

    @Test func `viewers that get nothing do not hold the run up for ever`() {
        var plan = Self.plan()
        var facts = Self.facts
        facts.hasPublished = true
        #expect(plan.advance(facts, nowUs: 1_000_000) == .dialViewers)
        #expect(plan.advance(facts, nowUs: 1_000_000 + plan.connectUs) == .none)
        #expect(plan.phase == .connecting)
        #expect(plan.advance(facts, nowUs: 1_000_001 + plan.connectUs) == .none)
        #expect(plan.phase == .warming)
    }

    @Test func `the last packets are waited for two seconds`() {
        var plan = Self.plan()
        var facts = Self.facts
        facts.hasPublished = true
        (facts.connected, facts.settled, facts.behind) = (10, 8, 3)
        var now: Int64 = 1_000_000
        while plan.phase != .draining {
            _ = plan.advance(facts, nowUs: now)
            now += 10_000
        }
        now -= 10_000
        #expect(plan.advance(facts, nowUs: now + 1_999_999) == .none)
        #expect(plan.advance(facts, nowUs: now + 2_000_000) == .finish)
    }

    @Test func `the stream goes on until all of a storm have a picture, or its time is over`() {
        for (waiting, endUs) in [(0, 5_000_000), (3, 7_000_000)] as [(Int, Int64)] {
            var plan = Self.plan()
            var facts = Self.facts
            (facts.hasPublished, facts.connected, facts.settled, facts.stormWaiting) = (true, 10, 8, waiting)
            for now in [1, 2, 3] as [Int64] { _ = plan.advance(facts, nowUs: now * 1_000_000) }
            #expect(plan.phase == .measuring)
            #expect(plan.advance(facts, nowUs: 3_000_000 + endUs - 1) == .none)
            #expect(plan.advance(facts, nowUs: 3_000_000 + endUs) == .endMeasuring)
        }
    }

    @Test func `an interruption ends what was measured with its figures`() {
        var plan = Self.plan()
        #expect(plan.interrupt(nowUs: 1_000_000) == .finish)
        plan = Self.plan()
        var facts = Self.facts
        (facts.hasPublished, facts.connected, facts.settled) = (true, 10, 8)
        for now in [1, 2, 3] as [Int64] { _ = plan.advance(facts, nowUs: now * 1_000_000) }
        #expect(plan.phase == .measuring)
        #expect(plan.interrupt(nowUs: 3_500_000) == .endMeasuring)
        #expect(plan.interrupt(nowUs: 3_600_000) == .none)
        #expect(plan.phase == .draining)
    }
}
