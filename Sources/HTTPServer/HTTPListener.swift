package import HTTP1
package import LoopIO

/// A listening port that speaks HTTP/1.1 and WebSocket: one request a connection, one answer, then the connection closes.
///
/// ```swift
/// let listener = try HTTPListener(loop: loop, address: address) { exchange in
///     if exchange.wantsWebSocket, let webSocket = exchange.upgradeToWebSocket() { ... }
///     else { exchange.respond(.ok, text: "hello\n") }
/// }
/// ```
/// It lives until `close()`, whoever else holds it.
package final class HTTPListener {
    /// What the port has seen.
    package struct Counters: Equatable, Sendable {
        package var accepted: UInt64 = 0
        /// Heads that were right, and so came to the handler.
        package var requests: UInt64 = 0
        /// Heads that were not complete in time.
        package var headTimeouts: UInt64 = 0
        /// Heads that break the protocol or a limit.
        package var headsRefused: UInt64 = 0
        /// Newcomers that were closed at once since there were `connectionsMax`.
        package var overLimit: UInt64 = 0
        /// Connections that were closed before their head was complete, since a newcomer needed the place.
        package var headsShed: UInt64 = 0
        /// Answers that the client did not take in time.
        package var answersCut: UInt64 = 0
        /// Clients that went on sending after their answer, and were reset.
        package var lingersCut: UInt64 = 0
        /// Bodies that stopped coming.
        package var bodyTimeouts: UInt64 = 0
        /// WebSockets whose pong did not come.
        package var pongTimeouts: UInt64 = 0
        /// WebSocket messages that break the protocol or are too long.
        package var messagesRefused: UInt64 = 0
        /// Answers by status, 101 and streamed ones too.
        package var answers: [HTTPStatus: UInt64] = [:]
    }

    /// Who is closed without an answer when there are `connectionsMax`; the word tells them apart in a log.
    package enum Shed: String, CustomStringConvertible, Sendable {
        /// The connection whose head has been incomplete for longest.
        case head
        /// The newcomer: all heads have come, and who is served is not closed for it.
        case newcomer

        package var description: String {
            switch self {
            case .head: "its head was not complete, and a newcomer needed the place"
            case .newcomer: "too many connections"
            }
        }
    }

    /// Time limits, in milliseconds; tests shorten them.
    package struct Timing: Sendable {
        /// For a whole head, from the connection's begin.
        package var headMs: Int64 = 10_000
        /// For a client that takes nothing of its answer, and for one that takes all of it, bit by bit.
        package var answerStallMs: Int64 = 10_000
        package var answerMs: Int64 = 120_000
        /// For reading what a client sends after its answer, so that it can read the answer.
        package var lingerMs: Int64 = 1000
        /// From one ping to the next.
        package var pingMs: Int64 = 20_000
        /// For the pong.
        package var pongMs: Int64 = 20_000
        /// For the peer's close frame.
        package var closeMs: Int64 = 2000
        /// How often the limits are looked at: they are exact to this.
        package var sweepMs: Int64 = 250

        package init() {}
    }

    /// Bytes that a client may still send after its answer before it is reset; about what fits into the sockets between.
    package static let lingerBytesMax = 1 << 20

    package let localAddress: SocketAddress
    package internal(set) var counters = Counters()
    /// See `TCPListener`.
    package var onDescriptorsExhausted: ((UInt64) -> Void)? {
        get { listener.onDescriptorsExhausted }
        set { listener.onDescriptorsExhausted = newValue }
    }

    /// See `TCPListener`.
    package var onAcceptFailed: ((IOError) -> Void)? {
        get { listener.onAcceptFailed }
        set { listener.onAcceptFailed = newValue }
    }

    /// See `TCPListener`.
    package var onAcceptsDelayed: ((UInt64) -> Void)? {
        get { listener.onAcceptsDelayed }
        set { listener.onAcceptsDelayed = newValue }
    }

    /// Called for each connection that is closed since there are `connectionsMax`.
    package var onShed: ((SocketAddress, Shed) -> Void)?
    /// Called for each connection that is ended since it broke a limit or the protocol, with the reason in words.
    package var onCut: ((SocketAddress, Cut, _ why: String) -> Void)?

    let loop: EventLoop
    let timing: Timing
    private(set) var handler: (HTTPExchange) -> Void
    private let connectionsMax: Int
    private let listener: TCPListener
    private let sweeper: LoopTimer
    private var open: Set<ServedConnection> = []
    private var heads = HalfOpenHeads<HTTPConnection>()
    /// The Date field of this second's answers, made once.
    private var date = ""
    private var dateSeconds = Int64.min

    /// - Parameters:
    ///   - exclusive: as in `TCPListener`.
    ///   - connectionsMax: open connections of any kind; for a newcomer beyond, the oldest whose head is not complete
    ///     is closed, or if there is none the newcomer, both without an answer.
    ///   - handler: called on the loop for each request whose head is right.
    /// - Throws: as `TCPListener`.
    package init(
        loop: EventLoop, address: SocketAddress, exclusive: Bool = true, timing: Timing = Timing(),
        connectionsMax: Int = .max, handler: @escaping (HTTPExchange) -> Void
    ) throws(IOError) {
        self.loop = loop
        self.timing = timing
        self.connectionsMax = connectionsMax
        self.handler = handler
        let door = Door()
        let listener = try TCPListener(loop: loop, address: address, exclusive: exclusive) { connection in
            door.onAccept?(connection)
        }
        self.listener = listener
        localAddress = listener.localAddress
        do throws(IOError) {
            sweeper = try LoopTimer(loop: loop) { door.onSweep?() }
        } catch {
            listener.close()
            throw error
        }
        // The handles keep the listener until `close()`.
        door.onAccept = { connection in self.serve(connection) }
        door.onSweep = { self.sweep(nowMs: loop.nowMs) }
        sweeper.start(afterMs: timing.sweepMs, repeatMs: timing.sweepMs)
    }

    /// What the handles call, since they are made before `self` is.
    private final class Door {
        var onAccept: ((TCPConnection) -> Void)?
        var onSweep: (() -> Void)?
    }

    /// Connections in any state, WebSockets and streams too.
    package var connections: Int { open.count }

    /// Connections whose head has come: an answer is under way, or its last bytes are.
    package var busyConnections: Int { open.reduce(0) { $0 + ($1.isBusy ? 1 : 0) } }

    /// Lets no one in any more; open connections go on.
    package func stopAccepting() { listener.close() }

    /// Closes the port and every connection.
    package func close() {
        listener.close()
        sweeper.close()
        for connection in open { connection.close() }
        open.removeAll()
        onShed = nil
        onCut = nil
        handler = { $0.close() }
    }

    /// Takes in a request whose head was read on another loop; it counts among `connectionsMax` like any other.
    ///
    /// - Returns: the request, to be answered here; nil when there was no place for it or no memory, and it was closed.
    package func attach(_ detached: DetachedExchange) -> HTTPExchange? {
        guard open.count < connectionsMax || makeRoom() else {
            counters.overLimit += 1
            onShed?(detached.peer, .newcomer)
            return nil
        }
        do throws(IOError) {
            let http = try HTTPConnection(listener: self, attaching: detached)
            open.insert(http)
            return http.resume()
        } catch {
            onAcceptFailed?(error)
            return nil
        }
    }

    func forget(_ connection: ServedConnection) { open.remove(connection) }

    /// Another part of its life has begun.
    func replace(_ connection: ServedConnection, by next: ServedConnection) {
        open.remove(connection)
        open.insert(next)
    }

    /// The head of this connection is complete, refused, or given up.
    func headEnded(_ connection: HTTPConnection) { heads.remove(connection.headTicket) }

    /// The head as it goes out: with the time of day (RFC 9110 6.6.1).
    func dated(_ head: ResponseHead) -> ResponseHead {
        let seconds = wallClockMs() / 1000
        if seconds != dateSeconds {
            dateSeconds = seconds
            date = HTTPDate(unixSeconds: seconds).description
        }
        var dated = head
        dated.add("Date", date)
        return dated
    }

    func count(_ status: HTTPStatus) { counters.answers[status, default: 0] += 1 }

    /// Takes over a connection as if it had come in at the port: called for each that did, and by harnesses.
    package func serve(_ connection: TCPConnection) {
        guard open.count < connectionsMax || makeRoom() else {
            counters.overLimit += 1
            onShed?(connection.peer, .newcomer)
            return connection.close()
        }
        counters.accepted += 1
        let http = HTTPConnection(listener: self, connection: connection)
        open.insert(http)
        http.headTicket = heads.insert(http)
        http.start()
    }

    /// Closes the oldest half-open head: one that is meant to be answered is complete within a round trip, so those that
    /// only hold their place are the oldest.
    private func makeRoom() -> Bool {
        guard let oldest = heads.oldest else { return false }
        counters.headsShed += 1
        onShed?(oldest.connection.peer, .head)
        oldest.close()
        return true
    }

    /// Looks at the time limits of all connections: called by a timer, and by harnesses, which do not wait.
    package func sweep(nowMs: Int64) {
        for connection in open where !connection.isOver { connection.tick(nowMs: nowMs) }
    }
}

@available(*, unavailable) extension HTTPListener: Sendable {}
