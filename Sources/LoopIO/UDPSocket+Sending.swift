import CUV
import Glibc

extension UDPSocket {
    /// Bytes that one system call sends: the largest payload of a datagram over IPv4 (65,535 - 20 - 8), which the kernel
    /// holds the whole of several to.
    static let bytesPerSendMax = 65_507
    /// Datagrams into which the kernel cuts the bytes of one call (UDP_MAX_SEGMENTS; newer kernels take 128).
    static let datagramsPerSendMax = 64
    /// Datagrams that go out one a call after the kernel has refused to cut, before it is asked again: the way to the
    /// receiver may have changed.
    static let datagramsPerRefusal = 10_000

    /// Sends one datagram, put together from up to eight parts: one system call, no allocation.
    ///
    /// - Returns: false when the kernel is full; the datagram was not sent then.
    /// - Throws: `.failed(.send)`: too large, no route, or ECONNREFUSED of an earlier one.
    package func trySend(
        _ parts: UnsafeBufferPointer<UnsafeRawBufferPointer>, to address: SocketAddress
    ) throws(IOError) -> Bool {
        loop.preconditionOnLoop()
        guard !isClosed else { return false }
        _ = cut(to: 0)  // what was switched on can be switched off
        let udp = udp
        let count = min(parts.count, TCPConnection.buffersPerWriteMax)
        counters.sendCalls &+= 1
        // SAFETY: the list lies on the stack, and libuv reads it and the bytes inside the call only.
        let status = withUnsafeTemporaryAllocation(
            of: uv_buf_t.self, capacity: TCPConnection.buffersPerWriteMax
        ) { list in
            for index in 0..<count { list.initializeElement(at: index, to: uv_buf_t(reading: parts[index])) }
            return address.withSockAddr { pointer, _ in uv_udp_try_send(udp, list.baseAddress, UInt32(count), pointer) }
        }
        guard try isSent(status, to: address) else { return false }
        counters.datagramsSent &+= 1
        return true
    }

    /// Sends the bytes as several datagrams of at most `datagramBytes`, no allocation: one system call for each 49 of
    /// 1316 bytes, so one for a chunk.
    ///
    /// The kernel cuts them apart (UDP_SEGMENT, Linux 4.18). A chunk of 43 packets, seven datagrams, costs 8.5 us of CPU
    /// so over loopback and 10 us over veth; seven calls cost 26 and 34 us, and sendmmsg, by which libuv sends what is
    /// queued, 23 and 29 us: the way through the kernel costs more than the call. Where the kernel cannot (the datagrams
    /// are larger than the interface's MTU, or nobody computes their checksums) each is a call of its own.
    ///
    /// - Returns: how many bytes the kernel took, a whole number of datagrams; less than all when it is full, or when it
    ///   refuses what follows.
    /// - Throws: as the other form, when it took none.
    package func trySend(
        _ bytes: UnsafeRawBufferPointer, datagramBytes: Int, to address: SocketAddress
    ) throws(IOError) -> Int {
        loop.preconditionOnLoop()
        precondition(datagramBytes > 0, "a datagram holds at least one byte")
        guard !isClosed else { return 0 }
        let udp = udp
        let together = datagramBytes * min(UDPSocket.bytesPerSendMax / datagramBytes, UDPSocket.datagramsPerSendMax)
        var offset = 0
        while offset < bytes.count {
            let isCut = uncutLeft == 0 && together > datagramBytes
            // The kernel refuses a single datagram, too, that it would not cut from others.
            if !cut(to: isCut ? datagramBytes : 0), isCut {
                uncutLeft = UDPSocket.datagramsPerRefusal
                continue
            }
            let end = min(offset + (isCut ? together : datagramBytes), bytes.count)
            // SAFETY: libuv reads the bytes inside the call only.
            var buffer = uv_buf_t(reading: UnsafeRawBufferPointer(rebasing: bytes[offset..<end]))
            let status = address.withSockAddr { pointer, _ in uv_udp_try_send(udp, &buffer, 1, pointer) }
            counters.sendCalls &+= 1
            if isCut, UDPSocket.isRefusalToCut(status) {
                counters.cutsRefused &+= 1
                uncutLeft = UDPSocket.datagramsPerRefusal
                continue
            }
            do throws(IOError) {
                guard try isSent(status, to: address) else { return offset }
            } catch {
                guard offset > 0 else { throw error }
                return offset
            }
            counters.datagramsSent &+= UInt64((end - offset + datagramBytes - 1) / datagramBytes)
            if !isCut, uncutLeft > 0 { uncutLeft -= 1 }
            offset = end
        }
        return offset
    }

    /// Has the kernel cut what it gets into datagrams of this size; 0: not at all. A system call where the size changes.
    ///
    /// - Returns: false where the kernel does not know how: Linux before 4.18.
    private func cut(to datagramBytes: Int) -> Bool {
        guard cutBytes != datagramBytes else { return true }
        guard let descriptor else { return false }
        do throws(IOError) {
            // SOL_UDP and UDP_SEGMENT of <linux/udp.h>.
            try SocketOptions.set(descriptor, level: 17, option: 103, to: Int32(clamping: datagramBytes))
        } catch {
            return false
        }
        cutBytes = datagramBytes
        return true
    }

    /// EMSGSIZE and EINVAL: the datagrams are larger than the interface's MTU, by the age of the kernel; they can go out
    /// in fragments. EINVAL, too, and EIO: nobody computes their checksums; IPsec.
    private static func isRefusalToCut(_ status: Int32) -> Bool {
        switch status {
        case UV_EINVAL.rawValue, UV_EMSGSIZE.rawValue, UV_EIO.rawValue, UV_ENOTSUP.rawValue, -ENOPROTOOPT: true
        default: false
        }
    }

    private func isSent(_ status: Int32, to address: SocketAddress) throws(IOError) -> Bool {
        if status >= 0 { return true }
        // ENOBUFS: the queue of the interface is full, which is the same to us.
        if status == UV_EAGAIN.rawValue || status == UV_ENOBUFS.rawValue { return false }
        throw .failed(.send, code: status, address)
    }
}
