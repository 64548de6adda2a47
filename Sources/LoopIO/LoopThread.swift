import CUV

/// A thread that runs one loop until the loop is stopped, and then closes it, but for what cannot be stopped.
///
/// ```swift
/// let loop = try EventLoop()
/// let listener = try TCPListener(loop: loop, address: address, exclusive: false) { ... }
/// let thread = try LoopThread(running: loop)   // from here on `loop` and all that is bound to it are the thread's
/// loop.mailbox.post { ... }
/// thread.join()                                // after something on the loop has called `loop.stop()`
/// ```
package final class LoopThread {
    private var thread = uv_thread_t()
    private var isJoined = false

    /// What the thread is born with.
    private final class Cargo {
        let loop: EventLoop
        let setUp: (() -> Void)?
        init(loop: EventLoop, setUp: (() -> Void)?) {
            self.loop = loop
            self.setUp = setUp
        }
    }

    /// Hands the loop over to a new thread. The caller touches nothing that is bound to it any more, but its mailbox.
    ///
    /// - Parameter setUp: called on the new thread before the loop runs, as for binding the thread to a core.
    /// - Throws: `.failed(.startThread)` when the machine has no room for another thread.
    package init(running loop: EventLoop, setUp: (() -> Void)? = nil) throws(IOError) {
        loop.preconditionOnLoop()
        // SAFETY: balanced on the new thread, or below when there is none.
        let cargo = Unmanaged.passRetained(Cargo(loop: loop, setUp: setUp)).toOpaque()
        let status = uv_thread_create(
            &thread,
            { argument in
                guard let argument else { return }
                let cargo = Unmanaged<Cargo>.fromOpaque(argument).takeRetainedValue()
                cargo.setUp?()
                cargo.loop.run()
                // A look-up that hangs in the C library must not keep the one who joins.
                _ = cargo.loop.closeWithoutWaiting()
            }, cargo)
        guard status == 0 else {
            isJoined = true  // there is nothing to wait for
            Unmanaged<Cargo>.fromOpaque(cargo).release()
            throw .failed(.startThread, code: status, nil)
        }
    }

    deinit { precondition(isJoined, "a thread is joined before it is forgotten") }

    /// Waits for the thread's end; once.
    package func join() {
        precondition(!isJoined, "a thread is joined once")
        let status = uv_thread_join(&thread)
        precondition(status == 0, "a thread can be joined")
        isJoined = true
    }
}

@available(*, unavailable) extension LoopThread: Sendable {}
