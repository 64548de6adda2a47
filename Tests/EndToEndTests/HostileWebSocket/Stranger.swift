import TestSupport

/// One connection of a client that keeps to no rule.
final class Stranger {
    static let patience = 5.0

    let port: Int
    let socket: RawSocket
    private var client: WebSocketClient?
    private static let marker = Array("still a viewer?".utf8)

    init(port: Int, receiveBuffer: Int32? = nil) throws {
        self.port = port
        socket = try RawSocket.connect(port: port, receiveBuffer: receiveBuffer)
        try socket.setNoDelay()
    }

    /// Does what is written, and tells what the stranger sees.
    static func meet(_ case: HostileWebSocket, port: Int) throws -> HostileWebSocket.Sight {
        let stranger = try Stranger(port: port)
        defer { stranger.socket.close() }
        switch `case`.deed {
        case .raw(let writes): for bytes in writes { stranger.send(bytes) }
        case .frames(let writes):
            try stranger.shake()
            for bytes in writes { stranger.send(bytes) }
        case .own(let deed): try deed(stranger)
        }
        return try stranger.look(expecting: `case`.sees)
    }

    /// Sends, to a node that may have closed already.
    func send(_ bytes: [UInt8], within seconds: Double = Stranger.patience) {
        _ = try? socket.send(bytes, within: seconds)
    }

    /// Becomes a viewer.
    func shake(_ request: [UInt8] = Handshakes.request()) throws {
        try socket.send(request)
        try readAnswer()
        guard client != nil else { throw TestFailure("no 101") }
    }

    /// The next frame; nil at the end.
    func nextFrame() throws -> WebSocketClient.Frame? {
        guard let client else { throw TestFailure("no handshake was made") }
        let deadline = Deadline(Stranger.patience)
        do {
            if let frame = try client.nextFrame(within: deadline.seconds) { return frame }
        } catch let error as TestFailure where "\(error)".contains("reset") {
            return nil
        }
        guard !deadline.hasPassed else { throw TestFailure("neither a frame nor the end in \(Stranger.patience) s") }
        return nil
    }

    /// Waits for a pong.
    func nextPong() throws -> [UInt8] {
        while let frame = try nextFrame() {
            if frame.opcode == WebSocketClient.Opcode.pong.rawValue { return frame.payload }
        }
        throw TestFailure("the end before a pong")
    }

    func expect(_ what: String, _ holds: Bool) throws {
        if !holds { throw TestFailure("not so: \(what)") }
    }

    /// Sends until the node has cut the connection, which it does after a megabyte or a second of what it does not want.
    func expectFloodToBeCut() throws {
        let part = [UInt8](repeating: 0xaa, count: 65_536)
        let deadline = Deadline(Stranger.patience)
        while (try? socket.send(part, within: deadline.seconds)) != nil {
            if deadline.hasPassed { throw TestFailure("the node goes on reading") }
        }
        if deadline.hasPassed { throw TestFailure("the node neither reads nor ends") }
    }

    /// Waits, with a byte now and then, until the node has let go of the connection.
    func expectToBeCut() throws {
        try waitUntil("the node let go", within: Stranger.patience) { (try? socket.send([0xaa], within: 1)) == nil }
    }

    /// What the stranger sees. Pings first where it should be a viewer still.
    func look(expecting: HostileWebSocket.Sight) throws -> HostileWebSocket.Sight {
        if expecting == .left { return .left }
        if client == nil, let status = try readAnswer() { return status }
        if expecting == .served { send(WebSocketClient.frame(9, Stranger.marker)) }
        var (hasStream, hasPong) = (false, false)
        let deadline = Deadline(Stranger.patience)
        while let frame = try nextFrame() {
            if deadline.hasPassed { throw TestFailure("only the stream in \(Stranger.patience) s") }
            switch frame.opcode {
            case WebSocketClient.Opcode.binary.rawValue:
                guard frame.isFinal, frame.payload.count % 188 == 0, frame.payload.first == 0x47 else {
                    throw TestFailure("a message that is no packets: \(frame.payload.count) bytes")
                }
                hasStream = true
            case WebSocketClient.Opcode.pong.rawValue: hasPong = hasPong || frame.payload == Stranger.marker
            case WebSocketClient.Opcode.close.rawValue:
                guard (2...125).contains(frame.payload.count) else { throw TestFailure("a close without a code") }
                guard try nextFrame() == nil else { throw TestFailure("a frame behind the close frame") }
                return .close(Int(frame.payload[0]) << 8 | Int(frame.payload[1]))
            default: throw TestFailure("a frame with opcode \(frame.opcode)")
            }
            if expecting == .served, hasStream, hasPong { return .served }
        }
        return .end
    }

    /// Reads the HTTP answer: nil for a handshake, which makes the client.
    @discardableResult
    private func readAnswer() throws -> HostileWebSocket.Sight? {
        let deadline = Deadline(Stranger.patience)
        let answer: HTTPReply
        do {
            answer = try HTTPClient.reply(on: socket, within: Stranger.patience)
        } catch {
            guard !deadline.hasPassed else { throw error }
            return .end
        }
        let headers = answer.headers
        if answer.status == 101 {
            guard headers["sec-websocket-extensions"] == nil else { throw TestFailure("an extension was accepted") }
            guard headers["upgrade"]?.lowercased() == "websocket", headers["connection"]?.lowercased() == "upgrade"
            else { throw TestFailure("a 101 that does not say to what") }
            client = WebSocketClient(socket, answer, answersPings: false)
            return nil
        }
        if answer.status == 426, headers["sec-websocket-version"] != "13" { throw TestFailure("426 without version") }
        if answer.status == 405, headers["allow"] == nil { throw TestFailure("405 without what is allowed") }
        guard headers["connection"]?.lowercased() == "close" else { throw TestFailure("\(answer.status) keeps alive") }
        guard try socket.receiveToEnd(within: deadline.seconds).bytes.isEmpty else {
            throw TestFailure("bytes behind the answer \(answer.status)")
        }
        return .status(answer.status)
    }
}
