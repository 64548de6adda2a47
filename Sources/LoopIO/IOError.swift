import CUV

/// What went wrong outside this process. The description is a line for operators: what was tried, with what, and why not.
///
/// A wrong call (off the loop, a closed descriptor, a second write where one is allowed) is no error but a precondition.
package enum IOError: Error, Hashable, Sendable {
    /// Another socket has the port.
    case addressInUse(Transport, SocketAddress)
    /// The machine has no such address.
    case addressNotAvailable(Transport, SocketAddress)
    /// The port needs a privilege that the process has not.
    case portNotAllowed(Transport, SocketAddress)
    /// The text is no IPv4 or IPv6 address.
    case notAnAddress(String)
    /// A host name over 253 characters (RFC 1035 2.3.4), or an empty one.
    case badHostName(String)
    /// The name has no address, or the name server could not be asked; `code` is libuv's.
    case nameNotResolved(String, code: Int32)
    /// Any other refusal of the kernel; `code` is libuv's, which is the negated errno.
    case failed(Operation, code: Int32, SocketAddress?)

    package enum Transport: String, Hashable, Sendable {
        case tcp = "TCP"
        case udp = "UDP"
    }

    /// What was tried.
    package enum Operation: String, Hashable, Sendable {
        case createLoop = "create an event loop"
        case createHandle = "create a handle"
        case createSocket = "create a socket"
        case setOption = "set a socket option"
        case bind, listen, accept, connect, read, write, send, receive, shutdown
        case detach = "hand a connection to another loop"
        case joinGroup = "join the multicast group"
        case watchSignal = "watch a signal"
        case openFile = "open the file"
        case writeFile = "write the file"
        case startThread = "start a thread"
        case setAffinity = "run on these processors"
        case startProgram = "start the program"
        case readAddress = "find out the socket's own address"
        case readEnvironment = "read the environment"
        case readSystem = "read a property of the machine"
    }
}

extension IOError {
    /// libuv's code of the failure, 0 where there is none.
    package var code: Int32 {
        switch self {
        case .addressInUse: UV_EADDRINUSE.rawValue
        case .addressNotAvailable: UV_EADDRNOTAVAIL.rawValue
        case .portNotAllowed: UV_EACCES.rawValue
        case .notAnAddress, .badHostName: 0
        case .nameNotResolved(_, let code), .failed(_, let code, _): code
        }
    }

    /// The kernel's name of the failure: `ECONNREFUSED`.
    package var name: String { Self.name(of: code) }

    /// Whether the other side went away, as peers do: nothing to warn about.
    package var isPeerGone: Bool {
        switch code {
        case UV_ECONNRESET.rawValue, UV_EPIPE.rawValue, UV_ECONNABORTED.rawValue, UV_ETIMEDOUT.rawValue,
            UV_EHOSTUNREACH.rawValue, UV_ENETUNREACH.rawValue, UV_ENETDOWN.rawValue:
            true
        default: false
        }
    }

    /// Whether the process or the machine has no descriptor left.
    package var isOutOfDescriptors: Bool { code == UV_EMFILE.rawValue || code == UV_ENFILE.rawValue }

    /// The case for a failed bind or listen.
    static func whileBinding(
        _ transport: Transport, _ address: SocketAddress, code: Int32, operation: Operation = .bind
    ) -> IOError {
        switch code {
        case UV_EADDRINUSE.rawValue: .addressInUse(transport, address)
        case UV_EADDRNOTAVAIL.rawValue: .addressNotAvailable(transport, address)
        case UV_EACCES.rawValue, UV_EPERM.rawValue: .portNotAllowed(transport, address)
        default: .failed(operation, code: code, address)
        }
    }

    static func name(of code: Int32) -> String {
        guard code != 0 else { return "0" }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let base = buffer.baseAddress else { return "?" }
            // SAFETY: the call writes at most `count` bytes with the NUL; uv_err_name would leak for unknown codes.
            return String(cString: uv_err_name_r(code, base, buffer.count))
        }
    }

    private static func reason(of code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let base = buffer.baseAddress else { return "?" }
            // SAFETY: as in `name(of:)`.
            return String(cString: uv_strerror_r(code, base, buffer.count))
        }
    }
}

extension IOError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .addressInUse(let transport, let address):
            "\(transport.rawValue) port \(address.port) on \(address.hostDescription) is in use by another process"
                + " (EADDRINUSE); stop that one or choose another port"
        case .addressNotAvailable(let transport, let address):
            "\(transport.rawValue) port \(address.port) on \(address.hostDescription) cannot be opened: this machine"
                + " has no such address (EADDRNOTAVAIL); use one of its own, or 0.0.0.0 for all"
        case .portNotAllowed(let transport, let address):
            "\(transport.rawValue) port \(address.port) on \(address.hostDescription) is not allowed for this user"
                + " (\(name)); ports below 1024 need CAP_NET_BIND_SERVICE"
        case .notAnAddress(let text):
            "\"\(text.prefix(80))\" is not an IPv4 or IPv6 address"
        case .badHostName(let text):
            "\"\(text.prefix(80))\" is not a host name: it must have 1 to 253 characters"
        case .nameNotResolved(let name, let code):
            "host \(name.prefix(253)) has no address: \(Self.reason(of: code)) (\(Self.name(of: code)))"
        case .failed(let operation, let code, let address):
            "cannot \(operation.rawValue)\(address.map { " \($0)" } ?? ""): \(Self.reason(of: code))"
                + " (\(Self.name(of: code)))"
        }
    }
}
