import Glibc

/// Buffers that many connections are sent alike: gathered once, then offered to each descriptor in one system call.
///
/// ```swift
/// list.clear()
/// list.append(segment.buffer(from: old, to: head))
/// for slot in slots { taken = list.send(to: slot.descriptor) }
/// ```
///
/// A send touches this list and the kernel, and nothing of the connection: between two pictures a thousand connections'
/// objects are cold, and each line of them that has to come from memory is time in which nobody is written to.
package final class SendList {
    /// Buffers that one call offers; the kernel takes up to 1,024.
    package static let buffersMax = TCPConnection.buffersPerWriteMax

    private let buffers: UnsafeMutablePointer<iovec>
    private var count = 0
    /// Bytes of all buffers.
    package private(set) var totalBytes = 0

    package init() { buffers = .allocate(capacity: SendList.buffersMax) }

    deinit { buffers.deallocate() }

    package var isFull: Bool { count == SendList.buffersMax }

    package func clear() {
        count = 0
        totalBytes = 0
    }

    /// The bytes must stay where they are until the last `send`.
    package func append(_ bytes: UnsafeRawBufferPointer) {
        precondition(!isFull, "the list is full")
        guard bytes.count > 0 else { return }
        // SAFETY: the precondition keeps the write inside the allocation; the kernel only reads through the pointer.
        buffers[count] = iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
        count += 1
        totalBytes += bytes.count
    }

    /// Offers everything to one socket, without waiting.
    ///
    /// Not while libuv has a write queued on it, whose bytes come first.
    /// - Parameter descriptor: of a connection that is open: `TCPConnection.sendDescriptor`.
    /// - Returns: bytes that the kernel took, 0 when it is full; negative when the peer is gone, the negated errno.
    package func send(to descriptor: Int32) -> Int {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        var taken: Int
        repeat {
            if count == 1 {
                taken = Glibc.send(descriptor, buffers[0].iov_base, buffers[0].iov_len, flags)
            } else {
                var message = msghdr()
                message.msg_iov = buffers
                message.msg_iovlen = count
                // SAFETY: list and bytes outlive the call.
                taken = sendmsg(descriptor, &message, flags)
            }
        } while taken < 0 && errno == EINTR
        guard taken < 0 else { return taken }
        let code = errno
        return code == EAGAIN || code == EWOULDBLOCK || code == ENOBUFS ? 0 : Int(-code)
    }
}

@available(*, unavailable) extension SendList: Sendable {}
