import Foundation

/// What a listener answered, read from raw bytes so that the tests judge the bytes themselves (RFC 9112).
package struct HTTPReply: Sendable {
    package let statusLine: String
    package let status: Int
    /// Names in lower case; a name that comes twice is joined by a comma.
    package let headers: [String: String]
    package let body: [UInt8]

    package var text: String { String(decoding: body, as: UTF8.self) }

    /// Reads a head from the front of `bytes`.
    ///
    /// - Returns: the head as a reply without a body, and where the body begins; nil while the head is not whole.
    package static func head(of bytes: [UInt8]) throws -> (reply: HTTPReply, bodyStart: Int)? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8))?.lowerBound else { return nil }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw TestFailure("not a status line: \(lines[0])")
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw TestFailure("not a header: \(line)") }
            let name = line[..<colon].lowercased()
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            headers[name] = headers[name].map { $0 + ", " + value } ?? value
        }
        return (HTTPReply(statusLine: lines[0], status: status, headers: headers, body: []), end + 4)
    }

    func with(body: [UInt8]) -> HTTPReply {
        HTTPReply(statusLine: statusLine, status: status, headers: headers, body: body)
    }
}

/// Requests over loopback: one connection each, raw where a test wants to be rude.
package enum HTTPClient {
    /// Sends the bytes as they are and reads the answer until the listener closes.
    package static func exchange(
        host: String = "127.0.0.1", port: Int, raw request: [UInt8], within seconds: Double = 10
    ) throws -> HTTPReply {
        let socket = try RawSocket.connect(host: host, port: port, within: seconds)
        defer { socket.close() }
        try socket.send(request, within: seconds)
        return try reply(on: socket, within: seconds)
    }

    package static func exchange(
        host: String = "127.0.0.1", port: Int, _ request: String, within seconds: Double = 10
    ) throws -> HTTPReply {
        try exchange(host: host, port: port, raw: Array(request.utf8), within: seconds)
    }

    /// A request with a body of known length.
    package static func request(
        _ method: String = "GET", host: String = "127.0.0.1", port: Int, path: String,
        headers: [(String, String)] = [], body: [UInt8]? = nil, within seconds: Double = 10
    ) throws -> HTTPReply {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\nConnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        return try exchange(
            host: host, port: port, raw: Array((head + "\r\n").utf8) + (body ?? []), within: seconds)
    }

    /// Reads one whole answer: by its length, its chunks, or to the close.
    package static func reply(on socket: RawSocket, within seconds: Double) throws -> HTTPReply {
        let deadline = Deadline(seconds)
        var bytes: [UInt8] = []
        while true {
            if let (head, start) = try HTTPReply.head(of: bytes) {
                let body = Array(bytes[start...])
                if let length = head.headers["content-length"].flatMap({ Int($0) }) {
                    if body.count >= length { return head.with(body: Array(body[..<length])) }
                } else if head.headers["transfer-encoding"] == "chunked" {
                    var decoder = ChunkReader()
                    let decoded = try decoder.decode(body)
                    if decoder.isFinished { return head.with(body: decoded) }
                } else if head.status == 101 || head.status == 204 || head.status == 100 {
                    return head.with(body: body)
                }
            }
            let part: [UInt8]
            do {
                part = try socket.receive(within: deadline.seconds)
            } catch {
                guard let (head, start) = try HTTPReply.head(of: bytes), !deadline.hasPassed else { throw error }
                return head.with(body: Array(bytes[start...]))  // an answer and then a reset
            }
            if part.isEmpty {
                guard let (head, start) = try HTTPReply.head(of: bytes) else {
                    throw TestFailure("closed without an answer after \(bytes.count) bytes")
                }
                return head.with(body: Array(bytes[start...]))
            }
            bytes += part
        }
    }
}

/// Takes the chunks of a body apart (RFC 9112 7.1).
package struct ChunkReader {
    private var rest: [UInt8] = []
    package private(set) var isFinished = false
    /// How many chunks came, the last one not counted.
    package private(set) var chunkCount = 0

    package init() {}

    /// - Returns: the bytes of the body that `input` completes.
    package mutating func decode(_ input: [UInt8]) throws -> [UInt8] {
        rest += input
        var out: [UInt8] = []
        var at = 0
        while !isFinished {
            guard let lineEnd = rest[at...].firstRange(of: [13, 10])?.lowerBound else { break }
            let line = String(decoding: rest[at..<lineEnd], as: UTF8.self)
            guard let size = Int(line.split(separator: ";").first ?? "", radix: 16) else {
                throw TestFailure("not a chunk size: \(line.prefix(40))")
            }
            let start = lineEnd + 2
            guard rest.count >= start + size + 2 else { break }
            guard rest[start + size] == 13, rest[start + size + 1] == 10 else {
                throw TestFailure("a chunk of \(size) bytes does not end with CRLF")
            }
            out += rest[start..<start + size]
            at = start + size + 2
            if size == 0 { isFinished = true } else { chunkCount += 1 }
        }
        rest.removeFirst(at)
        return out
    }
}
