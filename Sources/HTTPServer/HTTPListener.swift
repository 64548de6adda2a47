import HTTP1
package import LoopIO

/// A listening port that speaks HTTP/1.1 and WebSocket: one request a connection, one answer, then the connection closes.
///
/// ```swift
/// let listener = try HTTPListener(loop: loop, address: address) { exchange in
///     if exchange.wantsWebSocket, let webSocket = exchange.upgradeToWebSocket() { ... }
///     else { exchange.respond(.ok, text: "hello\n") }
/// }
/// ```
package final class HTTPListener {
    /// What the port has seen.
    package struct Counters: Equatable {
        package var requests: UInt64 = 0
        /// Heads that were not complete in time.
        package var headTimeouts: UInt64 = 0
        /// Heads that break the protocol or a limit.
        package var headsRefused: UInt64 = 0
    }

    /// Time limits, in milliseconds; tests shorten them.
    package struct Timing {
        /// For a whole head, from the connection's begin.
        package var headMs: Int64 = 10_000
        /// For reading what a refused client still sends, so that it can read the answer.
        package var lingerMs: Int64 = 1000
        /// From one ping to the next.
        package var pingMs: Int64 = 20_000
        /// For the pong.
        package var pongMs: Int64 = 20_000
        /// For the peer's close frame.
        package var closeMs: Int64 = 2000

        package init() {}
    }

    /// How often the time limits are looked at.
    static let sweepMs: Int64 = 100
    /// Bytes that a refused client may still send before it is cut.
    static let lingerBytesMax = 64 << 10

    package let localAddress: SocketAddress
    package internal(set) var counters = Counters()
    /// See `TCPListener`.
    package var onDescriptorsExhausted: ((UInt64) -> Void)? {
        get { listener.onDescriptorsExhausted }
        set { listener.onDescriptorsExhausted = newValue }
    }

    let loop: EventLoop
    let timing: Timing
    let handler: (HTTPExchange) -> Void
    private let listener: TCPListener
    private let sweeper: LoopTimer
    private var open: [ObjectIdentifier: HTTPConnection] = [:]

    /// - Parameters:
    ///   - exclusive: as in `TCPListener`.
    ///   - handler: called on the loop for each request whose head is right.
    package init(
        loop: EventLoop, address: SocketAddress, exclusive: Bool = true, timing: Timing = Timing(),
        handler: @escaping (HTTPExchange) -> Void
    ) throws(IOError) {
        self.loop = loop
        self.timing = timing
        self.handler = handler
        let door = Door()
        listener = try TCPListener(loop: loop, address: address, exclusive: exclusive) { connection in
            door.onAccept?(connection)
        }
        localAddress = listener.localAddress
        sweeper = try LoopTimer(loop: loop) { door.onSweep?() }
        door.onAccept = { [unowned self] connection in self.accepted(connection) }
        door.onSweep = { [unowned self] in self.sweep() }
        sweeper.start(afterMs: HTTPListener.sweepMs, repeatMs: HTTPListener.sweepMs)
    }

    /// What the handles call, since they are made before `self` is.
    private final class Door {
        var onAccept: ((TCPConnection) -> Void)?
        var onSweep: (() -> Void)?
    }

    /// Connections in any state, WebSockets and streams too.
    package var connections: Int { open.count }

    /// Lets no one in any more; open connections go on.
    package func stopAccepting() { listener.close() }

    /// Closes the port and every connection.
    package func close() {
        listener.close()
        sweeper.close()
        for connection in open.values { connection.close() }
        open.removeAll()
    }

    func forget(_ connection: HTTPConnection) { open[ObjectIdentifier(connection)] = nil }

    private func accepted(_ connection: TCPConnection) {
        let http = HTTPConnection(listener: self, connection: connection)
        open[ObjectIdentifier(http)] = http
        http.start()
    }

    private func sweep() {
        let nowMs = loop.nowMs
        for connection in open.values { connection.tick(nowMs: nowMs) }
    }
}

@available(*, unavailable) extension HTTPListener: Sendable {}
