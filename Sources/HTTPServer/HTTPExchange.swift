package import HTTP1
package import LoopIO
import WebSocket

/// One request and its one answer. The answer may come in a later turn of the loop.
package final class HTTPExchange {
    /// How a body ended.
    package enum BodyEnd: Equatable, Sendable {
        /// Its framing says that nothing is missing.
        case complete
        /// The client went away in the middle, or stopped sending for too long.
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

    /// Bytes behind the head that are kept until the handler decides; more of a body waits in the kernel.
    package static let earlyBytesMax = 64 << 10

    package let request: RequestHead
    package let peer: SocketAddress
    /// Called once when the client goes away before the answer is complete.
    package var onClosed: (() -> Void)?

    private let http: HTTPConnection
    private var state = State.open
    private var early: [UInt8]
    private var decoder: BodyDecoder
    private var onBytes: ((Span<UInt8>) -> Void)?
    private var onBodyEnd: ((BodyEnd) -> Void)?
    private var bodyIdleMs: Int64?
    private var lastBodyMs: Int64 = 0
    private var hasGone = false

    init(_ http: HTTPConnection, request: RequestHead, early: [UInt8]) {
        self.http = http
        self.request = request
        peer = http.connection.peer
        self.early = early
        decoder = BodyDecoder(framing: request.framing)
    }

    /// The client has gone, or has its answer.
    package var isClosed: Bool { hasGone || state == .answered }

    /// The client has sent its last byte, which may still be unread, or has gone. One system call.
    package var hasClientEnded: Bool { isClosed || http.hasInputEnded || http.connection.hasPeerEnded }

    /// The request asks for an upgrade to WebSocket.
    package var wantsWebSocket: Bool {
        Handshake.isAskedFor { [request] name in request.fields.values(of: name) }
    }

    // MARK: Another loop

    /// Takes the request off this loop, for `HTTPListener.attach` on another one. Nothing more happens here, and
    /// `onClosed` is not called.
    ///
    /// Before anything was answered or read of the body.
    /// - Throws: as `TCPConnection.detach`: the request is still here then, and can be answered.
    package func detach() throws(IOError) -> DetachedExchange {
        precondition(state == .open, "an answered request stays where it is")
        let socket = try http.detach()
        onClosed = nil
        hasGone = true
        return DetachedExchange(request: request, socket: socket, early: early)
    }

    // MARK: Whole answers

    /// Sends a whole answer; the connection closes after it, and not one byte more of a body is used.
    ///
    /// Nothing happens when the client has gone or has its answer, also a streamed one.
    package func respond(
        _ status: HTTPStatus, fields: [(String, String)] = [], contentType: String = "text/plain; charset=utf-8",
        body: [UInt8]
    ) {
        guard !isClosed, state != .streaming else { return }
        var head = ResponseHead(status, contentType: contentType, contentBytes: body.count)
        for (name, value) in fields { head.add(name, value) }
        http.listener.count(status)
        let bytes = http.listener.dated(head).bytes
        finish(request.method == .head || !status.allowsContent ? bytes : bytes + body)
    }

    /// As above, with a text.
    package func respond(_ status: HTTPStatus, fields: [(String, String)] = [], text: String) {
        respond(status, fields: fields, body: Array(text.utf8))
    }

    /// Answers HEAD with the head alone that GET's answer would have, also that of an answer without an end
    /// (RFC 9110 9.3.2), and closes.
    package func respondToHEAD(_ head: ResponseHead) {
        precondition(request.method == .head, "a head alone answers no other method")
        guard !isClosed, state != .streaming else { return }
        http.listener.count(head.status)
        finish(http.listener.dated(head).bytes)
    }

    // MARK: The body

    /// Accepts the body and lends its bytes as they come.
    ///
    /// A client with `Expect: 100-continue` is told to go on. After `.complete` the answer is still the handler's to give;
    /// after `.cut` and `.malformed` there is nothing more to do.
    /// - Parameter idleMs: a body of which nothing comes for so long is answered with 408 and is `.cut`; nil waits for
    ///   ever.
    package func readBody(
        idleMs: Int64? = nil, onBytes: @escaping (Span<UInt8>) -> Void, onEnd: @escaping (BodyEnd) -> Void
    ) {
        precondition(state == .open || isClosed, "a body is read once, before the answer")
        guard !isClosed else { return }
        state = .body
        self.onBytes = onBytes
        onBodyEnd = onEnd
        bodyIdleMs = idleMs
        lastBodyMs = http.listener.loop.nowMs
        if request.expectsContinue, early.isEmpty, !decoder.isFinished {
            do throws(IOError) {
                try http.connection.write(ResponseHead.continueBytes)
            } catch {
                return http.close()
            }
        }
        let first = early
        early = []
        takeBody(first.span)
        guard state == .body, !hasGone else { return }
        if http.hasInputEnded { inputEnded() } else { http.continueReading() }
    }

    // MARK: Streamed answers

    /// Sends the head of an answer without an end.
    ///
    /// - Returns: the connection, whose writes and `onWritten` are the caller's from here on; nil when the client has
    ///   gone. What the client sends is thrown away, and its going is told by `onClosed`.
    package func startStreaming(_ head: ResponseHead) -> TCPConnection? {
        precondition(state == .open || isClosed, "one answer a request")
        guard !isClosed else { return nil }
        guard !http.hasInputEnded else {
            http.close()
            return nil
        }
        state = .streaming
        early = []
        http.listener.count(head.status)
        do throws(IOError) {
            try http.connection.write(http.listener.dated(head).bytes)
        } catch {
            http.close()
            return nil
        }
        http.continueReading()
        return http.connection
    }

    /// Ends a streamed answer with these bytes and closes.
    package func finishStreaming(_ bytes: [UInt8]) {
        guard state == .streaming, !hasGone else { return }
        finish(bytes)
    }

    /// Answers 101, or refuses a handshake that is wrong.
    ///
    /// - Returns: nil when it was refused or the client has gone; it has been answered then. Else the owner sets its
    ///   closures and calls `start()`.
    package func upgradeToWebSocket(messageBytesMax: Int = WebSocketConnection.messageBytesMax) -> WebSocketConnection?
    {
        precondition(state == .open || isClosed, "one answer a request")
        guard !isClosed else { return nil }
        guard !http.hasInputEnded else {
            http.close()
            return nil
        }
        let handshake: Handshake
        do throws(HandshakeError) {
            handshake = try Handshake(
                method: request.method.name, versionMinor: request.versionMinor,
                hasBody: request.framing != .none && request.framing != .length(0),
                values: { [request] name in request.fields.values(of: name) })
        } catch {
            let status = HTTPStatus(rawValue: error.statusCode) ?? .badRequest
            respond(status, fields: error.fields.map { ($0.name, $0.value) }, text: "WebSocket: \(error)\n")
            return nil
        }
        var head = ResponseHead(.switchingProtocols)
        for (name, value) in handshake.fields { head.add(name, value) }
        http.listener.count(.switchingProtocols)
        do throws(IOError) {
            try http.connection.write(head.bytes)
        } catch {
            http.close()
            return nil
        }
        state = .answered
        onClosed = nil
        let first = early
        early = []
        return http.becomeWebSocket(messageBytesMax: messageBytesMax, early: first)
    }

    /// Closes the connection at once; `onClosed` is not called.
    package func close() {
        onClosed = nil
        guard !hasGone, state != .answered else { return }
        http.close()
    }

    // MARK: Called by the connection

    func didRead(_ bytes: Span<UInt8>) {
        switch state {
        case .open:
            // A client of an upgrade or a stream has nothing to say before the answer; one with a body has time.
            guard early.count + bytes.count <= HTTPExchange.earlyBytesMax || request.framing != .none else {
                return http.close()
            }
            bytes.withUnsafeBufferPointer { early += $0 }
            if early.count >= HTTPExchange.earlyBytesMax { http.pauseReading() }
        case .body: takeBody(bytes)
        case .streaming, .answered: break
        }
    }

    /// The client ended its side.
    ///
    /// Before the answer is decided it may only have said all that it has to say, and waits for the answer. A stream or a
    /// WebSocket ends with it: a client that is gone shows the same.
    func inputEnded() {
        switch state {
        case .open: break
        case .body where onBodyEnd != nil: endBody(decoder.inputEnded() ? .complete : .cut)
        case .body, .streaming, .answered: http.close()
        }
    }

    func connectionClosed() {
        guard !hasGone else { return }
        hasGone = true
        let wasAnswered = state == .answered
        if state == .body { endBody(.cut) }
        let tell = onClosed
        onClosed = nil
        if !wasAnswered { tell?() }
    }

    func tick(nowMs: Int64) {
        guard state == .body, onBodyEnd != nil, let bodyIdleMs, nowMs - lastBodyMs >= bodyIdleMs else { return }
        let why = "no byte of the body came for \(bodyIdleMs) ms"
        http.listener.cut(peer, .bodyTimeout, why)
        let tell = onBodyEnd
        respond(.requestTimeout, text: why + "\n")
        tell?(.cut)
    }

    private func takeBody(_ bytes: Span<UInt8>) {
        guard let onBytes, state == .body, !hasGone else { return }
        lastBodyMs = http.listener.loop.nowMs
        do throws(HTTPError) {
            _ = try decoder.decode(bytes) { content in
                // A handler may answer or close from within; then nothing more is used.
                if state == .body, !hasGone { onBytes(content) }
            }
        } catch {
            guard state == .body, !hasGone else { return }
            let tell = onBodyEnd
            respond(error.status, text: error.description + "\n")
            tell?(.malformed)
            return
        }
        if state == .body, !hasGone, decoder.isFinished { endBody(.complete) }
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
        early = []
        onClosed = nil
        onBytes = nil
        onBodyEnd = nil  // a handler that answers in the middle of the body knows, and gets no more of it
        http.answer(bytes)
    }
}

@available(*, unavailable) extension HTTPExchange: Sendable {}
