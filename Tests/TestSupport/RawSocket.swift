import Foundation

/// A blocking socket whose every step has a deadline; closed at the latest when it is released.
package final class RawSocket: @unchecked Sendable {
    // SAFETY: `descriptor` changes under `lock` alone; the kernel orders reads and writes on it.

    private let lock = NSLock()
    private var descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close() }

    // MARK: - Making one

    /// Connects to an address in numbers, IPv4 or IPv6.
    ///
    /// - Parameters:
    ///   - source: the address to come from, as another of loopback; nil: the system's choice.
    ///   - receiveBuffer: `SO_RCVBUF`, set before the connection so that the window follows; nil: the system's.
    package static func connect(
        host: String = "127.0.0.1", port: Int, from source: String? = nil, within seconds: Double = 5,
        receiveBuffer: Int32? = nil
    ) throws -> RawSocket {
        let deadline = Deadline(seconds)
        let socket = try make(host: host, datagram: false)
        if let receiveBuffer { try socket.set(SO_RCVBUF, receiveBuffer) }
        if let source, try withAddress(source, 0, { bind(socket.number, $0, $1) }) != 0 {
            throw TestFailure("bind \(source): \(String(cString: strerror(errno)))")
        }
        let result = try withAddress(host, port) { Foundation.connect(socket.number, $0, $1) }
        if result != 0 && errno != EINPROGRESS {
            throw TestFailure("connect \(host):\(port): \(String(cString: strerror(errno)))")
        }
        try socket.wait(Int16(POLLOUT), until: deadline, "connect \(host):\(port)")
        var failure: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(socket.number, SOL_SOCKET, SO_ERROR, &failure, &length) == 0, failure == 0 else {
            throw TestFailure("connect \(host):\(port): \(String(cString: strerror(failure)))")
        }
        return socket
    }

    /// A TCP listener on a free port of loopback.
    package static func listen(host: String = "127.0.0.1", port: Int = 0, backlog: Int32 = 128) throws -> RawSocket {
        let socket = try make(host: host, datagram: false)
        try socket.set(SO_REUSEADDR, 1)
        guard try withAddress(host, port, { bind(socket.number, $0, $1) }) == 0,
            Foundation.listen(socket.number, backlog) == 0
        else { throw TestFailure("listen \(host):\(port): \(String(cString: strerror(errno)))") }
        return socket
    }

    /// A UDP socket; `port` 0 takes a free one.
    package static func datagrams(host: String = "127.0.0.1", port: Int = 0) throws -> RawSocket {
        let socket = try make(host: host, datagram: true)
        guard try withAddress(host, port, { bind(socket.number, $0, $1) }) == 0 else {
            throw TestFailure("bind \(host):\(port): \(String(cString: strerror(errno)))")
        }
        return socket
    }

    package func accept(within seconds: Double) throws -> RawSocket {
        try wait(Int16(POLLIN), until: Deadline(seconds), "accept")
        let newcomer = Foundation.accept(number, nil, nil)
        guard newcomer >= 0 else { throw TestFailure("accept: \(String(cString: strerror(errno)))") }
        RawSocket.prepare(newcomer)
        return RawSocket(newcomer)
    }

    /// The port that the system gave.
    package var localPort: Int {
        get throws {
            var address = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let port: UInt16? = withUnsafeMutableBytes(of: &address) { bytes in
                guard let base = bytes.baseAddress,
                    getsockname(number, base.assumingMemoryBound(to: sockaddr.self), &length) == 0
                else { return nil }
                return UInt16(bytes[2]) << 8 | UInt16(bytes[3])  // the same place in sockaddr_in and sockaddr_in6
            }
            guard let port else { throw TestFailure("getsockname: \(String(cString: strerror(errno)))") }
            return Int(port)
        }
    }

    // MARK: - Bytes

    /// Sends everything.
    package func send(_ bytes: [UInt8], within seconds: Double = 10) throws {
        let deadline = Deadline(seconds)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { raw in
                Foundation.send(number, raw.baseAddress.map { $0 + done }, bytes.count - done, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                done += count
            } else if errno == EAGAIN {
                try wait(Int16(POLLOUT), until: deadline, "send")
            } else if errno != EINTR {
                throw TestFailure("send: \(String(cString: strerror(errno)))")
            }
        }
    }

    package func send(_ text: String, within seconds: Double = 10) throws {
        try send(Array(text.utf8), within: seconds)
    }

    /// Sends one datagram.
    package func send(_ bytes: [UInt8], to host: String, port: Int) throws {
        let count = try RawSocket.withAddress(host, port) { address, length in
            sendto(number, bytes, bytes.count, 0, address, length)
        }
        guard count == bytes.count else { throw TestFailure("sendto: \(String(cString: strerror(errno)))") }
    }

    /// Reads what is there, up to `max` bytes; empty at the end of the stream.
    ///
    /// - Throws: `TestFailure` on a reset and when nothing comes in time.
    package func receive(max: Int = 65_536, within seconds: Double) throws -> [UInt8] {
        let deadline = Deadline(seconds)
        while true {
            try wait(Int16(POLLIN), until: deadline, "receive")
            var bytes = [UInt8](repeating: 0, count: max)
            let count = recv(number, &bytes, max, 0)
            if count >= 0 {
                bytes.removeLast(max - count)
                return bytes
            }
            guard errno == EAGAIN || errno == EINTR else {
                throw TestFailure("receive: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// Whether something, an end included, can be read in time.
    package func isReadable(within seconds: Double) throws -> Bool {
        var entry = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        let ready = poll(&entry, 1, Deadline(seconds).milliseconds)
        if ready < 0 && errno != EINTR { throw TestFailure("poll: \(String(cString: strerror(errno)))") }
        return ready > 0
    }

    /// Reads until the end of the stream.
    ///
    /// - Returns: the bytes, and whether the end came as a reset.
    package func receiveToEnd(within seconds: Double) throws -> (bytes: [UInt8], wasReset: Bool) {
        let deadline = Deadline(seconds)
        var all: [UInt8] = []
        while true {
            do {
                let part = try receive(within: deadline.seconds)
                if part.isEmpty { return (all, false) }
                all += part
            } catch {
                if deadline.hasPassed { throw error }
                return (all, true)
            }
        }
    }

    /// Reads until `bytes` are there.
    package func receive(exactly count: Int, within seconds: Double) throws -> [UInt8] {
        let deadline = Deadline(seconds)
        var all: [UInt8] = []
        while all.count < count {
            let part = try receive(max: count - all.count, within: deadline.seconds)
            guard !part.isEmpty else { throw TestFailure("the stream ended after \(all.count) of \(count) bytes") }
            all += part
        }
        return all
    }

    // MARK: - Ends

    /// Says that nothing more is sent.
    package func finishSending() { _ = shutdown(number, Int32(SHUT_WR)) }  // a peer that went is no error here

    /// Ends both directions but keeps the descriptor, so that a thread which reads sees the end.
    package func shutdownBoth() { _ = shutdown(number, Int32(SHUT_RDWR)) }  // a peer that went is no error here

    package func close() {
        lock.lock()
        defer { lock.unlock() }
        guard descriptor >= 0 else { return }
        _ = Foundation.close(descriptor)
        descriptor = -1
    }

    /// Closes so that the other side sees a reset.
    package func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        _ = setsockopt(number, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        lock.lock()
        defer { lock.unlock() }
        guard descriptor >= 0 else { return }
        _ = Foundation.close(descriptor)
        descriptor = -1
    }

    /// Each write leaves at once, as a segment of its own.
    package func setNoDelay() throws { try set(TCP_NODELAY, 1, level: Int32(IPPROTO_TCP)) }

    package func set(_ option: Int32, _ value: Int32, level: Int32 = SOL_SOCKET) throws {
        var value = value
        guard setsockopt(number, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw TestFailure("setsockopt: \(String(cString: strerror(errno)))")
        }
    }

    /// The descriptor, for `poll` over many; -1 once closed.
    package var number: Int32 {
        lock.lock()
        defer { lock.unlock() }
        return descriptor
    }

    // MARK: - Helpers

    private static func make(host: String, datagram: Bool) throws -> RawSocket {
        let family = host.contains(":") ? AF_INET6 : AF_INET
        let kind = datagram ? SOCK_DGRAM : SOCK_STREAM
        let descriptor = socket(family, Int32(kind.rawValue), 0)
        guard descriptor >= 0 else { throw TestFailure("socket: \(String(cString: strerror(errno)))") }
        prepare(descriptor)
        return RawSocket(descriptor)
    }

    private static func prepare(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)  // cannot fail on a descriptor that was just made
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    private func wait(_ events: Int16, until deadline: Deadline, _ what: String) throws {
        while true {
            var entry = pollfd(fd: number, events: events, revents: 0)
            let ready = poll(&entry, 1, deadline.milliseconds)
            if ready > 0 { return }
            if ready == 0 { throw TestFailure("\(what): the deadline passed") }
            if errno != EINTR { throw TestFailure("\(what): \(String(cString: strerror(errno)))") }
        }
    }

    private static func withAddress<Value>(
        _ host: String, _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) throws -> Value {
        if host.contains(":") {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = UInt16(truncatingIfNeeded: port).bigEndian
            guard inet_pton(AF_INET6, host, &address.sin6_addr) == 1 else { throw TestFailure("bad address \(host)") }
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { throw TestFailure("bad address \(host)") }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
