import CUV
import Dispatch
import Glibc
import Synchronization
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

    /// Work on a thread of libuv's pool that goes on until it is told, or for five seconds.
    private final class Hanging: Sendable {
        private let told = DispatchSemaphore(value: 0)
        private let isOver = Atomic(false)

        var hasEnded: Bool { isOver.load(ordering: .acquiring) }
        func tell() { told.signal() }

        func hang() {
            _ = told.wait(timeout: .now() + 5)
            isOver.store(true, ordering: .releasing)
        }
    }

    @Test func `a thread ends although work of its loop hangs on a thread of the pool`() throws {
        let far = try EventLoop()
        let mailbox = far.mailbox
        let hanging = Hanging()
        // Never freed: the pool writes to it when the work is done, as to the loop that is left.
        let work = UnsafeMutablePointer<uv_work_t>.allocate(capacity: 1)
        work.pointee.data = Unmanaged.passUnretained(hanging).toOpaque()
        let status = uv_queue_work(
            far.pointer, work,
            { work in
                guard let data = work?.pointee.data else { return }
                Unmanaged<Hanging>.fromOpaque(data).takeUnretainedValue().hang()
            }, { _, _ in })
        #expect(status == 0)
        // SAFETY: `far` is used on its own thread alone.
        nonisolated(unsafe) let farLoop = far
        let thread = try LoopThread(running: far)
        mailbox.post { farLoop.stop() }
        thread.join()
        #expect(!hanging.hasEnded && !far.isClosed)
        hanging.tell()
        while !hanging.hasEnded { sched_yield() }
    }
}
