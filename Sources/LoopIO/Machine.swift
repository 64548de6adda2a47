import CUV
import Glibc

/// What the machine and the process say about themselves.
package enum Machine {
    /// A network interface's address.
    package struct Interface: Hashable, Sendable {
        package let name: String
        package let address: SocketAddress
        /// Loopback.
        package let isInternal: Bool
    }

    /// The host's name as it calls itself, `localhost` where it has none.
    package static var hostName: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            var bytes = buffer.count
            // SAFETY: the size goes with the address, and libuv ends the name with a NUL.
            guard let base = buffer.baseAddress, uv_os_gethostname(base, &bytes) == 0 else { return "localhost" }
            return String(cString: base)
        }
    }

    /// The kernel and its release, `Linux 6.1.0`; empty where the machine does not say.
    package static var kernel: String {
        var names = uv_utsname_t()
        guard uv_os_uname(&names) == 0 else { return "" }
        return text(of: names.sysname) + " " + text(of: names.release)
    }

    /// Where the running program lies; nil where the machine does not say.
    package static var executablePath: String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
            var bytes = buffer.count
            // SAFETY: the size goes with the address, and libuv ends the path with a NUL.
            guard let base = buffer.baseAddress, uv_exepath(base, &bytes) == 0 else { return nil }
            return String(cString: base)
        }
    }

    /// A field of characters in a C struct, up to its NUL.
    private static func text<Field>(of field: Field) -> String {
        withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// The addresses of all interfaces that are up; empty where the machine does not say.
    package static var interfaces: [Interface] {
        var list: UnsafeMutablePointer<uv_interface_address_t>?
        var count: Int32 = 0
        guard uv_interface_addresses(&list, &count) == 0, let list else { return [] }
        defer { uv_free_interface_addresses(list, count) }
        return (0..<Int(count)).compactMap { index in
            let entry = list[index]
            // SAFETY: the union holds a socket address whose family says which one.
            let address = withUnsafePointer(to: entry.address) { pointer in
                SocketAddress(reading: UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self))
            }
            guard let address else { return nil }
            return Interface(name: String(cString: entry.name), address: address, isInternal: entry.is_internal != 0)
        }
    }

    /// How many loops are worth having: the processors that this process may use.
    package static var availableParallelism: Int { Int(uv_available_parallelism()) }

    /// Bytes of memory that the process holds, 0 where the machine does not say.
    package static var residentBytes: Int {
        var bytes = 0
        return uv_resident_set_memory(&bytes) == 0 ? bytes : 0
    }

    /// Puts /dev/null where stdin, stdout or stderr is closed, before anything else is opened: else a pipe of libuv's or a
    /// viewer's socket would get their number, and log lines would be written into it.
    package static func openStandardDescriptors() {
        var descriptor: Int32 = 0
        repeat { descriptor = open("/dev/null", O_RDWR) } while (0...STDERR_FILENO).contains(descriptor)
        if descriptor >= 0 { _ = Glibc.close(descriptor) }  // nothing was written
    }

    /// Lifts the limit of open descriptors to what is allowed.
    ///
    /// - Returns: the limit from here on.
    @discardableResult
    package static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        // SAFETY: both calls take a pointer to one rlimit.
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        let before = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return Int(clamping: before) }
        return Int(clamping: limit.rlim_cur)
    }

    /// The environment of the process; of a name that stands there twice the first.
    package static var environment: [String: String] {
        get throws(IOError) {
            var items: UnsafeMutablePointer<uv_env_item_t>?
            var count: Int32 = 0
            let status = uv_os_environ(&items, &count)
            // Without it a secret that stands there would be missing, and the node open to all.
            guard status == 0 else { throw .failed(.readEnvironment, code: status, nil) }
            guard let items else { return [:] }
            defer { uv_os_free_environ(items, count) }
            var environment: [String: String] = [:]
            for index in 0..<Int(count) {
                let name = String(cString: items[index].name)
                if environment[name] == nil { environment[name] = String(cString: items[index].value) }
            }
            return environment
        }
    }

    /// The address by which libuv knows an interface for multicast: its own IPv4, or `%name` of IPv6's scope.
    ///
    /// - Parameter name: `eth0`, or one of its addresses.
    /// - Throws: `.notAnAddress` when the machine has no such interface with an address of the group's family.
    static func interfaceAddress(_ name: String, like group: SocketAddress) throws(IOError) -> String {
        if let literal = try? SocketAddress(parsing: name, port: 0), literal.isIPv4 == group.isIPv4 { return name }
        let match = interfaces.first { $0.name == name && $0.address.isIPv4 == group.isIPv4 }
        guard let match else { throw .notAnAddress(name) }
        return group.isIPv4 ? match.address.hostDescription : "::%\(name)"
    }

    /// An IPv6 group together with its interface, as those of a small scope are bound (RFC 4007 section 6); others as
    /// they are.
    ///
    /// - Parameter interface: as for `interfaceAddress`; nil: none.
    /// - Throws: `.notAnAddress` when the machine has no such interface.
    static func scoped(_ group: SocketAddress, to interface: String?) throws(IOError) -> SocketAddress {
        guard let interface, !group.isIPv4, group.scope == 0 else { return group }
        let name = interfaces.first { $0.name == interface || $0.address.hostDescription == interface }?.name
        let index = if_nametoindex(name ?? interface)
        guard index > 0 else { throw .notAnAddress(interface) }
        return SocketAddress(bytes: group.bytes, port: group.port, scope: index)
    }
}

/// Milliseconds since 1970 in UTC, by the machine's clock: for log lines, never for durations.
package func wallClockMs() -> Int64 {
    var time = uv_timeval64_t()
    guard uv_gettimeofday(&time) == 0 else { return 0 }
    return time.tv_sec * 1000 + Int64(time.tv_usec) / 1000
}

/// Ends the process without running anything more: a hanging name look-up held a normal return for 6 s.
package func exitProcessNow(_ code: Int32) -> Never { _exit(code) }

/// Reads a small file whole; it blocks, so only at start and reload.
///
/// - Parameter bytesMax: a larger file is refused with EFBIG.
/// - Throws: `.failed(.openFile)` or `.failed(.read)`.
package func readFile(_ path: String, bytesMax: Int = 16 << 20) throws(IOError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .failed(.openFile, code: -errno, nil) }
    defer { _ = close(descriptor) }  // nothing was written
    var bytes: [UInt8] = []
    var code: Int32 = 0
    var isAtEnd = false
    while !isAtEnd && code == 0 {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32 << 10) { buffer in
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count > 0 {
                bytes += UnsafeBufferPointer(rebasing: buffer[..<count])
                if bytes.count > bytesMax { code = -EFBIG }
            } else if count == 0 {
                isAtEnd = true
            } else if errno != EINTR {
                code = -errno
            }
        }
    }
    guard code == 0 else { throw .failed(.read, code: code, nil) }
    return bytes
}
