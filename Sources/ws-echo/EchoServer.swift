import HTTP1
import HTTPServer
import LoopIO

/// A port whose WebSockets echo, whatever path they ask for.
final class EchoServer {
    /// A suite counts every frame that it did not ask for as a fault: no ping of our own for a day.
    private static let pingMs: Int64 = 86_400_000

    let localAddress: SocketAddress
    private let listener: HTTPListener

    /// - Throws: as `HTTPListener`.
    init(loop: EventLoop, address: SocketAddress) throws(IOError) {
        var timing = HTTPListener.Timing()
        timing.pingMs = EchoServer.pingMs
        listener = try HTTPListener(loop: loop, address: address, timing: timing) { exchange in
            guard exchange.wantsWebSocket else {
                return exchange.respond(
                    .upgradeRequired, fields: [("Upgrade", "websocket")], text: "this port echoes WebSocket messages\n")
            }
            guard
                let webSocket = exchange.upgradeToWebSocket(messageBytesMax: EchoConversation.messageBytesMax)
            else { return }
            EchoConversation(webSocket).start()
        }
        localAddress = listener.localAddress
    }
}

@available(*, unavailable) extension EchoServer: Sendable {}
