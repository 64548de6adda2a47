import LoopIO
package import WebSocket

/// The server's side of one WebSocket, except for the messages that it sends.
///
/// Whoever sends media writes whole frames to `connection` itself. Pings and pongs of this side are handed to
/// `onControl`, to go out at a frame's end; close frames are written here, after `onClosing` has told the sender to stop.
package final class WebSocketConnection: ServedConnection {
    /// Longest message that a viewer may send.
    package static let messageBytesMax = 4 << 10

    /// An empty ping (RFC 6455 5.5.2): one array for all viewers.
    private static let ping: [UInt8] = {
        var frame: [UInt8] = []
        FrameWriter.appendHeader(payloadBytes: 0, opcode: .ping, to: &frame)
        return frame
    }()

    private enum State { case open, closing, closed }

    private var state = State.open
    /// Whether every ping has its pong, in order, and not only the newest of a read: for an owner whose `onControl` queues,
    /// and who stops reading while much waits. Set before `start()`.
    package var answersEveryPing = false
    private var peerCode: CloseCode?
    private var decoder: FrameDecoder
    private var pingDueMs: Int64
    /// When the peer's pong is due, or its close frame; `.max` while neither is awaited.
    private var peerDueMs = Int64.max
    /// `connection.bytesWritten` at the last look, to tell a slow viewer from one that has gone.
    private var bytesTaken: UInt64 = 0
    private var early: [UInt8]

    /// Bytes of a whole control frame, to be sent at a frame's end; a newer one replaces an older that still waits.
    /// Without it, they are written here, which is right for a connection that sends no messages.
    package var onControl: (([UInt8]) -> Void)?
    /// Called once when a close frame is about to be sent: not one more frame may follow.
    package var onClosing: (() -> Void)?
    /// Called once when the connection has gone, with the code that the peer closed with, if it did.
    package var onClosed: ((CloseCode?) -> Void)?
    /// A whole message of the peer, valid UTF-8 if it is text.
    package var onMessage: ((FrameEvent) -> Void)?

    init(listener: HTTPListener, connection: TCPConnection, messageBytesMax: Int, early: [UInt8]) {
        decoder = FrameDecoder(messageBytesMax: messageBytesMax)
        pingDueMs = listener.loop.nowMs + listener.timing.pingMs
        self.early = early
        super.init(listener: listener, connection: connection)
    }

    /// Sends a close frame and waits a moment for the peer's. Called between two frames.
    package func close(_ code: CloseCode, reason: String = "") {
        guard state == .open else { return }
        startClosing()
        var frame: [UInt8] = []
        FrameWriter.appendClose(code, reason: reason, to: &frame)
        do throws(IOError) {
            try connection.write(frame)
        } catch {
            close()
        }
    }

    /// Closes the connection at once.
    package func abort() { close() }

    /// Lets the kernel hold what the client sends, so that the client must wait. Its going is not noticed until
    /// `continueReading()`, its pong neither.
    package func pauseReading() {
        if !isOver { connection.stopReading() }
    }

    package func continueReading() {
        if !isOver { readOn() }
    }

    /// Reads what came directly behind the handshake. Called by the owner once its closures are set.
    package func start() {
        var first: [UInt8] = []
        swap(&first, &early)
        if !first.isEmpty { didRead(first.span) }
    }

    // MARK: Called by the connection

    override func didRead(_ bytes: Span<UInt8>) {
        if state == .closed { return }
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
                if case .ping = event, !answersEveryPing {
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
        if hasPong, state == .open { peerDueMs = .max }
        for case .some(let event) in events { handle(event) }
        if let failure {
            // What follows a close frame is nobody's any more.
            if state == .open { listener.cut(connection.peer, .messageRefused, failure.description) }
            fail(failure.closeCode, failure.description)
        }
    }

    override func didClose() {
        if state == .closed { return }
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
    override func tick(nowMs: Int64) {
        switch state {
        case .closing: if nowMs >= peerDueMs { close() }
        case .closed: break
        case .open:
            let takesOn = connection.isWriting && connection.bytesWritten != bytesTaken
            bytesTaken = connection.bytesWritten
            if peerDueMs < .max {
                if takesOn { peerDueMs = nowMs + listener.timing.pongMs }
                guard nowMs >= peerDueMs else { return }
                listener.cut(connection.peer, .pongTimeout, "no pong came for \(listener.timing.pongMs) ms")
                close()
            } else if nowMs >= pingDueMs {
                pingDueMs = nowMs + listener.timing.pingMs
                peerDueMs = nowMs + listener.timing.pongMs
                send(control: WebSocketConnection.ping)
            }
        }
    }

    private func handle(_ event: FrameEvent) {
        switch event {
        case .text, .binary:
            if state == .open { onMessage?(event) }
        case .ping(let payload):
            guard state == .open else { return }
            var frame: [UInt8] = []
            FrameWriter.append(.pong, payload.span, to: &frame)
            send(control: frame)
        case .pong: break  // see `didRead`
        case .close(let code, _): peerClosed(code)
        }
    }

    private func peerClosed(_ code: CloseCode) {
        peerCode = code
        guard state == .open else { return close() }
        fail(code == .noCode ? .normal : code, "")
    }

    /// Answers with a close frame and lets the connection end.
    private func fail(_ code: CloseCode, _ reason: String) {
        guard state == .open else { return }
        startClosing()
        var frame: [UInt8] = []
        FrameWriter.appendClose(code, reason: reason, to: &frame)
        let tell = onClosed
        let code = peerCode
        state = .closed
        forgetClosures()
        finish(frame)
        tell?(code)
    }

    private func startClosing() {
        state = .closing
        peerDueMs = listener.loop.nowMs + listener.timing.closeMs
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
            close()
        }
    }

    private func forgetClosures() {
        onControl = nil
        onClosing = nil
        onClosed = nil
        onMessage = nil
    }
}
