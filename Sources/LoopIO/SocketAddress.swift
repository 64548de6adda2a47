import CUV
import Glibc

/// An IPv4 or IPv6 address and a port.
///
/// IPv4 is kept as `::ffff:a.b.c.d` (RFC 4291 2.5.5.2), so a peer of a dual-stack listener and one of an IPv4 listener
/// are equal values, and both are written as IPv4.
package struct SocketAddress: Hashable, Sendable {
    /// The sixteen bytes of the address in network order, as two numbers.
    package let bytes: Bytes
    package var port: UInt16
    /// The interface of a link-local IPv6 address, 0 for any other.
    package let scope: UInt32

    /// An address as two 64-bit halves, first byte in the highest place.
    package struct Bytes: Hashable, Sendable {
        package let high: UInt64
        package let low: UInt64

        package init(high: UInt64, low: UInt64) {
            self.high = high
            self.low = low
        }
    }

    package init(bytes: Bytes, port: UInt16, scope: UInt32 = 0) {
        self.bytes = bytes
        self.port = port
        self.scope = scope
    }

    /// Reads an address as people write it: `127.0.0.1`, `::1`, `fe80::1%eth0`; brackets around IPv6 are allowed.
    ///
    /// - Throws: `.notAnAddress` for anything else, also for a name: names are the resolver's.
    package init(parsing text: String, port: UInt16) throws(IOError) {
        var literal = Substring(text)
        if literal.first == "[", literal.last == "]" { literal = literal.dropFirst().dropLast() }
        // libuv reads up to a NUL and at most 46 characters: what stands behind must not be lost in silence.
        guard !literal.isEmpty, literal.utf8.count <= 64, !literal.utf8.contains(0) else {
            throw .notAnAddress(text)
        }
        var storage = sockaddr_storage()
        let host = String(literal)
        // SAFETY: a sockaddr_storage holds either form, and both calls write no more than their own type.
        let isParsed = withUnsafeMutableBytes(of: &storage) { raw -> Bool in
            guard let base = raw.baseAddress else { return false }
            return uv_ip4_addr(host, Int32(port), base.assumingMemoryBound(to: sockaddr_in.self)) == 0
                || uv_ip6_addr(host, Int32(port), base.assumingMemoryBound(to: sockaddr_in6.self)) == 0
        }
        guard isParsed, let address = SocketAddress(storage) else { throw .notAnAddress(text) }
        self = address
    }

    /// The address without its port, `0.0.0.0`, with the port that the kernel chooses.
    package static let anyIPv4 = SocketAddress(bytes: Bytes(high: 0, low: 0xffff_0000_0000), port: 0)
    /// `127.0.0.1` and a port that the kernel chooses.
    package static let loopbackIPv4 = SocketAddress(bytes: Bytes(high: 0, low: 0xffff_7f00_0001), port: 0)

    package var isIPv4: Bool { bytes.high == 0 && bytes.low >> 32 == 0xffff }

    /// Whether this is `0.0.0.0` or `::`: all addresses of the machine.
    package var isUnspecified: Bool { bytes.high == 0 && (bytes.low == 0 || bytes.low == 0xffff_0000_0000) }

    package var isLoopback: Bool {
        isIPv4 ? UInt8(truncatingIfNeeded: bytes.low >> 24) == 127 : bytes.high == 0 && bytes.low == 1
    }

    /// Whether it names a group of receivers: 224.0.0.0/4 (RFC 5771) or ff00::/8 (RFC 4291 2.7).
    package var isMulticast: Bool {
        isIPv4 ? UInt8(truncatingIfNeeded: bytes.low >> 24) >> 4 == 0xe : bytes.high >> 56 == 0xff
    }

    /// The address without port and brackets: `127.0.0.1`, `::1`.
    package var hostDescription: String {
        var text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer -> String in
            guard let base = buffer.baseAddress else { return "?" }
            base.initialize(repeating: 0, count: buffer.count)
            // SAFETY: 64 bytes hold the longest form of either family, and libuv ends it with a NUL.
            let status = withSockAddr { address, _ in
                isIPv4
                    ? uv_ip4_name(
                        UnsafeRawPointer(address).assumingMemoryBound(to: sockaddr_in.self), base, buffer.count)
                    : uv_ip6_name(
                        UnsafeRawPointer(address).assumingMemoryBound(to: sockaddr_in6.self), base, buffer.count)
            }
            return status == 0 ? String(cString: base) : "?"
        }
        if scope != 0 { text += "%" + interfaceName }
        return text
    }
}

extension SocketAddress {
    /// The name of the interface that the scope means; its number where the machine has it no more.
    private var interfaceName: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { buffer in
            // SAFETY: the buffer has the length that the call asks for, and the name ends with a NUL.
            guard let name = if_indextoname(scope, buffer.baseAddress) else { return "\(scope)" }
            return String(cString: name)
        }
    }
}

extension SocketAddress: CustomStringConvertible {
    /// `127.0.0.1:80` or `[::1]:80` (RFC 3986 3.2.2).
    package var description: String {
        isIPv4 ? "\(hostDescription):\(port)" : "[\(hostDescription)]:\(port)"
    }
}

extension SocketAddress {
    /// Reads what the kernel wrote; nil for a family that is not IP.
    init?(_ storage: sockaddr_storage) {
        var storage = storage
        // SAFETY: a sockaddr_storage is as large and as aligned as every address, so it may be read as one.
        let address = withUnsafePointer(to: &storage) { pointer in
            SocketAddress(reading: UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self))
        }
        guard let address else { return nil }
        self = address
    }

    /// Reads an address that a callback of libuv lends; nil for a family that is not IP.
    init?(reading pointer: UnsafePointer<sockaddr>) {
        let raw = UnsafeRawPointer(pointer)
        switch Int32(pointer.pointee.sa_family) {
        case AF_INET:
            // SAFETY: the family says that a sockaddr_in lies there.
            let address = raw.loadUnaligned(as: sockaddr_in.self)
            let host = UInt64(UInt32(bigEndian: address.sin_addr.s_addr))
            self.init(bytes: Bytes(high: 0, low: 0xffff_0000_0000 | host), port: UInt16(bigEndian: address.sin_port))
        case AF_INET6:
            // SAFETY: the family says that a sockaddr_in6 lies there.
            let address = raw.loadUnaligned(as: sockaddr_in6.self)
            let (high, low) = withUnsafeBytes(of: address.sin6_addr) { bytes in
                (
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
            // An IPv4 address in this form has no interface, even where somebody wrote one behind it.
            let isMapped = high == 0 && low >> 32 == 0xffff
            self.init(
                bytes: Bytes(high: high, low: low), port: UInt16(bigEndian: address.sin6_port),
                scope: isMapped ? 0 : address.sin6_scope_id)
        default:
            return nil
        }
    }

    /// Lends the address in the kernel's form, with its length in bytes.
    func withSockAddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        // SAFETY: each pointer is used inside its closure only, with the length of the type that lies there.
        if isIPv4 {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(truncatingIfNeeded: bytes.low).bigEndian
            return withUnsafePointer(to: &address) { pointer in
                body(
                    UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self),
                    socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        address.sin6_scope_id = scope
        withUnsafeMutableBytes(of: &address.sin6_addr) { raw in
            raw.storeBytes(of: bytes.high.bigEndian, toByteOffset: 0, as: UInt64.self)
            raw.storeBytes(of: bytes.low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return withUnsafePointer(to: &address) { pointer in
            body(
                UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self),
                socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
    }

    var family: Int32 { isIPv4 ? AF_INET : AF_INET6 }
}
