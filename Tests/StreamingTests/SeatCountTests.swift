import LoopIO
import Testing

@testable import Streaming

@Suite struct SeatCountTests {
    @Test func `the last seat is given away once, and again when it was given back`() {
        let seats = SeatCount()
        #expect(seats.take(upTo: 2))
        #expect(seats.take(upTo: 2))
        #expect(!seats.take(upTo: 2))
        seats.giveBack()
        #expect(seats.taken == 1)
        #expect(seats.take(upTo: 2))
        #expect(!seats.take(upTo: 0))
    }

    private final class Taken {
        var seats = 0
    }

    @Test func `two loops that take seats at once get as many as there are`() throws {
        let seats = SeatCount()
        let loops = [try EventLoop(), try EventLoop()]
        let taken = loops.map { _ in Taken() }
        for (loop, taken) in zip(loops, taken) {
            // SAFETY: both are used on the loop's thread, and the number is read after the thread's end.
            nonisolated(unsafe) let (loop, taken) = (loop, taken)
            loop.mailbox.post {
                for _ in 0..<20_000 where seats.take(upTo: 30_000) { taken.seats += 1 }
                loop.stop()
            }
        }
        let threads = try loops.map { try LoopThread(running: $0) }
        for thread in threads { thread.join() }
        #expect(taken.reduce(0) { $0 + $1.seats } == 30_000)
        #expect(seats.taken == 30_000)
    }
}
