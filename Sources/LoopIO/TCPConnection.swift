import CUV
import Glibc

/// A TCP connection: accepted, or dialled with `connect`.
///
/// Writing has two forms. The pump offers what waits with `tryWrite`, one system call and no allocation, and hands what
/// the kernel did not take to `writeRest`; then it leaves the connection alone until `onWritten`. Everything else uses
/// `write`, which queues.
package final class TCPConnection: LoopHandle {
    /// Buffers that one `tryWrite` offers to the kernel; what stands behind is not looked at.
    package static let buffersPerWriteMax = 8

    package private(set) var isReading = false
    private var queuedWrites: UInt32 = 0
    package let peer: SocketAddress
    package private(set) var bytesRead: UInt64 = 0
    package private(set) var bytesWritten: UInt64 = 0

    /// Called when nothing is queued any more, or with the failure that ended a queued write. The one who owns the
    /// connection closes it then.
    package var onWritten: ((IOError?) -> Void)?

    /// Called by `close()`: the number of `sendDescriptor` may be another connection's from here on.
    package var onClosing: (() -> Void)?

    /// Since when `hasPeerVanished` has seen bytes without an answer; `.max` while none wait.
    var unansweredSinceMs = Int64.max

    private var onRead: ((Span<UInt8>) -> Void)?
    private var onEnd: ((IOError?) -> Void)?
    private var rest: RestWrite?
    private var rare: Rare?

    /// What comes once in a connection's life, if ever: a viewer that only gets bytes need not pay for it.
    private final class Rare {
        var onConnected: ((IOError?) -> Void)?
        var onShutdown: ((IOError?) -> Void)?
        var writeFailure: IOError?
    }

    /// Takes over a connected socket.
    ///
    /// - Throws: `.failed(.createHandle)`; the descriptor is still the caller's then.
    package init(loop: EventLoop, adopting descriptor: Int32, peer: SocketAddress) throws(IOError) {
        self.peer = peer
        try super.init(loop: loop, type: UV_TCP) { loop, raw in
            uv_tcp_init(loop, raw.assumingMemoryBound(to: uv_tcp_t.self))
        }
        let status = uv_tcp_open(raw.assumingMemoryBound(to: uv_tcp_t.self), descriptor)
        guard status == 0 else {
            close()
            throw .failed(.createHandle, code: status, peer)
        }
    }

    /// Takes over a socket that another loop has detached.
    ///
    /// - Throws: `.failed(.createHandle)`; the socket is unchanged then.
    package convenience init(loop: EventLoop, attaching socket: DetachedSocket) throws(IOError) {
        let descriptor = socket.take()
        precondition(descriptor >= 0, "a detached socket is attached once")
        do throws(IOError) {
            try self.init(loop: loop, adopting: descriptor, peer: socket.peer)
        } catch {
            socket.putBack(descriptor)
            throw error
        }
    }

    /// Dials.
    ///
    /// - Parameters:
    ///   - source: the own address to dial from, with port 0: one address has 28,000 ports for one peer. Nil leaves it to
    ///     the routes.
    ///   - onResult: called once in a later turn: nil when the connection stands, else why not, and the connection is
    ///     closed. Not called after `close()`, which is how a dial is given up; there is no time limit here.
    /// - Throws: `.failed(.createSocket)` without descriptors, `.failed(.connect)` when the kernel refuses at once (no
    ///   route); with a source also what binding throws.
    package static func connect(
        loop: EventLoop, to address: SocketAddress, from source: SocketAddress? = nil,
        onResult: @escaping (IOError?) -> Void
    ) throws(IOError) -> TCPConnection {
        let connection = try dialling(loop: loop, address, from: source)
        let request = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
        let tcp = connection.raw.assumingMemoryBound(to: uv_tcp_t.self)
        let status = address.withSockAddr { pointer, _ in
            uv_tcp_connect(request, tcp, pointer) { request, status in
                guard let request else { return }
                let connection = TCPConnection.from(request.pointee.handle)
                request.deallocate()
                connection?.didConnect(status)
            }
        }
        guard status == 0 else {
            request.deallocate()
            connection.close()
            throw .failed(.connect, code: status, address)
        }
        connection.makeRare().onConnected = onResult
        return connection
    }

    private static func dialling(
        loop: EventLoop, _ peer: SocketAddress, from source: SocketAddress?
    ) throws(IOError) -> TCPConnection {
        let socket = try SocketOptions.makeDiallingSocket(to: peer, from: source)
        do throws(IOError) {
            return try TCPConnection(loop: loop, adopting: socket, peer: peer)
        } catch {
            _ = Glibc.close(socket)  // the failure that is thrown says more
            throw error
        }
    }

    private func didConnect(_ status: Int32) {
        guard !isClosed, let onConnected = rare?.onConnected else { return }
        rare?.onConnected = nil
        if status != 0 { close() }
        onConnected(status == 0 ? nil : .failed(.connect, code: status, peer))
    }

    /// The own end; nil before the socket exists and after `close()`.
    package var local: SocketAddress? { descriptor.flatMap(SocketOptions.localAddress(of:)) }

    // MARK: Reading

    /// Lends every run of bytes that arrives: at most 64 KiB, valid inside the call only.
    ///
    /// Called while reading it replaces the closures, also from inside `onRead`.
    /// - Parameter onEnd: called once: nil at the peer's FIN (writing may go on), else the failure. Nothing is read
    ///   after that.
    package func startReading(onRead: @escaping (Span<UInt8>) -> Void, onEnd: @escaping (IOError?) -> Void) {
        loop.preconditionOnLoop()
        guard !isClosed else { return }
        self.onRead = onRead
        self.onEnd = onEnd
        guard !isReading else { return }
        let status = uv_read_start(
            stream,
            { handle, _, buffer in
                guard let buffer, let this = TCPConnection.from(handle) else { return }
                let lent = this.loop.readBuffer
                buffer.pointee = uv_buf_init(lent.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(lent.count))
            },
            { stream, count, _ in
                TCPConnection.from(stream)?.didRead(count)
            })
        isReading = status == 0
        // UV_ENOTCONN after the end was reported: there is nothing to come.
        if status != 0, status != UV_ENOTCONN.rawValue { reportLater(status) }
    }

    /// Tells the reader in a later turn that nothing can be read, so that a connection is not kept which nobody hears.
    private func reportLater(_ status: Int32) {
        // SAFETY: the letter is read on the loop that the connection belongs to.
        nonisolated(unsafe) let this = self
        loop.mailbox.post {
            if !this.isClosed, !this.isReading { this.didRead(Int(status)) }
        }
    }

    package func stopReading() {
        loop.preconditionOnLoop()
        guard !isClosed, isReading else { return }
        isReading = false
        _ = uv_read_stop(stream)  // always 0
        onRead = nil
        onEnd = nil
    }

    private func didRead(_ count: Int) {
        if count > 0 {
            guard let onRead else { return }
            bytesRead &+= UInt64(count)
            // SAFETY: libuv filled the first `count` bytes of the loop's buffer; nothing writes there before we return.
            let lent = UnsafeRawBufferPointer(rebasing: loop.readBuffer[..<count])
            lent.withMemoryRebound(to: UInt8.self) { bytes in onRead(bytes.span) }
            return
        }
        guard count < 0 else { return }  // 0 is EAGAIN
        let onEnd = onEnd
        isReading = false
        _ = uv_read_stop(stream)  // always 0
        onRead = nil
        self.onEnd = nil
        let code = Int32(truncatingIfNeeded: count)
        onEnd?(code == UV_EOF.rawValue ? nil : .failed(.read, code: code, peer))
    }

    // MARK: Writing

    /// Whether bytes are queued here that the kernel has not taken.
    package var isWriting: Bool { queuedWrites > 0 }

    /// Bytes of queued writes that the kernel has not taken.
    package var queuedBytes: Int { isClosed ? 0 : uv_stream_get_write_queue_size(stream) }

    /// Offers bytes to the kernel: one system call, no allocation.
    ///
    /// - Returns: how many it took; 0 when it is full, or when a write is queued.
    /// - Throws: `.failed(.write)` when the peer is gone.
    package func tryWrite(_ bytes: UnsafeRawBufferPointer) throws(IOError) -> Int {
        loop.preconditionOnLoop()
        guard !isClosed, queuedWrites == 0 else { return 0 }
        // SAFETY: libuv reads the bytes inside the call only.
        var buffer = uv_buf_t(reading: bytes)
        return try taken(uv_try_write(stream, &buffer, 1))
    }

    /// As with one buffer, for several that follow one another; the first eight are offered.
    package func tryWrite(_ buffers: UnsafeBufferPointer<UnsafeRawBufferPointer>) throws(IOError) -> Int {
        loop.preconditionOnLoop()
        guard !isClosed, queuedWrites == 0, !buffers.isEmpty else { return 0 }
        let count = min(buffers.count, Self.buffersPerWriteMax)
        let stream = stream
        // SAFETY: the list lies on the stack, and libuv reads it and the bytes inside the call only.
        let status = withUnsafeTemporaryAllocation(of: uv_buf_t.self, capacity: Self.buffersPerWriteMax) { list in
            for index in 0..<count { list.initializeElement(at: index, to: uv_buf_t(reading: buffers[index])) }
            return uv_try_write(stream, list.baseAddress, UInt32(count))
        }
        return try taken(status)
    }

    @inline(__always)
    private func taken(_ status: Int32) throws(IOError) -> Int {
        if status >= 0 {
            bytesWritten &+= UInt64(status)
            return Int(status)
        }
        if status == UV_EAGAIN.rawValue { return 0 }
        throw .failed(.write, code: status, peer)
    }

    /// Queues what a `tryWrite` left, without a copy; `onWritten` tells when the kernel took it.
    ///
    /// - Parameter owner: kept until then, so that the bytes stay where they are.
    /// - Throws: `.failed(.write)` when the peer is gone; the owner is let go then.
    package func writeRest(_ bytes: UnsafeRawBufferPointer, owner: AnyObject) throws(IOError) {
        loop.preconditionOnLoop()
        guard !isClosed else { return }
        let rest = self.rest ?? RestWrite()
        self.rest = rest
        precondition(rest.owner == nil, "one rest at a time")
        var buffer = uv_buf_t(reading: bytes)
        // SAFETY: the owner keeps the bytes until the callback, the connection the request.
        let status = uv_write(rest.request, stream, &buffer, 1) { request, status in
            guard let request, let this = TCPConnection.from(request.pointee.handle), let rest = this.rest else {
                return
            }
            let owner = rest.owner
            rest.owner = nil
            this.didWrite(status, bytes: rest.bytes)
            _ = owner  // goes after the callback, which may ask for the next write
        }
        guard status == 0 else { throw .failed(.write, code: status, peer) }
        rest.owner = owner
        rest.bytes = bytes.count
        queuedWrites += 1
    }

    /// Writes, and keeps a copy of what the kernel does not take at once: for heads and small answers.
    ///
    /// - Throws: `.failed(.write)` when the peer is gone.
    package func write(_ bytes: [UInt8]) throws(IOError) {
        loop.preconditionOnLoop()
        guard !isClosed, !bytes.isEmpty else { return }
        let start = try takenAtOnce(bytes)
        guard start < bytes.count else { return }
        let queued = QueuedWrite(bytes[start...])
        var buffer = uv_buf_t(reading: UnsafeRawBufferPointer(queued.bytes))
        // SAFETY: balanced in the callback, which libuv calls also for a connection that closes.
        queued.request.pointee.data = Unmanaged.passRetained(queued).toOpaque()
        let status = uv_write(queued.request, stream, &buffer, 1) { request, status in
            guard let request, let data = request.pointee.data else { return }
            let this = TCPConnection.from(request.pointee.handle)
            // SAFETY: balances the retain above.
            let queued = Unmanaged<QueuedWrite>.fromOpaque(data).takeRetainedValue()
            this?.didWrite(status, bytes: queued.bytes.count)
        }
        guard status == 0 else {
            Unmanaged.passUnretained(queued).release()
            throw .failed(.write, code: status, peer)
        }
        queuedWrites += 1
    }

    private func takenAtOnce(_ bytes: [UInt8]) throws(IOError) -> Int {
        do {
            return try bytes.withUnsafeBytes { try tryWrite($0) }
        } catch let error as IOError {
            throw error
        } catch {
            preconditionFailure("tryWrite throws IOError alone")
        }
    }

    private func didWrite(_ status: Int32, bytes: Int) {
        queuedWrites -= 1
        guard !isClosed else { return }
        if status == 0 {
            bytesWritten &+= UInt64(bytes)
        } else if rare?.writeFailure == nil {
            makeRare().writeFailure = .failed(.write, code: status, peer)
        }
        guard queuedWrites == 0 else { return }
        onWritten?(rare?.writeFailure)
    }

    /// Sends FIN after everything that is queued.
    ///
    /// - Parameter then: called in a later turn; not after `close()`.
    package func shutdown(then: @escaping (IOError?) -> Void = { _ in }) {
        loop.preconditionOnLoop()
        guard !isClosed else { return }
        precondition(rare?.onShutdown == nil, "one shutdown at a time")
        let request = UnsafeMutablePointer<uv_shutdown_t>.allocate(capacity: 1)
        let status = uv_shutdown(request, stream) { request, status in
            guard let request else { return }
            let this = TCPConnection.from(request.pointee.handle)
            request.deallocate()
            guard let this, !this.isClosed, let then = this.rare?.onShutdown else { return }
            this.rare?.onShutdown = nil
            then(status == 0 ? nil : .failed(.shutdown, code: status, this.peer))
        }
        guard status == 0 else {
            request.deallocate()
            then(.failed(.shutdown, code: status, peer))
            return
        }
        makeRare().onShutdown = then
    }

    /// Closes the connection on this loop and hands its socket out, for another one. The peer notices nothing; what it has
    /// sent and was not read waits in the kernel.
    ///
    /// Not while a write is queued.
    /// - Throws: `.failed(.detach)` when no descriptor is left, or after `close()`; nothing has changed then.
    package func detach() throws(IOError) -> DetachedSocket {
        loop.preconditionOnLoop()
        precondition(queuedWrites == 0, "what is queued belongs to this loop")
        // libuv closes the number that it knows, so the socket gets a second one.
        let copy = descriptor.map { fcntl($0, F_DUPFD_CLOEXEC, 0) } ?? -1
        guard copy >= 0 else { throw .failed(.detach, code: isClosed ? -EBADF : -errno, peer) }
        close()
        return DetachedSocket(copy, peer: peer)
    }

    /// Closes with RST: nothing that is still in the kernel is sent, and no TIME_WAIT stays.
    package func closeWithReset() {
        loop.preconditionOnLoop()
        guard let descriptor else { return close() }
        var option = linger(l_onoff: 1, l_linger: 0)
        // SAFETY: the option's size goes with its address. A failure leaves an orderly close, which is all right too.
        _ = setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    /// The socket for `SendList.send`, which is right until `onClosing`, and while nothing is queued here.
    package var sendDescriptor: Int32? { descriptor }

    override func willClose() {
        onClosing?()
        onClosing = nil
        isReading = false
        onRead = nil
        onEnd = nil
        onWritten = nil
        rare = nil
    }

    private func makeRare() -> Rare {
        let made = rare ?? Rare()
        rare = made
        return made
    }

    private var stream: UnsafeMutablePointer<uv_stream_t> { raw.assumingMemoryBound(to: uv_stream_t.self) }
}

extension uv_buf_t {
    /// A buffer that libuv reads from; it never writes through the pointer of a write.
    @inline(__always)
    init(reading bytes: UnsafeRawBufferPointer) {
        self = uv_buf_init(
            UnsafeMutableRawPointer(mutating: bytes.baseAddress)?.assumingMemoryBound(to: CChar.self),
            UInt32(clamping: bytes.count))
    }
}
