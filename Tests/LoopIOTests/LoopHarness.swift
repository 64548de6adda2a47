import Testing

@testable import LoopIO

/// A loop for one test: made, run until conditions hold, and closed with everything on it.
func withLoop(_ body: (EventLoop) throws -> Void) throws {
    let loop = try EventLoop()
    defer { loop.close() }
    try body(loop)
}

extension EventLoop {
    /// Runs until the condition holds; a test that waits longer than this has failed.
    func expect(
        _ condition: () -> Bool, timeoutMs: Int64 = 5000, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let holds = run(until: condition, timeoutMs: timeoutMs)
        #expect(holds, sourceLocation: sourceLocation)
    }
}

/// What a test saw on a connection.
final class Inbox {
    var bytes: [UInt8] = []
    var hasEnded = false
    var failure: IOError?

    /// Reads everything from the connection into this.
    func read(_ connection: TCPConnection) {
        connection.startReading(
            onRead: { span in span.withUnsafeBufferPointer { self.bytes += $0 } },
            onEnd: { error in
                self.hasEnded = true
                self.failure = error
            })
    }
}

/// Two ends of one connection over loopback.
struct Pair {
    let listener: TCPListener
    let near: TCPConnection
    let far: TCPConnection

    init(_ loop: EventLoop, address: SocketAddress = .loopbackIPv4, source: SocketAddress? = nil) throws {
        var accepted: TCPConnection?
        let listener = try TCPListener(loop: loop, address: address) { accepted = $0 }
        var isConnected = false
        near = try TCPConnection.connect(loop: loop, to: listener.localAddress, from: source) { error in
            #expect(error == nil)
            isConnected = true
        }
        loop.expect { isConnected && accepted != nil }
        far = try #require(accepted)
        self.listener = listener
    }

    /// Dials a listener of the test's own, whose callback takes the connections.
    init(_ loop: EventLoop, listener: TCPListener, accepted: () -> TCPConnection?) throws {
        var isConnected = false
        near = try TCPConnection.connect(loop: loop, to: listener.localAddress) { isConnected = $0 == nil }
        loop.expect { isConnected && accepted() != nil }
        far = try #require(accepted())
        self.listener = listener
    }
}
