import Testing

@testable import Peering

@Suite struct BackoffTests {
    /// The longest waits, retry by retry, when each dial fails at once.
    private func ceilings(_ backoff: inout Backoff, from startMs: Int64, count: Int) -> [Int64] {
        var nowMs = startMs
        return (0..<count).map { _ in
            let waitMs = backoff.lost(nowMs: nowMs, random: 1)
            nowMs += waitMs
            return waitMs
        }
    }

    @Test func `waits double from 250 ms to 1 s, and to 5 s once the loss is ten seconds old`() {
        var backoff = Backoff()
        let waits = ceilings(&backoff, from: 1000, count: 16)
        // 250 + 500 + 9 * 1000 = 9.75 s after the loss, so the next is still fresh; the one behind is not.
        #expect(waits == [250, 500] + [Int64](repeating: 1000, count: 10) + [Int64](repeating: 5000, count: 4))
    }

    @Test(arguments: [0, 0.25, 0.5, 0.999])
    func `jitter is full: a wait lies anywhere from 0 to its ceiling`(random: Double) {
        var backoff = Backoff()
        let waits = [backoff.lost(nowMs: 0, random: random), backoff.lost(nowMs: 0, random: random)]
        #expect(waits == [Int64(250 * random), Int64(500 * random)])
    }

    @Test(arguments: [-1, 2, .infinity, -.infinity, .nan] as [Double])
    func `a random number from elsewhere never traps`(random: Double) {
        var backoff = Backoff()
        let waitMs = backoff.lost(nowMs: 0, random: random)
        #expect((0...250).contains(waitMs))
    }

    @Test func `a link that held ten seconds starts from the first again`() {
        var backoff = Backoff()
        _ = ceilings(&backoff, from: 0, count: 20)
        backoff.connected(nowMs: 100_000)
        let waitMs = backoff.lost(nowMs: 110_000, random: 1)
        #expect(waitMs == 250)
    }

    @Test func `a link that stood is dialled within a second again, however often it falls`() {
        var backoff = Backoff()
        _ = ceilings(&backoff, from: 0, count: 20)
        backoff.connected(nowMs: 100_000)
        let waits = ceilings(&backoff, from: 100_000 + Backoff.standsMs, count: 12)
        #expect(waits == [Int64](repeating: 1000, count: 10) + [5000, 5000])
    }

    @Test func `a child that accepts and closes at once is dialled every five seconds at last`() {
        var backoff = Backoff()
        var nowMs: Int64 = 0
        var waits: [Int64] = []
        for _ in 0..<20 {
            backoff.connected(nowMs: nowMs)
            let waitMs = backoff.lost(nowMs: nowMs, random: 1)
            waits.append(waitMs)
            nowMs += waitMs
        }
        #expect(waits.prefix(3) == [250, 500, 1000] && waits.last == 5000)
    }

    @Test func `ten thousand failures overflow nothing`() {
        var backoff = Backoff()
        let waits = ceilings(&backoff, from: 0, count: 10_000)
        #expect(waits.last == 5000)
    }
}
