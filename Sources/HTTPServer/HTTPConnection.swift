import HTTP1
import LoopIO

/// The begin of a connection: reads a head, then belongs to an exchange.
///
/// It and its exchange hold one another until it is over.
final class HTTPConnection: ServedConnection {
    private enum Phase {
        case head(dueMs: Int64)
        case exchange(HTTPExchange)
        /// It has closed, or another part has the socket.
        case over
    }

    /// Of its place among the half-open heads. Set by the listener alone.
    var headTicket: UInt64 = 0
    private var phase: Phase
    private var parser: RequestParser?
    /// The client has said that it sends no more.
    private(set) var hasInputEnded = false

    override init(listener: HTTPListener, connection: TCPConnection) {
        parser = RequestParser()
        phase = .head(dueMs: listener.loop.nowMs + listener.timing.headMs)
        super.init(listener: listener, connection: connection)
    }

    /// A connection whose head was read on another loop.
    init(listener: HTTPListener, attaching detached: DetachedExchange) throws(IOError) {
        phase = .over
        super.init(
            listener: listener, connection: try TCPConnection(loop: listener.loop, attaching: detached.socket))
        phase = .exchange(HTTPExchange(self, request: detached.request, early: detached.early))
    }

    /// The head has come.
    override var isBusy: Bool { if case .head = phase { false } else { true } }

    func start() {
        connection.setNoDelay()
        connection.setKeepAlive()
        // A stream's owner replaces this.
        watchWrites()
        readOn()
    }

    /// As `start`, for a connection that was attached.
    ///
    /// - Returns: its request.
    func resume() -> HTTPExchange? {
        guard case .exchange(let exchange) = phase else { return nil }
        watchWrites()
        readOn()
        return exchange
    }

    /// Leaves this loop.
    func detach() throws(IOError) -> DetachedSocket {
        let socket = try connection.detach()
        leavePhase()
        leave()
        return socket
    }

    /// Lets the kernel hold what the client sends. Its going is not noticed until `continueReading`.
    func pauseReading() { connection.stopReading() }

    func continueReading() {
        if !hasInputEnded { readOn() }
    }

    /// The last bytes of the answer.
    func answer(_ bytes: [UInt8]) {
        leavePhase()
        finish(bytes, hasInputEnded: hasInputEnded)
    }

    /// The head of a handshake's answer is written: what follows are frames.
    ///
    /// - Parameter early: what came directly behind the request's head.
    func becomeWebSocket(messageBytesMax: Int, early: [UInt8]) -> WebSocketConnection {
        let webSocket = WebSocketConnection(
            listener: listener, connection: connection, messageBytesMax: messageBytesMax, early: early)
        leavePhase()
        handOver(to: webSocket)
        webSocket.watchWrites()
        webSocket.readOn()
        return webSocket
    }

    override func didClose() {
        let last = phase
        leavePhase()
        if case .exchange(let exchange) = last { exchange.connectionClosed() }
    }

    override func tick(nowMs: Int64) {
        switch phase {
        case .head(let dueMs):
            guard nowMs >= dueMs else { return }
            refuse(.headTimeout, .requestTimeout, "the head was not complete in \(listener.timing.headMs) ms")
        case .exchange(let exchange): exchange.tick(nowMs: nowMs)
        case .over: break
        }
    }

    override func didRead(_ bytes: Span<UInt8>) {
        switch phase {
        case .head: readHead(bytes)
        case .exchange(let exchange): exchange.didRead(bytes)
        case .over: break
        }
    }

    override func inputEnded(_ error: IOError?) {
        hasInputEnded = true
        guard error == nil, case .exchange(let exchange) = phase else { return close() }
        exchange.inputEnded()
    }

    private func readHead(_ bytes: Span<UInt8>) {
        let progress: RequestParser.Progress?
        do throws(HTTPError) {
            progress = try parser?.parse(bytes)
        } catch {
            return refuse(.headRefused, error.status, error.description)
        }
        guard case .head(let head, let consumed) = progress else { return }
        parser = nil
        if case .other = head.method {
            // RFC 9110 9.1: 405 is for methods that are known, and not allowed here.
            return refuse(.headRefused, .notImplemented, "a method that is not known here")
        }
        listener.headEnded(self)
        listener.counters.requests += 1
        let early = bytes.extracting(consumed..<bytes.count).withUnsafeBufferPointer { Array($0) }
        let exchange = HTTPExchange(self, request: head, early: early)
        phase = .exchange(exchange)
        listener.handler(exchange)
    }

    private func refuse(_ cut: HTTPListener.Cut, _ status: HTTPStatus, _ why: String) {
        listener.cut(connection.peer, cut, why)
        let body = Array((why + "\n").utf8)
        let head = ResponseHead(status, contentType: "text/plain; charset=utf-8", contentBytes: body.count)
        listener.count(status)
        answer(listener.dated(head).bytes + body)
    }

    private func leavePhase() {
        if case .head = phase { listener.headEnded(self) }
        phase = .over
    }
}
