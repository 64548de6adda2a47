import CUV

/// What every handle of libuv has here: memory of its own, one retain into `data`, and a close that can be called twice.
///
/// The retain of `init` is balanced in the close callback alone, so a handle lives until `close()` was called, whoever
/// else holds it. After `close()` no callback comes but `onClosed`. Memory goes with the last reference and without a
/// call into libuv.
package class LoopHandle {
    package let loop: EventLoop
    /// The memory of the `uv_*_t`; valid as long as this object.
    let raw: UnsafeMutableRawPointer
    /// Called once, when the kernel has forgotten the handle.
    package var onClosed: (() -> Void)?
    /// Whether `close()` was called. The last one here: the small properties of a subclass lie beside it.
    package private(set) var isClosed = false

    /// - Parameter start: calls the `uv_*_init` of the type on the memory and answers with its status.
    /// - Throws: `.failed(.createHandle)` with what `start` answered.
    init(
        loop: EventLoop, type: uv_handle_type,
        start: (UnsafeMutablePointer<uv_loop_t>, UnsafeMutableRawPointer) -> Int32
    ) throws(IOError) {
        loop.preconditionOnLoop()
        precondition(!loop.isClosed, "a handle needs an open loop")
        let raw = UnsafeMutableRawPointer.allocate(byteCount: uv_handle_size(type), alignment: 16)
        let status = start(loop.pointer, raw)
        guard status == 0 else {
            raw.deallocate()
            throw .failed(.createHandle, code: status, nil)
        }
        self.loop = loop
        self.raw = raw
        // SAFETY: balanced by the callback in `close()`; libuv leaves `data` alone.
        uv_handle_set_data(handle, Unmanaged.passRetained(self).toOpaque())
    }

    deinit { raw.deallocate() }

    /// Ends the handle; may be called from any of its callbacks, and again.
    package func close() {
        loop.preconditionOnLoop()
        guard !isClosed else { return }
        isClosed = true
        willClose()
        uv_close(handle) { handle in
            guard let handle else { return }
            // SAFETY: balances the retain of `init`; libuv is done with the memory from here on.
            let this = Unmanaged<LoopHandle>.fromOpaque(uv_handle_get_data(handle)).takeRetainedValue()
            let onClosed = this.onClosed
            this.onClosed = nil
            this.didClose()
            onClosed?()
        }
        afterClose()
    }

    /// For subclasses: drop the closures, which may hold this object.
    func willClose() {}

    /// For subclasses: libuv does not watch the descriptor any more; one that is not libuv's may be closed.
    func afterClose() {}

    /// For subclasses: the kernel has forgotten the handle, and no callback is left.
    func didClose() {}

    var handle: UnsafeMutablePointer<uv_handle_t> { raw.assumingMemoryBound(to: uv_handle_t.self) }

    /// The object behind a pointer that libuv hands to a callback.
    @inline(__always)
    static func from(_ pointer: UnsafeMutableRawPointer?) -> Self? {
        guard let pointer else { return nil }
        // SAFETY: `data` holds the retain of `init` until the close callback, and callbacks of a handle come before.
        let data = uv_handle_get_data(pointer.assumingMemoryBound(to: uv_handle_t.self))
        guard let data else { return nil }
        return unsafeDowncast(Unmanaged<LoopHandle>.fromOpaque(data).takeUnretainedValue(), to: Self.self)
    }

    /// The descriptor of a stream, a socket or a poll handle.
    ///
    /// - Returns: nil before the socket exists and after `close()`.
    var descriptor: Int32? {
        guard !isClosed else { return nil }
        var descriptor: Int32 = -1
        return uv_fileno(handle, &descriptor) == 0 && descriptor >= 0 ? descriptor : nil
    }
}

@available(*, unavailable)
extension LoopHandle: Sendable {}
