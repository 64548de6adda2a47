import HTTP1
import HTTPServer
import LoopIO
import Streaming
import WebSocket

/// A viewer of a `WebDoor` and what carries it.
///
/// The closures of both capture the seat alone, and so take no memory of their own. They hold it until the viewer has left.
final class WebSeat {
    private enum Carrier {
        case webSocket(WebSocketConnection)
        /// An answer without an end: `.ts`.
        case answer(HTTPExchange)
    }

    let viewer: Viewer
    let stream: WatchedStream
    let connection: TCPConnection
    /// What the viewer's page calls itself, so that it can ask for its own figures.
    let token: String?
    private unowned let door: WebDoor
    private let carrier: Carrier

    init(
        door: WebDoor, viewer: Viewer, stream: WatchedStream, webSocket: WebSocketConnection, token: String?
    ) {
        self.door = door
        self.viewer = viewer
        self.stream = stream
        self.token = token
        connection = webSocket.connection
        carrier = .webSocket(webSocket)
        webSocket.onControl = { viewer.send(control: $0) }
        webSocket.onClosing = { self.left("closed by the viewer") }
        webSocket.onClosed = { self.left($0.map { "close \($0)" } ?? "connection lost") }
        viewer.onEnd = { self.ended($0) }
    }

    init(
        door: WebDoor, viewer: Viewer, stream: WatchedStream, exchange: HTTPExchange, connection: TCPConnection,
        token: String?
    ) {
        self.door = door
        self.viewer = viewer
        self.stream = stream
        self.token = token
        self.connection = connection
        carrier = .answer(exchange)
        exchange.onClosed = { self.left("closed by the viewer") }
        viewer.onEnd = { self.ended($0) }
    }

    /// Closes without a word.
    func abort() {
        switch carrier {
        case .webSocket(let webSocket): webSocket.abort()
        case .answer(let exchange): exchange.close()
        }
    }

    /// The protocol's last word, between two pictures.
    func sayFarewell(_ end: Viewer.End) {
        switch carrier {
        case .webSocket(let webSocket):
            webSocket.close(end == .tooSlow ? .policyViolation : .goingAway, reason: end.text)
        case .answer(let exchange): exchange.finishStreaming(viewer.key == .httpChunks ? ChunkedEncoder.end : [])
        }
    }

    private func left(_ why: String) { door.left(self, why) }
    private func ended(_ end: Viewer.End) { door.ended(self, end) }
}

extension WebSeat: Hashable {
    static func == (one: WebSeat, other: WebSeat) -> Bool { one === other }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

@available(*, unavailable) extension WebSeat: Sendable {}
