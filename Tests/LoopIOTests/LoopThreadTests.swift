import CUV
import Testing

@testable import LoopIO

@Suite struct LoopThreadTests {
    @Test func `letters run on the thread of their loop, and the thread ends when the loop is stopped`() throws {
        let home = try EventLoop()
        let far = try EventLoop()
        let mailbox = far.mailbox
        let thread = try LoopThread(running: far)
        let answers = home.mailbox
        // SAFETY: written on the home loop alone; `far` is used on its own thread alone.
        nonisolated(unsafe) var answered = 0
        nonisolated(unsafe) let farLoop = far
        for _ in 0..<1000 {
            mailbox.post {
                farLoop.preconditionOnLoop()
                answers.post { answered += 1 }
            }
        }
        #expect(home.run(until: { answered == 1000 }, timeoutMs: 5000))
        mailbox.post { farLoop.stop() }
        thread.join()
        #expect(!mailbox.post {}, "a loop that has ended takes no letters")
        home.close()
    }

    @Test func `the set-up runs on the new thread before anything else`() throws {
        let far = try EventLoop()
        let mailbox = far.mailbox
        // SAFETY: written on the new thread, read after its end.
        nonisolated(unsafe) var order: [String] = []
        nonisolated(unsafe) let farLoop = far
        mailbox.post {
            order.append("letter")
            farLoop.stop()
        }
        try LoopThread(running: far, setUp: { order.append("set-up") }).join()
        #expect(order == ["set-up", "letter"])
    }
}
