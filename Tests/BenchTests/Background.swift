import LoopIO

/// Work on a thread of its own, for as long as a test's own thread is busy.
final class Background {
    private let thread: LoopThread

    init(_ work: @escaping () -> Void) throws {
        let loop = try EventLoop()
        let mailbox = loop.mailbox
        // SAFETY: used on its own thread alone from here on.
        nonisolated(unsafe) let farLoop = loop
        mailbox.post { farLoop.stop() }
        thread = try LoopThread(running: loop, setUp: work)
    }

    func join() { thread.join() }
}
