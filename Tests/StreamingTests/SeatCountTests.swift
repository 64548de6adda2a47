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

    @Test func `two loops that take seats at once get as many as there are`() throws {
        let seats = SeatCount()
        let loops = [try EventLoop(), try EventLoop()]
        // SAFETY: each number is written on its loop's thread, and read after the thread's end.
        nonisolated(unsafe) var got = (0, 0)
        for (index, loop) in loops.enumerated() {
            nonisolated(unsafe) let loop = loop
            loop.mailbox.post {
                for _ in 0..<20_000 where seats.take(upTo: 30_000) {
                    if index == 0 { got.0 += 1 } else { got.1 += 1 }
                }
                loop.stop()
            }
        }
        let threads = try loops.map { try LoopThread(running: $0) }
        for thread in threads { thread.join() }
        #expect(got.0 + got.1 == 30_000)
        #expect(seats.taken == 30_000)
    }
}
