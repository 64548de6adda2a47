import Glibc
import HTTPServer
import LoopIO

/// A client on a pair of sockets, without a loop: what it sends has arrived when the call returns.
final class FuzzClient {
    private(set) var bytes: [UInt8] = []
    private var hasEnded = false
    private var descriptor: Int32

    /// The server's end is at the listener as if it had come in at the port.
    init(_ stage: FuzzStage) throws(FuzzFinding) {
        stage.beginConversation()
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw FuzzFinding("no sockets: \(errno)") }
        descriptor = ends[0]
        // Small, so that an answer can fill it; the kernel doubles the number, and raises it to its least. Where that
        // fails, fewer answers wait.
        var bytes: Int32 = 2 << 10
        // SAFETY: the value's size goes with its address.
        _ = setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        let connection: TCPConnection
        do throws(IOError) {
            connection = try TCPConnection(loop: stage.loop, adopting: ends[1], peer: .loopbackIPv4)
        } catch {
            throw FuzzFinding("no connection: \(error)")
        }
        stage.listener.serve(connection)
    }

    /// Sends a piece; nothing once the server has closed.
    func send(_ piece: Span<UInt8>) {
        guard !hasEnded, descriptor >= 0 else { return }
        // SAFETY: the buffer is only read inside the closure.
        let sent = piece.withUnsafeBufferPointer {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        // What does not fit is for a server that does not read.
        if sent < 0 { hasEnded = true }
    }

    /// Sends, and reads nothing, until the server has enough.
    func flood(_ stage: FuzzStage) {
        let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 16 << 10)
        for _ in 0...HTTPListener.lingerBytesMax / piece.count where !hasEnded {
            send(piece.span)
            stage.loop.runOnce(waits: false)
        }
    }

    /// Takes what the server has sent.
    func read(_ stage: FuzzStage) {
        while descriptor >= 0 {
            let buffer = stage.buffer
            // SAFETY: the kernel writes no more than the buffer's count.
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            guard count > 0 else {
                if count == 0 { hasEnded = true }
                return
            }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// No more will come of this side.
    func shutdown() {
        if descriptor >= 0 { _ = Glibc.shutdown(descriptor, Int32(SHUT_WR)) }  // the server may have closed
    }

    func close() {
        guard descriptor >= 0 else { return }
        _ = Glibc.close(descriptor)  // what was not read is thrown away
        descriptor = -1
    }

    deinit { close() }
}
