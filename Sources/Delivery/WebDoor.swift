package import Configuration
import Fanout
import HTTP1
package import HTTPServer
package import LoopIO
package import Streaming
package import Telemetry
import WebSocket

/// The door for browsers and HTTP clients: the player page, streams over WebSocket and as `.ts`, and `.json`.
package final class WebDoor {
    /// Bytes that may wait unsent in the kernel for one viewer: more would be stale video, and memory.
    package static let unsentBytesMax = 128 << 10
    /// A viewer whose kernel acknowledges nothing for so long has vanished (no FIN).
    static let vanishedMs: UInt32 = 5000
    static let healthMs: Int64 = 1000

    package let localAddress: SocketAddress
    package private(set) var counters = ViewerCounters()
    private let configuration: ViewerConfiguration
    private let registry: StreamRegistry
    private let pushPorts: PushPorts
    private let script: PlayerScript
    private let logger: Logger
    private let limit: ViewerLimit
    private let otherwise: (HTTPExchange) -> Bool
    private var listener: HTTPListener?
    private var health: LoopTimer?
    private var seats: [ObjectIdentifier: Seat] = [:]

    /// A viewer and what carries it.
    private struct Seat {
        let viewer: Viewer
        let connection: TCPConnection
        /// Nil for `.ts`.
        let webSocket: WebSocketConnection?
        /// Closes without a word.
        let abort: () -> Void
    }

    /// - Parameter otherwise: answers requests that are not for watching; false when it does not know them either.
    package init(
        configuration: ViewerConfiguration, address: SocketAddress, registry: StreamRegistry, pushPorts: PushPorts,
        playerScript: String?, logger: Logger, otherwise: @escaping (HTTPExchange) -> Bool
    ) throws(IOError) {
        self.configuration = configuration
        self.registry = registry
        self.pushPorts = pushPorts
        self.logger = logger
        self.otherwise = otherwise
        script = PlayerScript(path: playerScript, environment: Machine.environment)
        limit = ViewerLimit(door: configuration, node: registry.configuration.app)
        localAddress = try TCPListener.probe(address)
        listener = try HTTPListener(loop: registry.loop, address: localAddress, exclusive: false) {
            [unowned self] exchange in self.handle(exchange)
        }
        listener?.onDescriptorsExhausted = { newcomers in
            logger.error(
                "descriptors.exhausted",
                ["section": configuration.section, "closed": String(newcomers), "remedy": "raise ulimit -n"])
        }
        health = try LoopTimer(loop: registry.loop) { [unowned self] in self.checkHealth() }
        health?.start(afterMs: WebDoor.healthMs, repeatMs: WebDoor.healthMs)
    }

    /// Nobody is here any more, and no farewell is under way.
    package var isEmpty: Bool { seats.isEmpty && (listener?.connections ?? 0) == 0 }

    /// Takes no one in any more; those who are here stay until their stream or the node ends them.
    package func stopAccepting() { listener?.stopAccepting() }

    package func close() {
        health?.close()
        for seat in seats.values {
            seat.viewer.leave()
            seat.abort()
        }
        seats.removeAll()
        listener?.close()
        listener = nil
    }

    // MARK: Requests

    private func handle(_ exchange: HTTPExchange) {
        let request = exchange.request
        let peer = exchange.peer
        if let filter = configuration.filter,
            filter.contains(IPAddress(high: peer.bytes.high, low: peer.bytes.low))
        {
            counters.refusedAddress += 1
            logRefusal(exchange, "address is in [custom] FilterIps")
            return exchange.respond(.forbidden, text: "this address may not watch here\n")
        }
        if otherwise(exchange) { return }
        guard request.method == .get || request.method == .head else {
            return exchange.respond(
                .methodNotAllowed, fields: [("Allow", "GET, HEAD")],
                text: "this port is for watching: GET; publishing is on the port of [backstream]\n")
        }
        switch WatchRoute(request.segments) {
        case .stream(let id, let form): handle(exchange, id, form)
        case .asset(let name): sendAsset(exchange, name)
        case .unknown: notFound(exchange)
        }
    }

    private func handle(_ exchange: HTTPExchange, _ id: StreamID, _ form: WatchRoute.Form) {
        if case .one(let only) = configuration.streams, only != id { return notFound(exchange) }
        switch form {
        case .page where exchange.wantsWebSocket: join(exchange, id) { door, stream in door.watch(exchange, stream) }
        case .page:
            exchange.respond(
                .ok, fields: PageAssets.pageFields, contentType: PageAssets.page.contentType,
                body: PageAssets.page.bytes)
        case .transportStream where exchange.request.method == .head:
            exchange.respond(.ok, fields: WebDoor.crossOrigin, contentType: "video/mp2t", body: [])
        case .transportStream: join(exchange, id) { door, stream in door.pour(exchange, stream) }
        case .status: sendStatus(exchange, id)
        }
    }

    private static let crossOrigin: [(String, String)] = [
        ("Access-Control-Allow-Origin", "*"), ("Cache-Control", "no-store"),
    ]

    private func sendStatus(_ exchange: HTTPExchange, _ id: StreamID) {
        guard case .now(let stream) = registry.join(id, later: { _ in }) else { return notFound(exchange) }
        let token = exchange.request.target.first("viewer")
        let document = StatusDocument(
            status: stream.status, push: pushPorts, hasPlayerScript: script.isThere, nodeTimeMs: registry.loop.nowMs,
            viewer: token.flatMap { stream.audience.figures(ofToken: $0) })
        exchange.respond(
            .ok, fields: WebDoor.crossOrigin, contentType: "application/json", body: Array(document.text.utf8))
    }

    private func sendAsset(_ exchange: HTTPExchange, _ name: String) {
        if name == "jsmpeg.js" {
            guard let bytes = script.read() else {
                return exchange.respond(
                    .notFound,
                    text: "JSMpeg's file is not installed: run deploy/get-jsmpeg.sh and set [player] Script\n")
            }
            return exchange.respond(.ok, contentType: "text/javascript; charset=utf-8", body: bytes)
        }
        guard let asset = PageAssets.named(name) else { return notFound(exchange) }
        exchange.respond(
            .ok, fields: [("Cache-Control", "no-cache")], contentType: asset.contentType, body: asset.bytes)
    }

    private func notFound(_ exchange: HTTPExchange) {
        exchange.respond(.notFound, fields: WebDoor.crossOrigin, text: "no such stream or file\n")
    }

    // MARK: Viewers

    /// Finds room and the stream; what comes then may come later.
    private func join(_ exchange: HTTPExchange, _ id: StreamID, then: @escaping (WebDoor, LiveStream) -> Void) {
        if let full = limit.refusal(atDoor: seats.count, atNode: registry.viewers) {
            counters.refusedLimit += 1
            logRefusal(exchange, full)
            return exchange.respond(.unavailable, fields: [("Retry-After", "5")], text: full + "\n")
        }
        let answer = registry.join(id) { [weak self] stream in
            guard let self, !exchange.isClosed else { return }
            self.answer(exchange, stream, then)
        }
        switch answer {
        case .now(let stream): self.answer(exchange, stream, then)
        case .pending: break
        case .no: self.answer(exchange, nil, then)
        }
    }

    private func answer(_ exchange: HTTPExchange, _ stream: LiveStream?, _ then: (WebDoor, LiveStream) -> Void) {
        guard let stream else {
            counters.refusedStream += 1
            return notFound(exchange)
        }
        then(self, stream)
    }

    private func watch(_ exchange: HTTPExchange, _ stream: LiveStream) {
        guard let webSocket = exchange.upgradeToWebSocket() else { return }
        let viewer = makeViewer(stream, webSocket.connection, .webSocket, tier: "ws", exchange)
        seats[ObjectIdentifier(viewer)] = Seat(
            viewer: viewer, connection: webSocket.connection, webSocket: webSocket, abort: { webSocket.abort() })
        webSocket.onControl = { [weak viewer] bytes in viewer?.send(control: bytes) }
        webSocket.onClosing = { [unowned self, weak viewer] in self.left(viewer, "closed by the viewer") }
        webSocket.onClosed = { [unowned self, weak viewer] code in
            self.left(viewer, code.map { "close \($0)" } ?? "connection lost")
        }
        viewer.onEnd = { [unowned self, unowned viewer] end in self.sayFarewell(viewer, end) }
        stream.add(viewer)
        webSocket.start()
    }

    private func pour(_ exchange: HTTPExchange, _ stream: LiveStream) {
        let isChunked = exchange.request.versionMinor >= 1
        var head = ResponseHead(.ok)
        head.add("Content-Type", "video/mp2t")
        for (name, value) in WebDoor.crossOrigin { head.add(name, value) }
        if isChunked { head.add("Transfer-Encoding", "chunked") }
        head.add("Connection", "close")
        guard let connection = exchange.startStreaming(head) else { return }
        let viewer = makeViewer(stream, connection, isChunked ? .httpChunks : .base, tier: "http", exchange)
        seats[ObjectIdentifier(viewer)] = Seat(
            viewer: viewer, connection: connection, webSocket: nil, abort: { exchange.close() })
        exchange.onClosed = { [unowned self, weak viewer] in self.left(viewer, "closed by the viewer") }
        viewer.onEnd = { [unowned self, unowned viewer] end in self.sayFarewell(viewer, end, exchange) }
        stream.add(viewer)
    }

    private func makeViewer(
        _ stream: LiveStream, _ connection: TCPConnection, _ key: LaneKey, tier: String, _ exchange: HTTPExchange
    ) -> Viewer {
        counters.accepted += 1
        connection.setNoDelay()
        connection.setKeepAlive()
        connection.setNotSentLowat(bytes: WebDoor.unsentBytesMax)
        let peer = exchange.peer.description
        logger.debug("viewer.joined", ["stream": stream.id.description, "tier": tier, "from": peer])
        return Viewer(
            audience: stream.audience, outlet: .connection(connection), key: key, tier: tier, peer: peer,
            token: exchange.request.target.first("viewer"),
            start: StartRule(configuration.start, gopBytes: stream.policy.gopBytes),
            lag: LagRule(configuration.lag), kicksWhenBehind: configuration.lagPolicy == .kick)
    }

    /// The audience has let go of a viewer between two pictures: the protocol's last word follows.
    private func sayFarewell(_ viewer: Viewer, _ end: Viewer.End, _ exchange: HTTPExchange? = nil) {
        guard let seat = seats.removeValue(forKey: ObjectIdentifier(viewer)) else { return }
        if end == .tooSlow { counters.kicked += 1 }
        logger.debug("viewer.left", ["tier": viewer.tier, "from": viewer.peer, "why": "\(end)"])
        if end == .connectionLost { return seat.abort() }
        if let webSocket = seat.webSocket {
            switch end {
            case .tooSlow: webSocket.close(.policyViolation, reason: "too slow")
            case .stopping: webSocket.close(.goingAway, reason: "the node stops")
            case .streamEnded, .connectionLost: webSocket.close(.goingAway, reason: "the stream has ended")
            }
        } else {
            exchange?.finishStreaming(viewer.key == .httpChunks ? ChunkedEncoder.end : [])
        }
    }

    /// - Parameter viewer: nil when it has been let go of before.
    private func left(_ viewer: Viewer?, _ why: String) {
        guard let viewer, let seat = seats.removeValue(forKey: ObjectIdentifier(viewer)) else { return }
        seat.viewer.leave()
        logger.debug("viewer.left", ["tier": viewer.tier, "from": viewer.peer, "why": why])
    }

    private func checkHealth() {
        for seat in seats.values where seat.connection.hasPeerVanished(withinMs: WebDoor.vanishedMs) {
            counters.vanished += 1
            left(seat.viewer, "no sign of it for \(WebDoor.vanishedMs) ms")
            seat.abort()
        }
    }

    private func logRefusal(_ exchange: HTTPExchange, _ why: String) {
        logger.info(
            "viewer.refused",
            ["section": configuration.section, "from": exchange.peer.description, "why": why])
    }
}

@available(*, unavailable) extension WebDoor: Sendable {}
