import Crypto
import WebSocket

/// What a viewer says first, and what it makes of the answer.
struct WatchRequest {
    /// A key like any other (RFC 6455 4.1): nothing depends on its being new.
    private static let key = "dHNiZW5jaCBpcyBoZXJlIQ=="

    /// Empty for a transport that has no request.
    let bytes: [UInt8]
    /// What the answer to a WebSocket's request must hold.
    private let acceptKey: String
    private let scheme: StreamURL.Scheme

    /// - Parameter url: nil where nobody watches.
    init(_ url: StreamURL?) {
        acceptKey = Handshake.acceptKey(for: Self.key)
        guard let url else {
            (scheme, bytes) = (.tcp, [])
            return
        }
        scheme = url.scheme
        let host = "Host: \(url.host):\(url.port)\r\n"
        switch url.scheme {
        case .tcp, .udp: bytes = []
        case .http:
            bytes = Array("GET \(url.path) HTTP/1.1\r\n\(host)User-Agent: tsbench\r\nConnection: close\r\n\r\n".utf8)
        case .ws:
            let fields = [
                "GET \(url.path) HTTP/1.1\r\n", host, "User-Agent: tsbench\r\n", "Upgrade: websocket\r\n",
                "Connection: Upgrade\r\n", "Sec-WebSocket-Key: \(Self.key)\r\n", "Sec-WebSocket-Version: 13\r\n\r\n",
            ]
            bytes = Array(fields.joined().utf8)
        }
    }

    enum Answer: Equatable {
        /// The stream begins behind the head.
        case stream(ViewerStream.Framing)
        /// With the status line, or what is wrong with the head.
        case refused(String)
    }

    /// Judges the head of an answer, from its status line to the empty line.
    func judge(_ head: [UInt8]) -> Answer {
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n").map(String.init)
        guard let status = lines.first, status.hasPrefix("HTTP/1.") else { return .refused("no HTTP answer") }
        let code = status.split(separator: " ").dropFirst().first.map(String.init)
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            fields[line[..<colon].lowercased()] = String(value)
        }
        if scheme == .ws {
            guard code == "101" else { return .refused(status) }
            guard fields["sec-websocket-accept"] == acceptKey else { return .refused("a wrong Sec-WebSocket-Accept") }
            return .stream(.webSocket)
        }
        guard code == "200" else { return .refused(status) }
        return .stream(fields["transfer-encoding"]?.lowercased() == "chunked" ? .chunked : .bare)
    }
}
