import LoopIO

/// A loop on a thread of its own, seen from the main loop.
final class FarLoop {
    // SAFETY: once the thread runs, `node` is used in letters to its loop alone.
    private nonisolated(unsafe) let node: NodeLoop
    private let mailbox: Mailbox
    private var thread: LoopThread?

    init(_ node: NodeLoop) {
        self.node = node
        mailbox = node.loop.mailbox
    }

    /// Hands the loop over to its thread.
    func start() throws(IOError) { thread = try LoopThread(running: node.loop) }

    /// As `NodeLoop.stop`.
    ///
    /// - Parameters:
    ///   - mailbox: of the loop that wants to know.
    ///   - then: called there.
    func stop(answeringTo mailbox: Mailbox, then: @escaping @Sendable () -> Void) {
        nonisolated(unsafe) let node = node
        self.mailbox.post { node.stop { mailbox.post(then) } }
    }

    /// Lets go of everyone, and waits for the thread's end.
    func close() {
        guard let thread else { return }
        nonisolated(unsafe) let node = node
        mailbox.post {
            node.close()
            node.loop.stop()
        }
        thread.join()
        self.thread = nil
    }
}

@available(*, unavailable) extension FarLoop: Sendable {}
