import TestSupport

/// Plays a stranger's part against a node and judges what comes back, byte for byte.
struct HostilePlayer {
    let publishPort: Int
    let watchPort: Int

    /// - Returns: what is wrong with the answer; nil when nothing is.
    func fault(of request: HostileRequest) throws -> String? {
        let port = request.port == .publish ? publishPort : watchPort
        let socket = try RawSocket.connect(port: port)
        defer { socket.close() }
        var received: [UInt8] = []
        for step in request.steps {
            // The node may have answered and closed before all is out; its answer is what counts.
            switch step {
            case .bytes(let bytes): _ = try? socket.send(bytes)
            case .singleBytes(let bytes): for byte in bytes { _ = try? socket.send([byte]) }
            case .interim: received += try socket.receive(exactly: HostilePlayer.interim.count, within: 5)
            case .end: socket.finishSending()
            case .reset:
                socket.reset()
                return nil
            }
        }
        guard let rest = try? socket.receiveToEnd(within: 5).bytes else { return "the connection is not closed" }
        return HostilePlayer.difference(received + rest, request)
    }

    /// A client that never did anything wrong is served on both ports, at once.
    func faultOfFreshClient() -> String? {
        for port in [publishPort, watchPort] {
            let answer = try? HTTPClient.request(port: port, path: "/healthz", within: 2)
            guard let answer, answer.status == 200, answer.text == "ok\n" else {
                return "a fresh client of port \(port) got \(answer?.statusLine ?? "no answer")"
            }
        }
        return nil
    }

    private static let interim = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    private static func difference(_ received: [UInt8], _ request: HostileRequest) -> String? {
        let shown = String(decoding: received.prefix(200), as: UTF8.self).debugDescription
        var rest = received
        switch request.answer {
        case .nothing: return received.isEmpty ? nil : "an answer where none can be: \(shown)"
        case .interimAlone: return received == interim ? nil : "not 100 alone: \(shown)"
        case .interim:
            guard rest.starts(with: interim) else { return "no 100: \(shown)" }
            rest.removeFirst(interim.count)
        case .status: break
        }
        guard let (head, start) = try? HTTPReply.head(of: rest) else { return "no answer: \(shown)" }
        let body = Array(rest[start...])
        switch request.answer {
        case .status(let status), .interim(let status):
            guard head.status == status else { return "not \(status): \(shown)" }
        case .interimAlone, .nothing: break
        }
        if let fault = faultOfFraming(head, body, request) { return "\(fault): \(shown)" }
        if let content = request.content, String(decoding: body, as: UTF8.self) != content {
            return "not \(content.debugDescription): \(shown)"
        }
        return nil
    }

    /// What every last answer of a connection needs.
    private static func faultOfFraming(_ head: HTTPReply, _ body: [UInt8], _ request: HostileRequest) -> String? {
        guard head.statusLine.hasPrefix("HTTP/1.1 ") else { return "a wrong status line" }
        guard head.headers["connection"] == "close" else { return "no word of the close" }
        guard head.headers["date"]?.hasSuffix(" GMT") == true else { return "no date" }
        guard let length = head.headers["content-length"].flatMap({ Int($0) }) else { return "no length" }
        let asksHead: Bool
        if case .bytes(let bytes)? = request.steps.first {
            asksHead = bytes.starts(with: "HEAD ".utf8)
        } else {
            asksHead = false
        }
        guard body.count == (asksHead ? 0 : length) else { return "\(body.count) bytes of \(length)" }
        switch head.status {
        case 401: return head.headers["www-authenticate"] == nil ? "401 without a challenge" : nil
        case 405: return head.headers["allow"] == nil ? "405 without Allow" : nil
        default: return nil
        }
    }
}
