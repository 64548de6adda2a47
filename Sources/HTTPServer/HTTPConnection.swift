import HTTP1
import LoopIO

/// One accepted connection: reads a head, then belongs to an exchange or a WebSocket, and lingers after a last answer.
final class HTTPConnection {
    private enum Phase {
        case head(dueMs: Int64)
        case exchange(HTTPExchange)
        case webSocket(WebSocketConnection)
        /// The last answer is on its way; what still comes in is thrown away.
        case lingering(dueMs: Int64)
        case closed
    }

    let connection: TCPConnection
    unowned let listener: HTTPListener
    private var phase: Phase
    private var parser = RequestParser()
    private var lingerBytes = 0

    init(listener: HTTPListener, connection: TCPConnection) {
        self.listener = listener
        self.connection = connection
        phase = .head(dueMs: listener.loop.nowMs + listener.timing.headMs)
    }

    func start() {
        connection.setNoDelay()
        connection.startReading(
            onRead: { [unowned self] bytes in self.didRead(bytes) },
            onEnd: { [unowned self] error in self.inputEnded(error) })
    }

    /// Closes at once, without a word.
    func close() {
        let last = phase
        if case .closed = last { return }
        phase = .closed
        // The listener's is the last reference: it goes after this call.
        withExtendedLifetime(self) {
            connection.close()
            listener.forget(self)
            switch last {
            case .exchange(let exchange): exchange.connectionClosed()
            case .webSocket(let webSocket): webSocket.connectionClosed()
            case .head, .lingering, .closed: break
            }
        }
    }

    /// Sends the last bytes and FIN, then reads on for a moment, so that a client that is still sending gets the answer
    /// instead of a reset.
    func finish(_ bytes: [UInt8]) {
        if case .closed = phase { return }
        phase = .lingering(dueMs: listener.loop.nowMs + listener.timing.lingerMs)
        do throws(IOError) {
            try connection.write(bytes)
        } catch {
            return close()
        }
        connection.shutdown()
    }

    func becomeWebSocket(_ webSocket: WebSocketConnection) { phase = .webSocket(webSocket) }

    func tick(nowMs: Int64) {
        switch phase {
        case .head(let dueMs) where nowMs >= dueMs:
            listener.counters.headTimeouts += 1
            refuse(.requestTimeout, "the head was not complete in \(listener.timing.headMs) ms")
        case .lingering(let dueMs) where nowMs >= dueMs: close()
        case .webSocket(let webSocket): webSocket.tick(nowMs: nowMs)
        case .head, .lingering, .exchange, .closed: break
        }
    }

    private func didRead(_ bytes: Span<UInt8>) {
        switch phase {
        case .head: readHead(bytes)
        case .exchange(let exchange): exchange.didRead(bytes)
        case .webSocket(let webSocket): webSocket.didRead(bytes)
        case .lingering:
            lingerBytes += bytes.count
            if lingerBytes > HTTPListener.lingerBytesMax { close() }
        case .closed: break
        }
    }

    private func readHead(_ bytes: Span<UInt8>) {
        let progress: RequestParser.Progress
        do throws(HTTPError) {
            progress = try parser.parse(bytes)
        } catch {
            listener.counters.headsRefused += 1
            return refuse(error.status, error.description)
        }
        guard case .head(let head, let consumed) = progress else { return }
        listener.counters.requests += 1
        let exchange = HTTPExchange(self, request: head, early: bytes.extracting(consumed..<bytes.count))
        phase = .exchange(exchange)
        listener.handler(exchange)
    }

    private func refuse(_ status: HTTPStatus, _ why: String) {
        let body = Array((why + "\n").utf8)
        let head = ResponseHead(status, contentType: "text/plain; charset=utf-8", contentBytes: body.count)
        finish(head.bytes + body)
    }

    private func inputEnded(_ error: IOError?) {
        switch phase {
        case .exchange(let exchange) where error == nil: exchange.inputEnded()
        case .webSocket(let webSocket): webSocket.inputEnded()
        case .exchange, .head, .lingering, .closed: close()
        }
    }
}

@available(*, unavailable) extension HTTPConnection: Sendable {}
