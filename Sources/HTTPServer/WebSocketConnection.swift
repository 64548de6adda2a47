package import LoopIO
package import WebSocket

/// The server's side of one WebSocket, except for the messages that it sends.
///
/// Whoever sends media writes whole frames to `connection` itself. Pings and pongs of this side are handed to
/// `onControl`, to go out at a frame's end; close frames are written here, after `onClosing` has told the sender to stop.
package final class WebSocketConnection {
    /// Longest message that a viewer may send.
    package static let messageBytesMax = 4 << 10

    /// An empty ping (RFC 6455 5.5.2): one array for all viewers.
    private static let ping: [UInt8] = {
        var frame: [UInt8] = []
        FrameWriter.appendHeader(payloadBytes: 0, opcode: .ping, to: &frame)
        return frame
    }()

    private enum State { case open, closing(dueMs: Int64), closed }

    package let connection: TCPConnection
    /// Bytes of a whole control frame, to be sent at a frame's end; a newer one replaces an older that still waits.
    /// Without it, they are written here, which is right for a connection that sends no messages.
    package var onControl: (([UInt8]) -> Void)?
    /// Called once when a close frame is about to be sent: not one more frame may follow.
    package var onClosing: (() -> Void)?
    /// Called once when the connection has gone, with the code that the peer closed with, if it did.
    package var onClosed: ((CloseCode?) -> Void)?
    /// A whole message of the peer, valid UTF-8 if it is text.
    package var onMessage: ((FrameEvent) -> Void)?

    private let http: HTTPConnection
    private var decoder: FrameDecoder
    private var state = State.open
    private var peerCode: CloseCode?
    private var lastPingMs: Int64
    private var pongDueMs: Int64?
    /// `connection.bytesWritten` at the last look, to tell a slow viewer from one that has gone.
    private var bytesTaken: UInt64 = 0
    private var early: [UInt8]

    init(_ http: HTTPConnection, messageBytesMax: Int, early: [UInt8]) {
        self.http = http
        connection = http.connection
        decoder = FrameDecoder(messageBytesMax: messageBytesMax)
        lastPingMs = http.listener.loop.nowMs
        self.early = early
    }

    /// Sends a close frame and waits a moment for the peer's. Called between two frames.
    package func close(_ code: CloseCode, reason: String = "") {
        guard case .open = state else { return }
        startClosing()
        var frame: [UInt8] = []
        FrameWriter.appendClose(code, reason: reason, to: &frame)
        do throws(IOError) {
            try connection.write(frame)
        } catch {
            http.close()
        }
    }

    /// Closes the connection at once.
    package func abort() { http.close() }

    /// Reads what came directly behind the handshake. Called by the owner once its closures are set.
    package func start() {
        var first: [UInt8] = []
        swap(&first, &early)
        if !first.isEmpty { didRead(first.span) }
    }

    // MARK: Called by the connection

    func didRead(_ bytes: Span<UInt8>) {
        if case .closed = state { return }
        var events: [FrameEvent?] = []
        var newestPing: Int?
        var hasPong = false
        var failure: WebSocketError?
        do throws(WebSocketError) {
            try decoder.decode(bytes) { event in
                if case .pong = event {
                    // What most reads bring, and all that many viewers ever send: no array for it.
                    hasPong = true
                    return
                }
                if case .ping = event {
                    // Of the pings of one read only the newest is answered (RFC 6455 5.5.3): a flood of them costs one
                    // write a read, not 10,000 system calls.
                    if let newestPing { events[newestPing] = nil }
                    newestPing = events.count
                }
                events.append(event)
            }
        } catch {
            failure = error
        }
        if hasPong { pongDueMs = nil }
        for case .some(let event) in events { handle(event) }
        if let failure { fail(failure.closeCode, failure.description) }
    }

    func inputEnded() { http.close() }

    func connectionClosed() {
        if case .closed = state { return }
        state = .closed
        let tell = onClosed
        forgetClosures()
        tell?(peerCode)
    }

    /// Called from the listener's sweep.
    ///
    /// A viewer whose pong does not come in time is gone: its connection is closed, in the middle of a frame if it is blocked
    /// there. Whole pictures cannot be had up to the end: where they end lies behind bytes that it would have to read first. It
    /// is not reset: one that wakes up still finds the whole pictures that the kernel holds for it, before the torn one.
    ///
    /// A ping stands behind all bytes that wait for the peer, on a slow line for longer than a pong may take. So while the
    /// kernel goes on taking a write that was blocked, the peer reads, and its time begins anew: MaxLag judges it.
    func tick(nowMs: Int64) {
        switch state {
        case .closing(let dueMs): if nowMs >= dueMs { http.close() }
        case .closed: break
        case .open:
            let takesOn = connection.isWriting && connection.bytesWritten != bytesTaken
            bytesTaken = connection.bytesWritten
            if let dueMs = pongDueMs {
                if takesOn { pongDueMs = nowMs + http.listener.timing.pongMs }
                guard !takesOn, nowMs >= dueMs else { return }
                http.listener.counters.pongTimeouts += 1
                http.close()
            } else if nowMs - lastPingMs >= http.listener.timing.pingMs {
                lastPingMs = nowMs
                pongDueMs = nowMs + http.listener.timing.pongMs
                send(control: WebSocketConnection.ping)
            }
        }
    }

    private func handle(_ event: FrameEvent) {
        switch event {
        case .text, .binary:
            if case .open = state { onMessage?(event) }
        case .ping(let payload):
            guard case .open = state else { return }
            var frame: [UInt8] = []
            FrameWriter.append(.pong, payload.span, to: &frame)
            send(control: frame)
        case .pong: break  // see `didRead`
        case .close(let code, _): peerClosed(code)
        }
    }

    private func peerClosed(_ code: CloseCode) {
        peerCode = code
        guard case .open = state else { return http.close() }
        fail(code == .noCode ? .normal : code, "")
    }

    /// Answers with a close frame and lets the connection end.
    private func fail(_ code: CloseCode, _ reason: String) {
        guard case .open = state else { return }
        startClosing()
        var frame: [UInt8] = []
        FrameWriter.appendClose(code, reason: reason, to: &frame)
        let tell = onClosed
        let code = peerCode
        state = .closed
        forgetClosures()
        http.finish(frame)
        tell?(code)
    }

    private func startClosing() {
        state = .closing(dueMs: http.listener.loop.nowMs + http.listener.timing.closeMs)
        let tell = onClosing
        onClosing = nil
        tell?()
    }

    private func send(control frame: [UInt8]) {
        if let onControl { return onControl(frame) }
        // A client that floods us with pings and reads no pongs gets the newest that fits.
        guard !connection.isWriting else { return }
        do throws(IOError) {
            try connection.write(frame)
        } catch {
            http.close()
        }
    }

    private func forgetClosures() {
        onControl = nil
        onClosing = nil
        onClosed = nil
        onMessage = nil
    }
}

@available(*, unavailable) extension WebSocketConnection: Sendable {}
