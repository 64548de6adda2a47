import HTTP1
import HTTPServer
import LoopIO
import Testing

/// A loop with a listening server for one test.
func withServer(
    _ timing: HTTPListener.Timing = .short, connectionsMax: Int = .max,
    handler: @escaping (HTTPExchange) -> Void, _ body: (Server) throws -> Void
) throws {
    let loop = try EventLoop()
    defer { loop.close() }
    let listener = try HTTPListener(
        loop: loop, address: .loopbackIPv4, timing: timing, connectionsMax: connectionsMax, handler: handler)
    defer { listener.close() }
    try body(Server(loop: loop, listener: listener))
}

struct Server {
    let loop: EventLoop
    let listener: HTTPListener

    func dial() throws -> Client { try Client(self) }

    /// Dials, sends, and waits for the end of the answer.
    func ask(_ text: String) throws -> String {
        let client = try dial()
        try client.send(text)
        expect { client.hasEnded }
        return client.text
    }

    /// Runs the loop until the condition holds; a test that waits longer than this has failed.
    func expect(_ condition: () -> Bool, timeoutMs: Int64 = 5000, sourceLocation: SourceLocation = #_sourceLocation) {
        let holds = loop.run(until: condition, timeoutMs: timeoutMs)
        #expect(holds, sourceLocation: sourceLocation)
    }

    /// Runs the loop for a moment: for what must not happen.
    func rest(ms: Int64 = 30) { _ = loop.run(until: { false }, timeoutMs: ms) }
}

/// The other side: one connection to the server, on the same loop.
final class Client {
    let connection: TCPConnection
    private(set) var bytes: [UInt8] = []
    private(set) var hasEnded = false
    private(set) var failure: IOError?

    init(_ server: Server) throws {
        var isConnected = false
        connection = try TCPConnection.connect(loop: server.loop, to: server.listener.localAddress) { error in
            #expect(error == nil)
            isConnected = true
        }
        server.expect { isConnected }
        readOn()
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    var statusLine: String { text.prefix { $0 != "\r\n" }.description }

    func readOn() {
        connection.startReading(
            onRead: { [unowned self] span in span.withUnsafeBufferPointer { self.bytes += $0 } },
            onEnd: { [unowned self] error in
                self.hasEnded = true
                self.failure = error
            })
    }

    func send(_ text: String) throws { try connection.write(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws { try connection.write(bytes) }

    func drop(_ count: Int) { bytes.removeFirst(count) }

    /// Takes a whole head away from what has arrived.
    func takeHead() -> String? {
        let end: [UInt8] = [13, 10, 13, 10]
        guard let last = bytes.indices.dropFirst(3).first(where: { Array(bytes[($0 - 3)...$0]) == end }) else {
            return nil
        }
        defer { bytes.removeSubrange(...last) }
        return String(decoding: bytes[...last], as: UTF8.self)
    }
}

extension HTTPListener.Timing {
    /// Long enough never to be seen, with a quick sweep.
    static let short: Self = {
        var timing = Self()
        timing.sweepMs = 5
        return timing
    }()

    static func short(_ change: (inout Self) -> Void) -> Self {
        var timing = short
        change(&timing)
        return timing
    }
}
