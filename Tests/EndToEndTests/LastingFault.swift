import Foundation

/// Calls that fail for a while in the middle of a node's life, as they do together when something runs out.
struct LastingFault: Sendable {
    let calls: [String]
    let code: Int32
    /// What the log must tell of it: one of these words in a line. None: nobody is kept out.
    let telling: [String]

    init(_ calls: [String], _ code: Int32, _ telling: String...) {
        self.calls = calls
        self.code = code
        self.telling = telling
    }

    /// Not among them is EAGAIN, or ENOBUFS which libuv takes for it, of a stream that libuv reads from or writes to:
    /// the kernel says in the same moment that it is ready, so that libuv asks again and again.
    static let all: [LastingFault] = [
        // Descriptors have run out, of the process and of the machine.
        LastingFault(["accept4", "accept", "socket", "open"], EMFILE, "accept.failed", "descriptors.exhausted"),
        LastingFault(["accept4", "accept", "socket", "open"], ENFILE, "accept.failed", "descriptors.exhausted"),
        LastingFault(["accept4"], EMFILE, "descriptors.exhausted"),
        // The kernel has no memory for newcomers, or something between it and us keeps them out.
        LastingFault(["accept4"], ENOMEM, "accept.failed"), LastingFault(["accept4"], ENOBUFS, "accept.failed"),
        LastingFault(["accept4"], ECONNABORTED, "accept.failed"), LastingFault(["accept4"], EPERM, "accept.failed"),
        LastingFault(["accept4", "uv_poll_start"], ENOMEM, "accept.failed"),
        LastingFault(["getsockname"], ENOBUFS),
        LastingFault(["uv_tcp_init"], ENOMEM, "accept.failed"), LastingFault(["uv_tcp_open"], ENOMEM, "accept.failed"),
        LastingFault(["uv_read_start"], ENOMEM),
        // No way to the children.
        LastingFault(["socket"], EACCES, "child.unreachable"),
        LastingFault(["uv_tcp_connect"], ENETUNREACH, "child.unreachable"),
        LastingFault(["libuv.connect"], ENETUNREACH, "child.unreachable"),
        LastingFault(["libuv.connect"], EAGAIN, "child.unreachable"),
        LastingFault(["uv_udp_try_send"], ENETUNREACH), LastingFault(["uv_udp_try_send"], ENOBUFS),
        LastingFault(["libuv.sendmsg"], EPERM), LastingFault(["libuv.sendmsg"], ENETUNREACH),
        // Nothing can be sent, or nobody is there any more.
        LastingFault(["send", "sendmsg", "libuv.sendmsg"], ENOBUFS),
        LastingFault(["send", "sendmsg", "libuv.write"], ENOMEM), LastingFault(["send", "sendmsg"], EPIPE),
        LastingFault(["send", "sendmsg"], EAGAIN),
        LastingFault(["uv_try_write"], EPIPE), LastingFault(["uv_try_write", "uv_write"], ENOMEM),
        LastingFault(["uv_try_write"], EAGAIN), LastingFault(["uv_try_write", "uv_write"], EAGAIN),
        LastingFault(["uv_write"], ENOMEM),
        LastingFault(["libuv.write"], EPIPE),
        LastingFault(["uv_shutdown"], ENOTCONN),
        // Nothing can be received.
        LastingFault(["libuv.read"], ENOMEM), LastingFault(["libuv.read"], ECONNRESET),
        LastingFault(["libuv.recvmmsg"], ENOMEM), LastingFault(["libuv.recvmmsg"], ECONNREFUSED),
        LastingFault(
            ["libuv.read", "libuv.recvmmsg", "libuv.write", "send", "sendmsg", "accept4"], ENOMEM, "accept.failed"),
        // Options of sockets.
        LastingFault(["setsockopt", "libuv.setsockopt"], ENOMEM), LastingFault(["getsockopt"], ENOPROTOOPT),
        LastingFault(["uv_fileno"], EBADF),
    ]
}
