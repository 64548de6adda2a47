/// A viewer that takes a stream by `GET /<app>/<stream>.ts`, chunked (HTTP/1.1) or bare (HTTP/1.0).
package final class HTTPSource: ByteSource, @unchecked Sendable {
    // SAFETY: `chunks` belongs to the collector's thread once a collector has the source.

    package let head: HTTPReply
    private let socket: RawSocket
    private var pending: [UInt8]
    private var chunks: ChunkReader?

    private init(_ socket: RawSocket, _ head: HTTPReply, pending: [UInt8]) {
        self.socket = socket
        self.head = head
        self.pending = pending
        chunks = head.headers["transfer-encoding"] == "chunked" ? ChunkReader() : nil
    }

    /// Asks for the stream and waits for the head of a 200.
    package static func open(
        port: Int, path: String = "/live/main.ts", version: String = "1.1", receiveBuffer: Int32? = nil,
        within seconds: Double = 5
    ) throws -> HTTPSource {
        let socket = try RawSocket.connect(port: port, receiveBuffer: receiveBuffer)
        try socket.send("GET \(path) HTTP/\(version)\r\nHost: 127.0.0.1:\(port)\r\n\r\n")
        let deadline = Deadline(seconds)
        var bytes: [UInt8] = []
        while true {
            if let (head, start) = try HTTPReply.head(of: bytes) {
                guard head.status == 200 else { throw TestFailure("\(path): \(head.statusLine)") }
                return HTTPSource(socket, head, pending: Array(bytes[start...]))
            }
            let part = try socket.receive(within: deadline.seconds)
            guard !part.isEmpty else { throw TestFailure("\(path): closed without an answer") }
            bytes += part
        }
    }

    /// Whether the body ended as it should: with its last chunk.
    package var isComplete: Bool { chunks?.isFinished ?? true }

    package func next(within seconds: Double) throws -> [UInt8]? {
        if pending.isEmpty {
            guard try socket.isReadable(within: seconds) else { return [] }
            pending = try socket.receive(within: 1)
            if pending.isEmpty { return nil }
        }
        let bytes = pending
        pending = []
        guard chunks != nil else { return bytes }
        let body = try chunks?.decode(bytes)
        return body?.isEmpty == true && isComplete ? nil : body
    }

    package func interrupt() { socket.shutdownBoth() }
    package func close() { socket.close() }
}
