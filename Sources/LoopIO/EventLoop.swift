import CUV
import Glibc

/// One libuv loop and the thread that runs it; the way into everything of this target.
///
/// ```swift
/// let loop = try EventLoop()
/// let listener = try TCPListener(loop: loop, address: .loopbackIPv4) { connection in
///     connection.startReading(
///         onRead: { bytes in print(bytes.count) },
///         onEnd: { _ in connection.close() })
/// }
/// print("listening on \(listener.localAddress)")
/// loop.run()
/// loop.close()
/// ```
///
/// A loop belongs to the thread that made it or, from then on, to the one that called `run()`. Everything bound to it
/// checks that. Other threads reach it through `mailbox`.
package final class EventLoop {
    /// Bytes of the buffer that is lent to the reader of a TCP connection.
    package static let readBufferBytes = 64 << 10

    /// A handle is closed within one turn, and what its closing frees within the next.
    static let closingTurnsMax = 8

    let pointer: UnsafeMutablePointer<uv_loop_t>
    /// The buffer that every TCP read of this loop lends out.
    let readBuffer: UnsafeMutableRawBufferPointer
    package private(set) var isClosed = false
    /// Lets `run()` ask the kernel again and again in place of sleeping: who sends to this thread then never pays for
    /// waking it. It takes a whole core, so it is for measuring.
    package var neverSleeps = false
    private var owner: pthread_t
    private var isStopping = false
    private var ownMailbox: Mailbox?
    private var ownDatagramBuffer: UnsafeMutableRawBufferPointer?

    /// - Throws: `.failed(.createLoop)` when the kernel has no descriptors left.
    package init() throws(IOError) {
        // A peer that went away must be an error of the write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        let pointer = UnsafeMutablePointer<uv_loop_t>.allocate(capacity: 1)
        let status = uv_loop_init(pointer)
        guard status == 0 else {
            pointer.deallocate()
            throw .failed(.createLoop, code: status, nil)
        }
        self.pointer = pointer
        self.readBuffer = .allocate(byteCount: Self.readBufferBytes, alignment: 64)
        self.owner = pthread_self()
        do throws(IOError) {
            self.ownMailbox = try Mailbox(loop: self)
        } catch {
            close()
            throw error
        }
    }

    deinit {
        readBuffer.deallocate()
        ownDatagramBuffer?.deallocate()
    }

    /// The door for other threads. It keeps `run()` from returning.
    package var mailbox: Mailbox {
        guard let ownMailbox else { preconditionFailure("a closed loop has no mailbox") }
        return ownMailbox
    }

    /// Milliseconds of the loop's clock: monotonic, from an unknown zero, read once per turn of the loop.
    package var nowMs: Int64 { Int64(truncatingIfNeeded: uv_now(pointer)) }

    /// Reads the clock again: for after a piece of work that took milliseconds.
    package func updateNow() { uv_update_time(pointer) }

    /// Runs until `stop()`; the calling thread owns the loop from here on.
    package func run() {
        precondition(!isClosed, "a closed loop cannot run")
        owner = pthread_self()
        while !isStopping {
            uv_run(pointer, neverSleeps ? UV_RUN_NOWAIT : UV_RUN_DEFAULT)
        }
        isStopping = false
    }

    /// Runs until the condition holds, asked after every turn and at least every 5 ms, since what a prepare hook does
    /// wakes nobody.
    ///
    /// - Returns: false when `timeoutMs` went by first.
    package func run(until condition: () -> Bool, timeoutMs: Int64) -> Bool {
        preconditionOnLoop()
        updateNow()
        let endMs = nowMs + timeoutMs
        guard let waker = try? LoopTimer(loop: self, onFire: {}) else { return condition() }
        defer { waker.close() }
        // It repeats: one that is late fires before the loop looks for events, and would leave it waiting without end.
        let periodMs = max(1, min(timeoutMs, 5))
        waker.start(afterMs: periodMs, repeatMs: periodMs)
        while !condition() {
            guard nowMs < endMs else { return false }
            uv_run(pointer, UV_RUN_ONCE)
        }
        return true
    }

    /// One turn: waits for something to happen, and handles it.
    ///
    /// - Parameter waits: false handles what has happened, be it nothing.
    package func runOnce(waits: Bool = true) {
        preconditionOnLoop()
        uv_run(pointer, waits ? UV_RUN_ONCE : UV_RUN_NOWAIT)
    }

    /// Lets `run()` return after the running turn.
    package func stop() {
        preconditionOnLoop()
        isStopping = true
        uv_stop(pointer)
    }

    /// Closes every handle that is still open, waits for their close callbacks, and frees the loop.
    ///
    /// Not from a callback of the loop.
    package func close() {
        while !closeInOneTurn(UV_RUN_ONCE) {}
    }

    /// As `close`, for a process that is about to end: waits for nothing that cannot be stopped, such as a look-up that
    /// hangs in the C library.
    ///
    /// - Returns: false when something is left; the loop is of no use then, and its memory stays.
    package func closeWithoutWaiting() -> Bool {
        for _ in 0..<Self.closingTurnsMax where closeInOneTurn(UV_RUN_NOWAIT) { return true }
        return false
    }

    /// - Returns: true when nothing was open any more, and the loop is freed.
    private func closeInOneTurn(_ mode: uv_run_mode) -> Bool {
        guard !isClosed else { return true }
        preconditionOnLoop()
        ownMailbox?.close()
        ownMailbox = nil
        guard uv_loop_close(pointer) == UV_EBUSY.rawValue else {
            isClosed = true
            pointer.deallocate()
            return true
        }
        uv_walk(
            pointer,
            { handle, _ in
                guard let handle, uv_is_closing(handle) == 0, let data = uv_handle_get_data(handle) else { return }
                // SAFETY: every handle of this target has the retain of LoopHandle.init in `data`.
                Unmanaged<LoopHandle>.fromOpaque(data).takeUnretainedValue().close()
            }, nil)
        uv_run(pointer, mode)
        return false
    }

    /// Traps when another thread than the loop's is running; about 2 ns.
    @inline(__always)
    package func preconditionOnLoop() {
        precondition(pthread_equal(pthread_self(), owner) != 0, "call off the loop")
    }

    /// The one buffer of this loop for datagrams: room for `UDPSocket.datagramsPerRead` of the largest.
    func datagramBuffer() -> UnsafeMutableRawBufferPointer {
        if let ownDatagramBuffer { return ownDatagramBuffer }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 20 * (64 << 10), alignment: 64)
        ownDatagramBuffer = buffer
        return buffer
    }
}

@available(*, unavailable)
extension EventLoop: Sendable {}
