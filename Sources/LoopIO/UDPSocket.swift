import CUV
import Glibc

/// A UDP socket that receives many datagrams with one system call and sends without queueing.
///
/// ```swift
/// let socket = try UDPSocket(loop: loop, address: address)
/// try socket.startReceiving { bytes, sender in aligner.alignDatagram(bytes) }
/// ```
package final class UDPSocket: LoopHandle {
    package struct Counters: Equatable, Sendable {
        package var datagrams: UInt64 = 0
        package var bytes: UInt64 = 0
        /// Datagrams that were larger than 64 KiB; their beginning is handed on.
        package var truncated: UInt64 = 0
        /// Failures that the kernel reported in place of a datagram.
        package var receiveFailures: UInt64 = 0
        package var datagramsSent: UInt64 = 0
        /// System calls for sending, those included that the kernel refused.
        package var sendCalls: UInt64 = 0
        /// Times that the kernel refused to cut datagrams apart; they went out one a call then.
        package var cutsRefused: UInt64 = 0
    }

    /// Datagrams that one system call brings: libuv's number. With a buffer for one it takes one a call.
    static let datagramsPerRead = 20
    /// Failures without a datagram in between before the socket rests: one each is what senders of ours can cause, whose
    /// datagrams nobody took.
    static let failuresInARowMax = 16
    /// How long it is not listened to then.
    static let restMs: Int64 = 100
    /// Room for the largest datagram, the unit in which libuv cuts the buffer.
    static let datagramBytesMax = 64 << 10

    package internal(set) var counters = Counters()
    /// Called with every failure after which the socket rests.
    package var onReceiveFailed: ((IOError) -> Void)?
    private var onDatagram: ((Span<UInt8>, SocketAddress) -> Void)?
    private var isReceiving = false
    /// Failures since the last datagram.
    private var failuresInARow = 0
    private var restTimer: LoopTimer?
    /// Size of the datagrams into which the kernel cuts what it gets; 0: not at all.
    var cutBytes = 0
    /// Datagrams that are still to go out one a call.
    var uncutLeft = 0

    /// Binds.
    ///
    /// - Parameters:
    ///   - address: of the machine, or a multicast group, which is joined then.
    ///   - sharing: lets other sockets bind the same port (SO_REUSEADDR); each of them gets every multicast datagram.
    ///   - interface: for a group: the name or an address of the interface to join on; nil leaves it to the routes.
    ///   - source: for a group: the one sender that the network is asked for (source-specific, RFC 4607); nil: any.
    /// - Throws: `.addressInUse`, `.addressNotAvailable`, `.portNotAllowed`, `.notAnAddress` for an interface that is
    ///   neither, `.failed(.joinGroup)` or `.failed`.
    package init(
        loop: EventLoop, address: SocketAddress, sharing: Bool = false, interface: String? = nil,
        source: SocketAddress? = nil
    ) throws(IOError) {
        try super.init(loop: loop, type: UV_UDP) { loop, raw in
            uv_udp_init_ex(
                loop, raw.assumingMemoryBound(to: uv_udp_t.self),
                UInt32(address.family) | UInt32(UV_UDP_RECVMMSG.rawValue))
        }
        do throws(IOError) {
            let udp = udp
            let flags = sharing ? UInt32(UV_UDP_REUSEADDR.rawValue) : 0
            let bound = address.isMulticast ? try Machine.scoped(address, to: interface) : address
            let status = bound.withSockAddr { pointer, _ in uv_udp_bind(udp, pointer, flags) }
            guard status == 0 else { throw .whileBinding(.udp, address, code: status) }
            if address.isMulticast { try join(address, on: interface, source) }
        } catch {
            close()
            throw error
        }
    }

    /// A socket for sending alone, with a port of the kernel's choice.
    package convenience init(loop: EventLoop, sendingTo address: SocketAddress) throws(IOError) {
        let any = address.isIPv4 ? SocketAddress.anyIPv4 : SocketAddress(bytes: .init(high: 0, low: 0), port: 0)
        try self.init(loop: loop, address: any)
    }

    private func join(_ group: SocketAddress, on interface: String?, _ source: SocketAddress?) throws(IOError) {
        // What another program of this machine has joined would come here, too.
        let (level, option) = group.isIPv4 ? (IPPROTO_IP, Self.ipMulticastAll) : (IPPROTO_IPV6, Self.ipv6MulticastAll)
        if let descriptor { try? SocketOptions.set(descriptor, level: Int32(level), option: option, to: 0) }
        let own = try interface.map { name throws(IOError) in try Machine.interfaceAddress(name, like: group) }
        let status =
            if let source {
                uv_udp_set_source_membership(udp, group.hostDescription, own, source.hostDescription, UV_JOIN_GROUP)
            } else {
                uv_udp_set_membership(udp, group.hostDescription, own, UV_JOIN_GROUP)
            }
        guard status == 0 else { throw .failed(.joinGroup, code: status, group) }
    }

    /// IP_MULTICAST_ALL of <linux/in.h> and IPV6_MULTICAST_ALL (Linux 4.20) of <linux/in6.h>.
    private static let ipMulticastAll: Int32 = 49
    private static let ipv6MulticastAll: Int32 = 29

    /// The interface, by name or address, through which datagrams to multicast groups leave, and how many routers they
    /// may pass.
    ///
    /// - Throws: `.notAnAddress` for an interface that is not there, `.failed(.setOption)`.
    package func setMulticastSending(interface: String?, hops: Int, like group: SocketAddress) throws(IOError) {
        loop.preconditionOnLoop()
        guard !isClosed else { return }
        if let interface {
            let status = uv_udp_set_multicast_interface(udp, try Machine.interfaceAddress(interface, like: group))
            guard status == 0 else { throw .failed(.setOption, code: status, group) }
        }
        let status = uv_udp_set_multicast_ttl(udp, Int32(clamping: hops))
        guard status == 0 else { throw .failed(.setOption, code: status, group) }
    }

    /// The bound address, with the port that stands behind port 0; nil after `close()`.
    package var localAddress: SocketAddress? { descriptor.flatMap(SocketOptions.localAddress(of:)) }

    /// As `localAddress`, for those who cannot do without.
    ///
    /// - Throws: `.failed(.readAddress)`.
    package func boundAddress() throws(IOError) -> SocketAddress {
        guard let localAddress else { throw .failed(.readAddress, code: -errno, nil) }
        return localAddress
    }

    /// Asks for a receive buffer of this many bytes.
    ///
    /// - Returns: the bytes that the kernel gives; `net.core.rmem_max` bounds them for anyone but root.
    package func setReceiveBuffer(bytes: Int) -> Int {
        loop.preconditionOnLoop()
        guard let descriptor else { return 0 }
        let wanted = Int32(clamping: bytes)
        do throws(IOError) {
            try SocketOptions.set(descriptor, level: SOL_SOCKET, option: SO_RCVBUFFORCE, to: wanted)
        } catch {
            // Not root: as much as the machine's limit allows.
            try? SocketOptions.set(descriptor, level: SOL_SOCKET, option: SO_RCVBUF, to: wanted)
        }
        // The kernel answers with twice the number, of which half is for its own book-keeping.
        return Int((try? SocketOptions.get(descriptor, level: SOL_SOCKET, option: SO_RCVBUF)) ?? 0) / 2
    }

    /// Datagrams that the kernel dropped since the buffer was full (SO_MEMINFO, Linux 4.12); 0 where it does not say.
    package var kernelDrops: UInt32 {
        guard let descriptor else { return 0 }
        return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 16) { words in
            words.initialize(repeating: 0)
            var bytes = socklen_t(words.count * MemoryLayout<UInt32>.size)
            // SAFETY: the size goes with the address. SK_MEMINFO_DROPS is the ninth word of <linux/sock_diag.h>.
            let status = getsockopt(descriptor, SOL_SOCKET, SO_MEMINFO, words.baseAddress, &bytes)
            return status == 0 && bytes >= 36 ? words[8] : 0
        }
    }

    // MARK: Receiving

    /// Lends every datagram with its sender, also an empty one; the bytes are valid inside the call only.
    ///
    /// - Throws: `.failed(.receive)`.
    package func startReceiving(
        _ onDatagram: @escaping (Span<UInt8>, SocketAddress) -> Void
    ) throws(IOError) {
        loop.preconditionOnLoop()
        guard !isClosed else { return }
        self.onDatagram = onDatagram
        guard !isReceiving else { return }
        do throws(IOError) {
            if restTimer == nil { restTimer = try LoopTimer(loop: loop) { [unowned self] in self.startAgain() } }
            try startReceiving()
        } catch {
            self.onDatagram = nil
            throw error
        }
    }

    private func startReceiving() throws(IOError) {
        let status = uv_udp_recv_start(
            udp,
            { handle, _, buffer in
                guard let buffer, let this = UDPSocket.from(handle) else { return }
                let lent = this.loop.datagramBuffer()
                buffer.pointee = uv_buf_init(lent.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(lent.count))
            },
            { udp, count, buffer, sender, flags in
                guard let this = UDPSocket.from(udp) else { return }
                this.didReceive(count, buffer, sender, flags)
            })
        guard status == 0 else { throw .failed(.receive, code: status, localAddress) }
        isReceiving = true
    }

    /// After a rest.
    private func startAgain() {
        guard !isClosed, onDatagram != nil, !isReceiving else { return }
        do throws(IOError) {
            try startReceiving()
        } catch {
            rest(error)
        }
    }

    /// What cannot be read stays where it is, and the loop would turn for it without end.
    private func rest(_ error: IOError) {
        isReceiving = false
        _ = uv_udp_recv_stop(udp)  // always 0
        failuresInARow = 0
        restTimer?.start(afterMs: UDPSocket.restMs)
        onReceiveFailed?(error)
    }

    package func stopReceiving() {
        loop.preconditionOnLoop()
        guard !isClosed, onDatagram != nil else { return }
        isReceiving = false
        onDatagram = nil
        restTimer?.stop()
        _ = uv_udp_recv_stop(udp)  // always 0
    }

    /// Called by libuv: for each datagram, for EAGAIN (0 bytes, no sender), and when it is done with the buffer
    /// (UV_UDP_MMSG_FREE: no sender either, and the buffer is the loop's).
    private func didReceive(
        _ count: Int, _ buffer: UnsafePointer<uv_buf_t>?, _ sender: UnsafePointer<sockaddr>?, _ flags: UInt32
    ) {
        guard let onDatagram else { return }
        guard count >= 0 else {
            counters.receiveFailures += 1
            failuresInARow += 1
            guard failuresInARow >= UDPSocket.failuresInARowMax else { return }
            return rest(.failed(.receive, code: Int32(clamping: count), localAddress))
        }
        guard let sender, let address = SocketAddress(reading: sender), let base = buffer?.pointee.base else { return }
        failuresInARow = 0
        counters.datagrams &+= 1
        counters.bytes &+= UInt64(count)
        if flags & UInt32(UV_UDP_PARTIAL.rawValue) != 0 { counters.truncated += 1 }
        // SAFETY: libuv filled `count` bytes of its part of the buffer; nothing writes there before we return.
        let lent = UnsafeRawBufferPointer(start: base, count: count)
        lent.withMemoryRebound(to: UInt8.self) { bytes in onDatagram(bytes.span, address) }
    }

    override func willClose() {
        isReceiving = false
        onDatagram = nil
        onReceiveFailed = nil
        restTimer?.close()
    }

    var udp: UnsafeMutablePointer<uv_udp_t> { raw.assumingMemoryBound(to: uv_udp_t.self) }
}
