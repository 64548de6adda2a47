package import HTTP1
package import LoopIO
import WebSocket

/// One request and its one answer. The answer may come in a later turn of the loop.
package final class HTTPExchange {
    /// How a body ended.
    package enum BodyEnd: Equatable {
        /// Its framing says that nothing is missing.
        case complete
        /// The client went away in the middle.
        case cut
        /// It broke the chunked coding; the client has been answered.
        case malformed
    }

    private enum State {
        /// The handler has not decided yet.
        case open
        case body
        /// The handler owns what is written.
        case streaming
        case answered
    }

    /// Bytes behind the head that are kept until the handler decides.
    static let earlyBytesMax = 64 << 10

    package let request: RequestHead
    package let peer: SocketAddress
    /// Called once when the client goes away before the answer is complete.
    package var onClosed: (() -> Void)?

    private unowned let http: HTTPConnection
    private var state = State.open
    private var early: [UInt8]
    private var decoder: BodyDecoder
    private var onBytes: ((Span<UInt8>) -> Void)?
    private var onBodyEnd: ((BodyEnd) -> Void)?
    private var hasGone = false

    init(_ http: HTTPConnection, request: RequestHead, early: Span<UInt8>) {
        self.http = http
        self.request = request
        peer = http.connection.peer
        self.early = early.indices.map { early[$0] }
        decoder = BodyDecoder(framing: request.framing)
    }

    /// The client has gone, or has its answer.
    package var isClosed: Bool { hasGone || state == .answered }

    /// The request asks for an upgrade to WebSocket.
    package var wantsWebSocket: Bool {
        Handshake.isAskedFor { [request] name in request.fields.values(of: name) }
    }

    /// Sends a whole answer; the connection closes after it, and not one byte more of a body is used.
    package func respond(
        _ status: HTTPStatus, fields: [(String, String)] = [], contentType: String = "text/plain; charset=utf-8",
        body: [UInt8]
    ) {
        guard !isClosed else { return }
        var head = ResponseHead(status, contentType: contentType, contentBytes: body.count)
        for (name, value) in fields { head.add(name, value) }
        finish(request.method == .head ? head.bytes : head.bytes + body)
    }

    /// As above, with a text.
    package func respond(_ status: HTTPStatus, fields: [(String, String)] = [], text: String) {
        respond(status, fields: fields, body: Array(text.utf8))
    }

    /// Accepts the body and lends its bytes as they come.
    ///
    /// A client with `Expect: 100-continue` is told to go on. After `.complete` the answer is still the handler's to give;
    /// after `.cut` and `.malformed` there is nothing more to do.
    package func readBody(onBytes: @escaping (Span<UInt8>) -> Void, onEnd: @escaping (BodyEnd) -> Void) {
        precondition(state == .open, "a body is read once, before the answer")
        guard !hasGone else { return }
        state = .body
        self.onBytes = onBytes
        onBodyEnd = onEnd
        if request.expectsContinue, early.isEmpty, !decoder.isFinished {
            do throws(IOError) {
                try http.connection.write(ResponseHead.continueBytes)
            } catch {
                return http.close()
            }
        }
        var first: [UInt8] = []
        swap(&first, &early)
        takeBody(first.span)
    }

    /// Sends the head of an answer without an end.
    ///
    /// - Returns: the connection, whose writes are the caller's from here on; nil when the client has gone. What the
    ///   client sends is thrown away, and its going is told by `onClosed`.
    package func startStreaming(_ head: ResponseHead) -> TCPConnection? {
        precondition(state == .open, "one answer a request")
        guard !hasGone else { return nil }
        state = .streaming
        early.removeAll()
        do throws(IOError) {
            try http.connection.write(head.bytes)
        } catch {
            http.close()
            return nil
        }
        return http.connection
    }

    /// Ends a streamed answer with these bytes and closes.
    package func finishStreaming(_ bytes: [UInt8]) {
        guard state == .streaming, !hasGone else { return }
        finish(bytes)
    }

    /// Answers 101, or refuses a handshake that is wrong.
    ///
    /// - Returns: nil when it was refused or the client has gone; it has been answered then.
    package func upgradeToWebSocket(messageBytesMax: Int = WebSocketConnection.messageBytesMax) -> WebSocketConnection?
    {
        precondition(state == .open, "one answer a request")
        guard !hasGone else { return nil }
        let handshake: Handshake
        do throws(HandshakeError) {
            handshake = try Handshake(
                method: request.method.name, versionMinor: request.versionMinor, hasBody: request.framing != .none,
                values: { [request] name in request.fields.values(of: name) })
        } catch {
            let status = HTTPStatus(rawValue: error.statusCode) ?? .badRequest
            respond(status, fields: error.fields.map { ($0.name, $0.value) }, text: "WebSocket: \(error)\n")
            return nil
        }
        var head = ResponseHead(.switchingProtocols)
        for (name, value) in handshake.fields { head.add(name, value) }
        do throws(IOError) {
            try http.connection.write(head.bytes)
        } catch {
            http.close()
            return nil
        }
        state = .answered
        let webSocket = WebSocketConnection(http, messageBytesMax: messageBytesMax, early: early)
        http.becomeWebSocket(webSocket)
        return webSocket
    }

    /// Closes the connection at once.
    package func close() {
        onClosed = nil
        guard !hasGone else { return }
        http.close()
    }

    // MARK: Called by the connection

    func didRead(_ bytes: Span<UInt8>) {
        switch state {
        case .open:
            guard early.count + bytes.count <= HTTPExchange.earlyBytesMax else { return http.close() }
            for index in bytes.indices { early.append(bytes[index]) }
        case .body: takeBody(bytes)
        case .streaming, .answered: break
        }
    }

    func inputEnded() {
        guard state == .body else { return http.close() }
        endBody(decoder.inputEnded() ? .complete : .cut)
    }

    func connectionClosed() {
        guard !hasGone else { return }
        hasGone = true
        if state == .body { endBody(.cut) }
        let tell = onClosed
        onClosed = nil
        if state != .answered { tell?() }
    }

    private func takeBody(_ bytes: Span<UInt8>) {
        guard let onBytes, state == .body else { return }
        do throws(HTTPError) {
            // The decoder is moved out, since a handler may answer from within, and then nothing more is used.
            var moved = decoder
            _ = try moved.decode(bytes) { content in
                if state == .body { onBytes(content) }
            }
            decoder = moved
        } catch {
            if state == .body { respond(error.status, text: error.description + "\n") }
            return endBody(.malformed)
        }
        if state == .body, decoder.isFinished { endBody(.complete) }
    }

    private func endBody(_ end: BodyEnd) {
        onBytes = nil
        let tell = onBodyEnd
        onBodyEnd = nil
        tell?(end)
        if end == .cut, state == .body, !hasGone { http.close() }
    }

    private func finish(_ bytes: [UInt8]) {
        state = .answered
        early.removeAll()
        onClosed = nil
        onBytes = nil
        if state == .answered, let tell = onBodyEnd {
            // The handler answered in the middle of the body: it knows, and gets no more of it.
            _ = tell
            onBodyEnd = nil
        }
        http.finish(bytes)
    }
}

@available(*, unavailable) extension HTTPExchange: Sendable {}
