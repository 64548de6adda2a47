import CUV

/// A timer of a loop: fires once or again and again, until stopped or closed.
package final class LoopTimer: LoopHandle {
    var onFire: (() -> Void)?

    /// - Throws: `.failed(.createHandle)`; libuv has no reason for it today.
    package init(loop: EventLoop, onFire: @escaping () -> Void) throws(IOError) {
        self.onFire = onFire
        try super.init(loop: loop, type: UV_TIMER) { loop, raw in
            uv_timer_init(loop, raw.assumingMemoryBound(to: uv_timer_t.self))
        }
    }

    /// Starts or restarts.
    ///
    /// - Parameters:
    ///   - afterMs: milliseconds from the loop's `nowMs`; a negative number is 0, which is the next turn.
    ///   - repeatMs: the period after the first time; 0 fires once.
    package func start(afterMs: Int64, repeatMs: Int64 = 0) {
        loop.preconditionOnLoop()
        guard !isClosed else { return }
        let status = uv_timer_start(
            timer,
            { timer in
                guard let this = LoopTimer.from(timer) else { return }
                this.onFire?()
            }, UInt64(max(0, afterMs)), UInt64(max(0, repeatMs)))
        precondition(status == 0, "a timer that is not closing starts")
    }

    package func stop() {
        loop.preconditionOnLoop()
        guard !isClosed else { return }
        _ = uv_timer_stop(timer)  // has no failure
    }

    /// Whether it will fire.
    package var isActive: Bool { !isClosed && uv_is_active(handle) != 0 }

    override func willClose() { onFire = nil }

    private var timer: UnsafeMutablePointer<uv_timer_t> { raw.assumingMemoryBound(to: uv_timer_t.self) }
}
