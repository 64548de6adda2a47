import Foundation

/// Sends a stream's bytes at a steady rate on a thread of its own, over TCP, HTTP or UDP, without ffmpeg in between: what
/// went in is known to the byte.
package final class StreamSender: @unchecked Sendable {
    // SAFETY: what changes after `init` is read and written under `condition` alone.

    package enum Form: Sendable {
        /// Bare bytes in slices of so many bytes.
        case tcp(slice: Int)
        /// `POST` or `PUT` with chunks, a length, or neither.
        case http(method: String, path: String, body: Body)
        /// Datagrams of so many bytes.
        case udp(datagram: Int)
    }

    package enum Body: Sendable { case chunked, length, untilClose }

    private let condition = NSCondition()
    private let socket: RawSocket
    private let bytes: [UInt8]
    private let form: Form
    private let bytesPerSecond: Double
    private let loops: Int
    private let port: Int
    private let closesAtEnd: Bool
    private var sent = 0
    private var worstWait = 0.0
    private var finished = false
    private var stopping = false
    private var failure: String?

    /// Starts to send.
    ///
    /// - Parameters:
    ///   - bytesPerSecond: the pace; what is due goes out every 10 ms or at each slice.
    ///   - loops: how often the bytes are sent in all.
    ///   - closesAtEnd: false keeps the connection open until `stop()`.
    package init(
        _ bytes: [UInt8], port: Int, form: Form = .tcp(slice: 1316), bytesPerSecond: Double = 400_000, loops: Int = 1,
        closesAtEnd: Bool = true
    ) throws {
        self.bytes = bytes
        self.form = form
        self.bytesPerSecond = bytesPerSecond
        self.loops = loops
        self.port = port
        self.closesAtEnd = closesAtEnd
        switch form {
        case .udp: socket = try RawSocket.datagrams()
        case .tcp, .http: socket = try RawSocket.connect(port: port)
        }
        Thread.detachNewThread { [self] in run() }
    }

    /// Bytes handed to the kernel so far.
    package var sentCount: Int { locked { sent } }

    /// The longest time that the node let one slice wait, in seconds.
    package var longestWait: Double { locked { worstWait } }

    package var failureText: String? { locked { failure } }

    package func waitUntilSent(within seconds: Double) throws {
        try wait("all bytes are sent", within: seconds) { $0.finished }
        if let failureText { throw TestFailure("the sender stopped: \(failureText)") }
    }

    package func waitUntilSent(bytes wanted: Int, within seconds: Double) throws {
        try wait("\(wanted) bytes are sent", within: seconds) { $0.sent >= wanted || $0.finished }
    }

    /// What the listener answered to an HTTP push; call it after the last byte.
    package func answer(within seconds: Double) throws -> HTTPReply {
        try HTTPClient.reply(on: socket, within: seconds)
    }

    /// Breaks off, wherever the stream is.
    package func stop() {
        locked { stopping = true }
        socket.shutdownBoth()
        _ = try? wait("the sender has ended", within: 5) { $0.finished }
        socket.close()
    }

    // MARK: - The thread

    private func run() {
        do {
            try sendAll()
        } catch {
            locked { failure = "\(error)" }
        }
        if closesAtEnd, case .tcp = form { socket.finishSending() }
        locked {
            finished = true
            condition.broadcast()
        }
    }

    private func sendAll() throws {
        if case .http(let method, let path, let body) = form {
            var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
            switch body {
            case .chunked: head += "Transfer-Encoding: chunked\r\n"
            case .length: head += "Content-Length: \(bytes.count * loops)\r\n"
            case .untilClose: head += "Connection: close\r\n"
            }
            try socket.send(head + "\r\n")
        }
        let start = monotonicSeconds()
        for loop in 0..<loops {
            var at = 0
            while at < bytes.count {
                guard !locked({ stopping }) else { return }
                let end = min(bytes.count, at + slice)
                let due = start + Double(loop * bytes.count + at) / bytesPerSecond
                let early = due - monotonicSeconds()
                if early > 0.002 { letPass(seconds: early) }
                try sendSlice(Array(bytes[at..<end]))
                locked {
                    sent += end - at
                    condition.broadcast()
                }
                at = end
            }
        }
        guard case .http(_, _, let body) = form, closesAtEnd else { return }
        switch body {
        case .chunked: try socket.send("0\r\n\r\n")
        case .length: break
        case .untilClose: socket.finishSending()
        }
    }

    private var slice: Int {
        switch form {
        case .tcp(let slice): slice
        case .http: 1316
        case .udp(let datagram): datagram
        }
    }

    private func sendSlice(_ part: [UInt8]) throws {
        let before = monotonicSeconds()
        switch form {
        case .tcp: try socket.send(part, within: 30)
        case .http(_, _, .chunked):
            try socket.send(Array("\(String(part.count, radix: 16))\r\n".utf8) + part + [13, 10])
        case .http: try socket.send(part, within: 30)
        case .udp: try socket.send(part, to: "127.0.0.1", port: port)
        }
        let took = monotonicSeconds() - before
        locked { worstWait = max(worstWait, took) }
    }

    private func wait(_ what: String, within seconds: Double, _ holds: (StreamSender) -> Bool) throws {
        let end = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while !holds(self) {
            guard condition.wait(until: end) else {
                throw TestFailure("not within \(seconds) s: \(what); \(sent) bytes went")
            }
        }
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        condition.lock()
        defer { condition.unlock() }
        return body()
    }
}
