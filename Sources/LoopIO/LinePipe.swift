import CUV

/// What a child writes, line by line.
final class LinePipe: LoopHandle {
    /// Older lines are forgotten.
    static let linesMax = 1000
    /// A longer line is cut into several.
    static let lineBytesMax = 1 << 20

    private(set) var lines: [String] = []
    private(set) var isAtEnd = false
    private var open: [UInt8] = []

    /// - Throws: `.failed(.createHandle)`.
    init(loop: EventLoop) throws(IOError) {
        try super.init(loop: loop, type: UV_NAMED_PIPE) { loop, raw in
            uv_pipe_init(loop, raw.assumingMemoryBound(to: uv_pipe_t.self), 0)
        }
    }

    /// Makes it the end that the child writes to.
    func offer(as channel: inout uv_stdio_container_t) {
        channel.flags = uv_stdio_flags(UV_CREATE_PIPE.rawValue | UV_WRITABLE_PIPE.rawValue)
        channel.data.stream = raw.assumingMemoryBound(to: uv_stream_t.self)
    }

    /// Called once the child runs.
    func startReading() {
        let status = uv_read_start(
            raw.assumingMemoryBound(to: uv_stream_t.self),
            { handle, _, buffer in
                guard let buffer, let this = LinePipe.from(handle) else { return }
                let lent = this.loop.readBuffer
                buffer.pointee = uv_buf_init(lent.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(lent.count))
            },
            { stream, count, _ in LinePipe.from(stream)?.didRead(count) })
        if status != 0 { isAtEnd = true }
    }

    private func didRead(_ count: Int) {
        if count > 0 {
            // SAFETY: libuv filled the first `count` bytes of the loop's buffer; nothing writes there before we return.
            take(UnsafeRawBufferPointer(rebasing: loop.readBuffer[..<count]))
        } else if count < 0 {
            if !open.isEmpty { endLine() }
            isAtEnd = true
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                endLine()
            } else {
                open.append(byte)
                if open.count == LinePipe.lineBytesMax { endLine() }
            }
        }
    }

    private func endLine() {
        if lines.count == LinePipe.linesMax { lines.removeFirst() }
        lines.append(String(decoding: open, as: UTF8.self))
        open.removeAll(keepingCapacity: true)
    }
}
