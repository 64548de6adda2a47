import HTTP1
import HTTPServer
import LoopIO

/// A whole conversation with the HTTP server over a real connection: head, body, WebSocket, and the client's end.
///
/// There is at most one answer and it is whole; the server agrees with the parser about the head; nothing of the
/// connection is left behind.
enum ConnectionFuzz {
    static let target = FuzzTarget(
        name: "http-connection", reads: "all that a client sends on one connection",
        covers: ["HTTPConnection", "HTTPExchange", "WebSocketConnection", "HTTPListener"], bytesMax: 4096,
        begin: { () throws(FuzzFinding) in
            let stage: Stage
            do throws(IOError) { stage = try Stage() } catch { throw FuzzFinding("no server: \(error)") }
            return { input throws(FuzzFinding) in try check(input, stage) }
        })

    /// Time that one conversation may take; it takes less than a millisecond.
    private static let timeoutMs: Int64 = 5000

    private static func check(_ input: Span<UInt8>, _ stage: Stage) throws(FuzzFinding) {
        let cuts = Cuts(input)
        let before = stage.listener.counters
        // Most clients end by a reset, which leaves no port behind that waits for stray packets.
        let endsOrderly = cuts.seed & 0x30 == 0
        let client: Client
        do throws(IOError) {
            client = try Client(stage)
            for range in cuts.ranges.prefix(16) where !range.isEmpty { try client.send(input.extracting(range)) }
            if let rest = cuts.ranges.dropFirst(16).first {
                try client.send(input.extracting(rest.lowerBound..<input.count))
            }
        } catch {
            throw FuzzFinding("the server closed a connection that had not ended: \(error)")
        }
        if endsOrderly {
            client.connection.shutdown()
            let hasEnded = stage.loop.run(
                until: { client.hasEnded && stage.listener.connections == 0 }, timeoutMs: timeoutMs)
            try require(hasEnded, "the server keeps a connection that has ended")
            try checkHead(input, before, stage.listener.counters)
            try checkAnswer(client.bytes)
        }
        client.connection.closeWithReset()
        let isEmpty = stage.loop.run(until: { stage.listener.connections == 0 }, timeoutMs: timeoutMs)
        try require(isEmpty, "the server keeps a connection that was reset")
        try require(stage.listener.counters.accepted == before.accepted + 1, "connections were not counted")
    }

    private static func checkHead(
        _ input: Span<UInt8>, _ before: HTTPListener.Counters, _ after: HTTPListener.Counters
    ) throws(FuzzFinding) {
        var parser = RequestParser()
        var heads: UInt64 = 0
        var refused: UInt64 = 0
        do throws(HTTPError) {
            if case .head(let head, _) = try parser.parse(input) {
                // A method that nobody knows is refused too (501), though its head is right.
                if case .other = head.method { refused = 1 } else { heads = 1 }
            }
        } catch {
            refused = 1
        }
        try require(after.requests - before.requests == heads, "the server saw another number of heads than \(heads)")
        try require(after.headsRefused - before.headsRefused == refused, "the server refuses other heads")
    }

    /// One whole answer or none, an interim one before it.
    private static func checkAnswer(_ bytes: [UInt8]) throws(FuzzFinding) {
        var rest = bytes[...]
        if rest.starts(with: ResponseHead.continueBytes) { rest = rest.dropFirst(ResponseHead.continueBytes.count) }
        guard !rest.isEmpty else { return }
        let lines = String(decoding: rest, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
        try require(lines[0].hasPrefix("HTTP/1.1 ") && lines.contains(""), "an answer that is not whole")
        guard !lines[0].hasPrefix("HTTP/1.1 101 ") else { return }
        let field = lines.first { $0.hasPrefix("Content-Length: ") } ?? ""
        guard let length = Int(field.dropFirst("Content-Length: ".count)) else {
            throw FuzzFinding("an answer without a length")
        }
        let head = lines.prefix { !$0.isEmpty }.reduce(2) { $0 + $1.utf8.count + 2 }
        let content = rest.count - head
        try require(content == length || content == 0, "\(content) bytes of content where \(length) were announced")
    }

    /// A loop with a server on it that answers whatever may be asked.
    private final class Stage {
        let loop: EventLoop
        let listener: HTTPListener

        init() throws(IOError) {
            loop = try EventLoop()
            var timing = HTTPListener.Timing()
            timing.sweepMs = 5
            listener = try HTTPListener(loop: loop, address: .loopbackIPv4, timing: timing) { exchange in
                if exchange.wantsWebSocket {
                    exchange.upgradeToWebSocket()?.start()
                } else if exchange.request.framing == .none {
                    exchange.respond(.ok, text: "ok\n")
                } else {
                    exchange.readBody(onBytes: { _ in }) { end in
                        if end == .complete { exchange.respond(.ok, text: "taken\n") }
                    }
                }
            }
        }
    }

    private final class Client {
        let connection: TCPConnection
        private let loop: EventLoop
        private(set) var bytes: [UInt8] = []
        private(set) var hasEnded = false

        init(_ stage: Stage) throws(IOError) {
            loop = stage.loop
            var result: IOError??
            connection = try TCPConnection.connect(loop: stage.loop, to: stage.listener.localAddress) { error in
                result = .some(error)
            }
            // The kernel answers for the server before the server has accepted; a reset in between is no connection to it.
            let accepted = stage.listener.counters.accepted
            _ = loop.run(
                until: { result != nil && stage.listener.counters.accepted > accepted }, timeoutMs: timeoutMs)
            if case .some(.some(let error)) = result { throw error }
            connection.startReading(
                onRead: { [unowned self] span in self.bytes.append(copying: span) },
                onEnd: { [unowned self] _ in self.hasEnded = true })
        }

        /// Sends a piece and lets the server read it before the next; nothing once the server has ended the
        /// conversation.
        func send(_ piece: Span<UInt8>) throws(IOError) {
            guard !hasEnded else { return }
            try connection.write([UInt8](copying: piece))
            loop.runOnce()
        }
    }
}
