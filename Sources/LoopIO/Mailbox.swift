import CUV

/// The one door into a loop for other threads.
///
/// Work runs on the loop in the order in which it was posted; several posts may share one wake-up.
package final class Mailbox: Sendable {
    // SAFETY: every field is used under `lock`; the handle's memory is libuv's, whose uv_async_send is made for
    // other threads and is not called after `close()`.
    private nonisolated(unsafe) var letters: [Letter] = []
    /// The array that was delivered last, for the next letters: a post allocates nothing but its own closure.
    private nonisolated(unsafe) var spare: [Letter] = []
    private nonisolated(unsafe) var wakeup: Wakeup?
    private let lock = Lock()

    /// A closure in a struct: an array of bare closures would allocate a thunk for each (32 bytes).
    private struct Letter {
        let work: () -> Void
    }

    /// Called by the loop's init.
    init(loop: EventLoop) throws(IOError) {
        let wakeup = try Wakeup(loop: loop)
        self.wakeup = wakeup
        wakeup.onWake = { [weak self] in self?.deliver() }
    }

    /// Runs the work on the loop, in a later turn, from any thread.
    ///
    /// - Returns: false when the loop was closed; the work is dropped then.
    @discardableResult
    package func post(_ work: sending @escaping () -> Void) -> Bool {
        lock.withLock {
            guard let wakeup else { return false }
            letters.append(Letter(work: work))
            wakeup.send()
            return true
        }
    }

    /// Called by the loop's close.
    func close() {
        let (wakeup, unread) = lock.withLock {
            defer {
                self.wakeup = nil
                letters = []
            }
            return (self.wakeup, letters)
        }
        wakeup?.close()
        _ = unread  // dropped outside the lock: what they hold may post on its way out
    }

    private func deliver() {
        var due = lock.withLock {
            let due = letters
            letters = spare
            spare = []
            return due
        }
        for letter in due { letter.work() }
        due.removeAll(keepingCapacity: true)
        lock.withLock { spare = due }
    }
}

/// The async handle of a mailbox.
private final class Wakeup: LoopHandle {
    var onWake: (() -> Void)?

    init(loop: EventLoop) throws(IOError) {
        try super.init(loop: loop, type: UV_ASYNC) { loop, raw in
            uv_async_init(loop, raw.assumingMemoryBound(to: uv_async_t.self)) { async in
                guard let this = Wakeup.from(async) else { return }
                this.onWake?()
            }
        }
    }

    /// From any thread, before `close()`.
    func send() {
        let status = uv_async_send(raw.assumingMemoryBound(to: uv_async_t.self))
        precondition(status == 0, "a wake-up after close")
    }

    override func willClose() { onWake = nil }
}
