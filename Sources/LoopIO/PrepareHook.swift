import CUV

/// Calls once per turn, after timers and I/O of the turn before and right before the loop blocks for more.
///
/// The data path pumps from here: a check handle would run before the timers of its own turn and leave what they
/// produced lying for a whole poll (499 ms seen).
package final class PrepareHook: LoopHandle {
    private var beforeBlocking: (() -> Void)?

    /// - Throws: `.failed(.createHandle)`.
    package init(loop: EventLoop, beforeBlocking: @escaping () -> Void) throws(IOError) {
        self.beforeBlocking = beforeBlocking
        try super.init(loop: loop, type: UV_PREPARE) { loop, raw in
            uv_prepare_init(loop, raw.assumingMemoryBound(to: uv_prepare_t.self))
        }
        let status = uv_prepare_start(raw.assumingMemoryBound(to: uv_prepare_t.self)) { prepare in
            guard let this = PrepareHook.from(prepare) else { return }
            this.beforeBlocking?()
        }
        guard status == 0 else {
            close()
            throw .failed(.createHandle, code: status, nil)
        }
    }

    override func willClose() { beforeBlocking = nil }
}
