import CUV
import Glibc

/// The system calls on sockets that libuv 1.44 has no function for.
enum SocketOptions {
    /// A socket that does not block and is not inherited.
    static func makeSocket(_ transport: IOError.Transport, for address: SocketAddress) throws(IOError) -> Int32 {
        let type = transport == .tcp ? SOCK_STREAM : SOCK_DGRAM
        let flags = SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = socket(address.family, Int32(type.rawValue | flags), 0)
        guard descriptor >= 0 else { throw .failed(.createSocket, code: -errno, address) }
        return descriptor
    }

    /// A TCP socket for dialling; with a source, from that address of the machine, whose port is chosen when it is
    /// connected (IP_BIND_ADDRESS_NO_PORT, Linux 4.2), so that ports are used again for other peers.
    static func makeDiallingSocket(to peer: SocketAddress, from source: SocketAddress?) throws(IOError) -> Int32 {
        let socket = try makeSocket(.tcp, for: source ?? peer)
        do throws(IOError) {
            try boundSegments(of: socket)
            guard let source else { return socket }
            if source.isIPv4 { try set(socket, level: Int32(IPPROTO_IP), option: bindAddressNoPort, to: 1) }
            try bindSocket(socket, .tcp, to: source)
        } catch {
            _ = Glibc.close(socket)  // the failure that is thrown says more
            throw error
        }
        return socket
    }

    /// Longest segment that is sent and asked for, in bytes (TCP_MAXSEG); only loopback and jumbo frames come near it.
    ///
    /// Loopback offers 65,483, about as much as a receiver's whole window once many small segments have filled its
    /// buffer. The two rules against silly windows (RFC 9293, section 3.8.6.2) then wait for each other: a window of
    /// 43,008 is too small for a segment of 55,808, and at 65,536 it has not yet doubled, which is when the receiver
    /// would tell. Seen with Linux 6.18 on a child that had been stopped for 10 s: nothing for up to 14 s, until the
    /// sender's next probe. At a quarter of the smallest window there is always room for one segment. The kernel hands
    /// 64 KiB of segments over in one piece all the same.
    static let segmentBytesMax: Int32 = 16 << 10

    /// To be called before the socket dials or listens; those that it accepts have the bound from it.
    static func boundSegments(of socket: Int32) throws(IOError) {
        try set(socket, level: Int32(IPPROTO_TCP), option: TCP_MAXSEG, to: segmentBytesMax)
    }

    /// IP_BIND_ADDRESS_NO_PORT of <linux/in.h>, which Glibc's module leaves out.
    private static let bindAddressNoPort: Int32 = 24

    static func set(_ descriptor: Int32, level: Int32, option: Int32, to value: Int32) throws(IOError) {
        var value = value
        // SAFETY: the value's size goes with its address.
        guard setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw .failed(.setOption, code: -errno, nil)
        }
    }

    static func get(_ descriptor: Int32, level: Int32, option: Int32) throws(IOError) -> Int32 {
        var value: Int32 = 0
        var bytes = socklen_t(MemoryLayout<Int32>.size)
        // SAFETY: the value's size goes with its address.
        guard getsockopt(descriptor, level, option, &value, &bytes) == 0 else {
            throw .failed(.setOption, code: -errno, nil)
        }
        return value
    }

    static func bindSocket(
        _ descriptor: Int32, _ transport: IOError.Transport, to address: SocketAddress
    ) throws(IOError) {
        let code = address.withSockAddr { pointer, bytes in
            bind(descriptor, pointer, bytes) == 0 ? 0 : -errno
        }
        guard code == 0 else { throw .whileBinding(transport, address, code: code) }
    }

    /// The address that the kernel gave to the socket: the port that stands behind port 0.
    static func localAddress(of descriptor: Int32) -> SocketAddress? {
        read(descriptor, getsockname)
    }

    static func peerAddress(of descriptor: Int32) -> SocketAddress? {
        read(descriptor, getpeername)
    }

    private static func read(
        _ descriptor: Int32,
        _ call: (Int32, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) -> Int32
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var bytes = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: a sockaddr_storage has room for every address, and its size goes with it.
        let status = withUnsafeMutablePointer(to: &storage) { pointer in
            call(descriptor, UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), &bytes)
        }
        return status == 0 ? SocketAddress(storage) : nil
    }
}
