import HTTPServer
import LoopIO
import WebSocket

/// One WebSocket whose messages go back as they came, each as one frame, and whose pings all have their pong.
///
/// The socket's closures hold it until the connection closes. While much waits for a client that does not read, nothing is
/// read from it either: it costs one message, what is queued, and no more.
final class EchoConversation {
    /// The largest message of the suites.
    static let messageBytesMax = 16 << 20
    /// Bytes that may wait for the client before it is no longer listened to. What one read of 64 KiB brings is always
    /// answered: small messages, or the end of a large one.
    static let queuedBytesMax = 1 << 20

    private let webSocket: WebSocketConnection
    private var connection: TCPConnection { webSocket.connection }

    init(_ webSocket: WebSocketConnection) { self.webSocket = webSocket }

    func start() {
        webSocket.answersEveryPing = true
        webSocket.onControl = { self.send($0) }
        webSocket.onMessage = { self.echo($0) }
        connection.onWritten = { self.didWrite($0) }
        connection.setNoDelay()
        webSocket.start()
    }

    private func echo(_ message: FrameEvent) {
        var frame: [UInt8] = []
        switch message {
        case .text(let text): FrameWriter.append(.text, text.span, to: &frame)
        case .binary(let bytes): FrameWriter.append(.binary, bytes.span, to: &frame)
        case .ping, .pong, .close: return  // the connection's own business
        }
        send(frame)
    }

    private func send(_ frame: [UInt8]) {
        do throws(IOError) {
            try connection.write(frame)
        } catch {
            return webSocket.abort()
        }
        if connection.queuedBytes > EchoConversation.queuedBytesMax { webSocket.pauseReading() }
    }

    /// Nothing is queued any more, or it cannot be sent.
    private func didWrite(_ error: IOError?) {
        if error == nil { webSocket.continueReading() } else { webSocket.abort() }
    }
}

@available(*, unavailable) extension EchoConversation: Sendable {}
