import HTTP1
import LoopIO

/// One accepted connection: reads a head, then belongs to an exchange or a WebSocket, and lingers after a last answer.
///
/// The listener keeps it until it is closed. It, its exchange and its WebSocket hold one another until then.
final class HTTPConnection {
    private enum Phase {
        case head(dueMs: Int64)
        case exchange(HTTPExchange)
        case webSocket(WebSocketConnection)
        /// The last answer waits for the kernel; what still comes in is thrown away.
        case answering(AnswerWatch)
        /// The answer and FIN are out; what still comes in is thrown away.
        case lingering(dueMs: Int64)
        case closed
    }

    let connection: TCPConnection
    let listener: HTTPListener
    /// Of its place among the half-open heads. Set by the listener alone.
    var headTicket: UInt64 = 0
    private var phase: Phase
    private var parser: RequestParser?
    private var bytesThrownAway = 0
    private var hasInputEnded = false

    init(listener: HTTPListener, connection: TCPConnection) {
        self.listener = listener
        self.connection = connection
        parser = RequestParser()
        phase = .head(dueMs: listener.loop.nowMs + listener.timing.headMs)
    }

    /// The head has come.
    var isBusy: Bool { if case .head = phase { false } else { true } }

    func start() {
        connection.setNoDelay()
        connection.setKeepAlive()
        connection.onWritten = { [unowned self] error in
            // A stream's owner replaces this; an answer's end is told by the shutdown behind it.
            if error != nil { self.close() }
        }
        readOn()
    }

    /// Lets the kernel hold what the client sends. Its going is not noticed until `readOn`.
    func pauseReading() { connection.stopReading() }

    func readOn() {
        guard !hasInputEnded else { return }
        connection.startReading(
            onRead: { [unowned self] bytes in self.didRead(bytes) },
            onEnd: { [unowned self] error in self.inputEnded(error) })
    }

    /// Closes at once, without a word.
    func close() {
        let last = phase
        if case .closed = last { return }
        phase = .closed
        connection.close()
        listener.forget(self)
        switch last {
        case .exchange(let exchange): exchange.connectionClosed()
        case .webSocket(let webSocket): webSocket.connectionClosed()
        case .head, .answering, .lingering, .closed: break
        }
    }

    /// Sends the last bytes and FIN, then reads on for a moment, so that a client that is still sending gets the answer
    /// instead of a reset.
    func finish(_ bytes: [UInt8]) {
        if case .closed = phase { return }
        phase = .answering(AnswerWatch(nowMs: listener.loop.nowMs, timing: listener.timing))
        connection.onWritten = { [unowned self] error in
            if error != nil { self.close() }
        }
        do throws(IOError) {
            try connection.write(bytes)
        } catch {
            return close()
        }
        connection.shutdown { [unowned self] error in self.didAnswer(error) }
        readOn()
    }

    func becomeWebSocket(_ webSocket: WebSocketConnection) { phase = .webSocket(webSocket) }

    /// Called from the listener's sweep.
    func tick(nowMs: Int64) {
        switch phase {
        case .head(let dueMs):
            guard nowMs >= dueMs else { return }
            listener.counters.headTimeouts += 1
            refuse(.requestTimeout, "the head was not complete in \(listener.timing.headMs) ms")
        case .exchange(let exchange): exchange.tick(nowMs: nowMs)
        case .webSocket(let webSocket): webSocket.tick(nowMs: nowMs)
        case .answering(var watch):
            let isDue = watch.isDue(nowMs: nowMs, queuedBytes: connection.queuedBytes)
            phase = .answering(watch)
            guard isDue else { return }
            listener.counters.answersCut += 1
            connection.closeWithReset()
            close()
        case .lingering(let dueMs): if nowMs >= dueMs { close() }
        case .closed: break
        }
    }

    private func didRead(_ bytes: Span<UInt8>) {
        switch phase {
        case .head: readHead(bytes)
        case .exchange(let exchange): exchange.didRead(bytes)
        case .webSocket(let webSocket): webSocket.didRead(bytes)
        case .answering, .lingering:
            bytesThrownAway += bytes.count
            guard bytesThrownAway > HTTPListener.lingerBytesMax else { return }
            listener.counters.lingersCut += 1
            connection.closeWithReset()
            close()
        case .closed: break
        }
    }

    private func readHead(_ bytes: Span<UInt8>) {
        let progress: RequestParser.Progress?
        do throws(HTTPError) {
            progress = try parser?.parse(bytes)
        } catch {
            listener.counters.headsRefused += 1
            return refuse(error.status, error.description)
        }
        guard case .head(let head, let consumed) = progress else { return }
        parser = nil
        listener.headEnded(self)
        listener.counters.requests += 1
        let exchange = HTTPExchange(self, request: head, early: bytes.extracting(consumed..<bytes.count))
        phase = .exchange(exchange)
        listener.handler(exchange)
    }

    private func refuse(_ status: HTTPStatus, _ why: String) {
        let body = Array((why + "\n").utf8)
        let head = ResponseHead(status, contentType: "text/plain; charset=utf-8", contentBytes: body.count)
        listener.headEnded(self)
        listener.count(status)
        finish(head.bytes + body)
    }

    private func inputEnded(_ error: IOError?) {
        hasInputEnded = true
        guard error == nil else { return close() }
        switch phase {
        case .exchange(let exchange): exchange.inputEnded()
        case .answering: break  // a client may end its side and wait for the answer
        case .head, .webSocket, .lingering, .closed: close()
        }
    }

    private func didAnswer(_ error: IOError?) {
        guard error == nil, !hasInputEnded else { return close() }
        phase = .lingering(dueMs: listener.loop.nowMs + listener.timing.lingerMs)
    }
}

@available(*, unavailable) extension HTTPConnection: Sendable {}
