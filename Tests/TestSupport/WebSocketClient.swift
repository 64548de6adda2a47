import Foundation

/// A viewer's end of a WebSocket (RFC 6455), written without the node's own codec so that it can judge it.
///
/// Blocking: a test either drives it step by step (`next`, `send`) or hands it to a `Collector`.
package final class WebSocketClient: ByteSource, @unchecked Sendable {
    // SAFETY: after a collector took it, only the collector's thread reads; sending has `lock`.

    package enum Opcode: UInt8, Sendable {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10
    }

    package struct Frame: Sendable, Equatable {
        package var opcode: UInt8
        package var isFinal: Bool
        package var payload: [UInt8]
    }

    package let answer: HTTPReply
    package let socket: RawSocket
    /// Whether `next(within:)` answers pings.
    package let answersPings: Bool
    private let lock = NSLock()
    private var pending: [UInt8]
    private var closeCodeSeen: Int?
    private var messageSizes: [Int] = []
    private var pings = 0

    /// A client whose handshake somebody else has made: `answer` is its 101, with what came behind it as body.
    package init(_ socket: RawSocket, _ answer: HTTPReply, answersPings: Bool) {
        self.socket = socket
        self.answer = answer
        self.answersPings = answersPings
        pending = answer.body
    }

    /// Opens a connection and waits for the answer, whatever it is.
    ///
    /// - Parameter protocols: what is offered in `Sec-WebSocket-Protocol`; nil: no such header.
    /// - Throws: `TestFailure` when the answer is no valid 101.
    package static func open(
        host: String = "127.0.0.1", port: Int, path: String = "/", protocols: String? = nil,
        receiveBuffer: Int32? = nil, answersPings: Bool = true, within seconds: Double = 5
    ) throws -> WebSocketClient {
        let socket = try RawSocket.connect(host: host, port: port, within: seconds, receiveBuffer: receiveBuffer)
        var request = "GET \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        request += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dHNyZWxheSB0ZXN0IGtleQ==\r\n"
        if let protocols { request += "Sec-WebSocket-Protocol: \(protocols)\r\n" }
        try socket.send(request + "\r\n")
        let answer = try HTTPClient.reply(on: socket, within: seconds)
        guard answer.status == 101 else { throw TestFailure("\(path): \(answer.statusLine)") }
        guard answer.headers["sec-websocket-accept"] != nil else { throw TestFailure("no Sec-WebSocket-Accept") }
        return WebSocketClient(socket, answer, answersPings: answersPings)
    }

    /// The code of the relay's Close; 1005 for one without a code; nil: none came.
    package var closeCode: Int? { locked { closeCodeSeen } }

    /// Bytes of each message so far.
    package var messages: [Int] { locked { messageSizes } }

    package var pingCount: Int { locked { pings } }

    // MARK: - Reading

    /// The next frame as it stands on the wire; nil at the end of the stream or when none came in time.
    package func nextFrame(within seconds: Double) throws -> Frame? {
        let deadline = Deadline(seconds)
        while true {
            if let frame = try takeFrame() { return frame }
            guard try socket.isReadable(within: deadline.seconds) else { return nil }
            let bytes = try socket.receive(within: 1)
            guard !bytes.isEmpty else { return nil }
            pending += bytes
        }
    }

    /// The payloads of the binary messages that arrive next; nil at the end.
    package func next(within seconds: Double) throws -> [UInt8]? {
        var out: [UInt8] = []
        try drain(into: &out)
        guard out.isEmpty else { return out }
        guard locked({ closeCodeSeen == nil }) else { return nil }
        guard try socket.isReadable(within: seconds) else { return [] }
        let bytes = try socket.receive(within: 1)
        guard !bytes.isEmpty else { return nil }
        pending += bytes
        try drain(into: &out)
        return out.isEmpty && locked { closeCodeSeen != nil } ? nil : out
    }

    private func drain(into out: inout [UInt8]) throws {
        while let frame = try takeFrame() {
            switch frame.opcode {
            case Opcode.binary.rawValue, Opcode.continuation.rawValue:
                out += frame.payload
                locked { messageSizes.append(frame.payload.count) }
            case Opcode.ping.rawValue:
                locked { pings += 1 }
                if answersPings { try send(.pong, frame.payload) }
            case Opcode.close.rawValue:
                let code = frame.payload.count >= 2 ? Int(frame.payload[0]) << 8 | Int(frame.payload[1]) : 1005
                locked { closeCodeSeen = code }
                _ = try? send(.close, Array(frame.payload.prefix(2)))  // the relay may have closed already
                return
            case Opcode.pong.rawValue: break
            default: throw TestFailure("frame with opcode \(frame.opcode)")
            }
        }
    }

    private func takeFrame() throws -> Frame? {
        guard pending.count >= 2 else { return nil }
        guard pending[0] & 0x70 == 0 else { throw TestFailure("reserved bits in \(pending[0])") }
        guard pending[1] & 0x80 == 0 else { throw TestFailure("the relay masked a frame") }
        var length = Int(pending[1])
        var start = 2
        if length >= 126 {
            let extra = length == 126 ? 2 : 8
            guard pending.count >= 2 + extra else { return nil }
            length = pending[2..<2 + extra].reduce(0) { $0 << 8 | Int($1) }
            guard length >= (extra == 2 ? 126 : 65_536) else { throw TestFailure("length \(length) in \(extra) bytes") }
            start += extra
        }
        guard pending.count >= start + length else { return nil }
        let frame = Frame(
            opcode: pending[0] & 0x0f, isFinal: pending[0] & 0x80 != 0,
            payload: Array(pending[start..<start + length]))
        pending.removeFirst(start + length)
        return frame
    }

    // MARK: - Writing

    /// Sends one frame, masked as a client must (RFC 6455 5.3).
    package func send(_ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true, isMasked: Bool = true) throws {
        try send(raw: WebSocketClient.frame(opcode.rawValue, payload, isFinal: isFinal, isMasked: isMasked))
    }

    /// Sends bytes as they are, for a client that breaks the rules.
    package func send(raw bytes: [UInt8]) throws {
        lock.lock()
        defer { lock.unlock() }
        try socket.send(bytes)
    }

    package static func frame(
        _ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, isMasked: Bool = true
    ) -> [UInt8] {
        let maskBit: UInt8 = isMasked ? 0x80 : 0
        var frame: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
        if payload.count < 126 {
            frame.append(maskBit | UInt8(payload.count))
        } else if payload.count < 65_536 {
            frame += [maskBit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
        } else {
            frame.append(maskBit | 127)
            frame += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        guard isMasked else { return frame + payload }
        let mask: [UInt8] = [0x3a, 0x91, 0x5c, 0xe7]
        return frame + mask + payload.enumerated().map { $1 ^ mask[$0 & 3] }
    }

    package func interrupt() { socket.shutdownBoth() }
    package func close() { socket.close() }

    private func locked<Value>(_ body: () -> Value) -> Value {
        lock.lock()
        defer { lock.unlock() }
        return body()
    }
}
