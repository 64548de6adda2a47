package import Configuration
import Fanout
import HTTP1
package import HTTPServer
package import LoopIO
package import Streaming
package import Telemetry

/// The door for browsers and HTTP clients: the player page, streams over WebSocket and as `.ts`, and `.json`.
package final class WebDoor {
    /// A viewer whose kernel acknowledges nothing for so long has vanished (no FIN).
    static let vanishedMs: UInt32 = 5000
    static let healthMs: Int64 = 1000
    /// Connections beside the viewers: pages and figures that are asked for, and heads that are not complete. For a
    /// newcomer beyond, the oldest half-open head is closed.
    package static let requestsMax = 4096
    /// Longest name that a page may give itself to ask for its own figures.
    static let tokenBytesMax = 64

    package let localAddress: SocketAddress
    package private(set) var counters = ViewerCounters()
    private let configuration: ViewerConfiguration
    private let share: DoorShare
    private let registry: StreamRegistry
    private let pushPorts: PushPorts
    private var script: PlayerScript
    private var statuses = StatusCache()
    private let logger: Logger
    private let limit: ViewerLimit
    private let refusals: RefusalLog
    private let otherwise: (HTTPExchange) -> Bool
    private var isStopping = false
    private var listener: HTTPListener?
    private var health: LoopTimer?
    private var seats: Set<WebSeat> = []
    /// Of the viewers that named themselves.
    private var named: [String: WebSeat] = [:]

    /// The one door of a section; see the other initializer.
    package convenience init(
        configuration: ViewerConfiguration, address: SocketAddress, registry: StreamRegistry, pushPorts: PushPorts,
        playerScript: String?, logger: Logger, requestsMax: Int = WebDoor.requestsMax,
        otherwise: @escaping (HTTPExchange) -> Bool
    ) throws(IOError) {
        try self.init(
            configuration: configuration, share: try DoorShare(address), registry: registry, pushPorts: pushPorts,
            playerScript: playerScript, logger: logger, requestsMax: requestsMax, otherwise: otherwise)
    }

    /// One of several doors of a section, each on its loop.
    ///
    /// - Parameters:
    ///   - requestsMax: tests shorten it.
    ///   - otherwise: answers requests that are not for watching; false when it does not know them either.
    package init(
        configuration: ViewerConfiguration, share: DoorShare, registry: StreamRegistry, pushPorts: PushPorts,
        playerScript: String?, logger: Logger, requestsMax: Int = WebDoor.requestsMax,
        otherwise: @escaping (HTTPExchange) -> Bool
    ) throws(IOError) {
        self.share = share
        self.configuration = configuration
        self.registry = registry
        self.pushPorts = pushPorts
        self.logger = logger
        self.otherwise = otherwise
        script = PlayerScript(path: playerScript, environment: try Machine.environment)
        limit = ViewerLimit(door: configuration, seats: share.seats, registry: registry)
        localAddress = share.address
        refusals = try RefusalLog(
            loop: registry.loop, logger: logger, level: .info, event: "viewer.refused", section: configuration.section)
        let viewersMax = min(configuration.viewersMax ?? .max, registry.configuration.app.viewersMax)
        do throws(IOError) {
            health = try LoopTimer(loop: registry.loop) { [unowned self] in self.checkHealth() }
            listener = try HTTPListener(
                loop: registry.loop, address: localAddress, exclusive: false,
                connectionsMax: min(viewersMax, 1 << 20) + requestsMax
            ) { [unowned self] exchange in self.handle(exchange) }
        } catch {
            close()
            throw error
        }
        listener?.onDescriptorsExhausted = { [refusals] in refusals.descriptorsExhausted($0) }
        listener?.onAcceptFailed = { [refusals] in refusals.acceptFailed($0) }
        listener?.onAcceptsDelayed = { [refusals] in refusals.acceptsDelayed($0) }
        listener?.onCut = { [refusals] peer, cut, why in
            // A viewer is told of when it leaves.
            if cut != .pongTimeout { refusals.refused(peer, kind: cut.rawValue, why) }
        }
        listener?.onShed = { [unowned self] peer, shed in self.didShed(peer, shed) }
        health?.start(afterMs: WebDoor.healthMs, repeatMs: WebDoor.healthMs)
    }

    /// Nobody is here any more, and no farewell is under way.
    package var isEmpty: Bool { seats.isEmpty && (listener?.busyConnections ?? 0) == 0 }

    /// Takes no one in any more; those who are here stay until their stream or the node ends them.
    package func stopAccepting() {
        isStopping = true
        listener?.stopAccepting()
    }

    package func close() {
        isStopping = true
        health?.close()
        let leaving = seats
        seats.removeAll()
        limit.giveBack(leaving.count)
        named.removeAll()
        for seat in leaving {
            seat.viewer.leave()
            seat.abort()
        }
        listener?.close()
        listener = nil
        refusals.close()
    }

    // MARK: Requests

    private func handle(_ exchange: HTTPExchange) {
        guard !isStopping else { return exchange.respond(.unavailable, text: "the node stops\n") }
        let request = exchange.request
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
            find(id, for: exchange) { _, _ in
                exchange.respondToHEAD(WebDoor.streamHead(isChunked: exchange.request.versionMinor >= 1))
            }
        case .transportStream: join(exchange, id) { door, stream in door.pour(exchange, stream) }
        case .status: find(id, for: exchange) { door, stream in door.sendStatus(exchange, stream) }
        }
    }

    private static let crossOrigin: [(String, String)] = [
        ("Access-Control-Allow-Origin", "*"), ("Cache-Control", "no-store"),
    ]

    private func sendStatus(_ exchange: HTTPExchange, _ stream: WatchedStream) {
        let nowMs = registry.loop.nowMs
        let document = StatusDocument(
            status: statuses.status(of: stream, nowMs: nowMs), push: pushPorts,
            hasPlayerScript: script.isThere(nowMs: nowMs), nodeTimeMs: nowMs,
            viewer: token(of: exchange).flatMap { figures(of: $0, in: stream) })
        exchange.respond(
            .ok, fields: WebDoor.crossOrigin, contentType: "application/json", body: Array(document.text.utf8))
    }

    private func sendAsset(_ exchange: HTTPExchange, _ name: String) {
        if name == "jsmpeg.js" {
            guard let bytes = script.read(nowMs: registry.loop.nowMs) else {
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

    private func didShed(_ peer: SocketAddress, _ shed: HTTPListener.Shed) {
        switch shed {
        case .head: counters.headsClosed += 1
        case .newcomer: counters.refusedLimit += 1
        }
        refusals.refused(peer, kind: shed.rawValue, shed.description)
    }

    // MARK: Viewers

    /// Finds room and the stream; what comes then may come later.
    private func join(_ exchange: HTTPExchange, _ id: StreamID, then: @escaping (WebDoor, WatchedStream) -> Void) {
        if let full = limit.refusal { return refuse(exchange, full) }
        find(id, for: exchange, then: then) { door in
            door.counters.refusedStream += 1
            door.refusals.refused(exchange.peer, kind: "stream", "there is no such stream")
        }
    }

    /// Goes on with the stream, now or when its home loop has answered; or says that there is none.
    private func find(
        _ id: StreamID, for exchange: HTTPExchange, then: @escaping (WebDoor, WatchedStream) -> Void,
        otherwise: @escaping (WebDoor) -> Void = { _ in }
    ) {
        func goOn(_ door: WebDoor, _ stream: WatchedStream?) {
            if let stream { return then(door, stream) }
            otherwise(door)
            door.notFound(exchange)
        }
        let answer = registry.join(id) { [weak self] stream in
            guard let self, !exchange.isClosed else { return }
            guard !self.isStopping else { return exchange.respond(.unavailable, text: "the node stops\n") }
            goOn(self, stream)
        }
        switch answer {
        case .now(let stream): goOn(self, stream)
        case .pending: break
        case .no: goOn(self, nil)
        }
    }

    private func refuse(_ exchange: HTTPExchange, _ full: String) {
        counters.refusedLimit += 1
        refusals.refused(exchange.peer, kind: "limit", full)
        exchange.respond(.unavailable, fields: [("Retry-After", "5")], text: full + "\n")
    }

    private func watch(_ exchange: HTTPExchange, _ stream: WatchedStream) {
        if let full = limit.takeSeat() { return refuse(exchange, full) }
        guard let webSocket = exchange.upgradeToWebSocket() else {
            limit.giveBack()
            counters.refusedHandshake += 1
            return refusals.refused(exchange.peer, kind: "handshake", "the WebSocket handshake is wrong")
        }
        let viewer = makeViewer(stream, webSocket.connection, .webSocket, tier: .webSocket, exchange)
        seat(WebSeat(door: self, viewer: viewer, stream: stream, webSocket: webSocket, token: token(of: exchange)))
        webSocket.start()
    }

    private func pour(_ exchange: HTTPExchange, _ stream: WatchedStream) {
        let isChunked = exchange.request.versionMinor >= 1
        if let full = limit.takeSeat() { return refuse(exchange, full) }
        guard let connection = exchange.startStreaming(WebDoor.streamHead(isChunked: isChunked)) else {
            return limit.giveBack()
        }
        let viewer = makeViewer(stream, connection, isChunked ? .httpChunks : .base, tier: .http, exchange)
        seat(
            WebSeat(
                door: self, viewer: viewer, stream: stream, exchange: exchange, connection: connection,
                token: token(of: exchange)))
    }

    /// The head of `.ts`, which has no length: for GET and HEAD alike.
    private static func streamHead(isChunked: Bool) -> ResponseHead {
        var head = ResponseHead(.ok)
        head.add("Content-Type", "video/mp2t")
        for (name, value) in crossOrigin { head.add(name, value) }
        if isChunked { head.add("Transfer-Encoding", "chunked") }
        head.add("Connection", "close")
        return head
    }

    private func makeViewer(
        _ stream: WatchedStream, _ connection: TCPConnection, _ key: LaneKey, tier: Viewer.Tier,
        _ exchange: HTTPExchange
    ) -> Viewer {
        counters.accepted += 1
        connection.setNoDelay()
        connection.setKeepAlive()
        KernelBuffer.bound(connection)
        logger.debug(
            "viewer.joined",
            ["stream": stream.id.description, "tier": tier.rawValue, "from": exchange.peer.description])
        return Viewer(
            audience: stream.audience, outlet: .connection(connection), key: key, tier: tier,
            start: StartRule(configuration.start, gopBytes: stream.policy.gopBytes),
            lag: LagRule(configuration.lag), kicksWhenBehind: configuration.lagPolicy == .kick)
    }

    /// How the viewer of this token fares, on whichever loop it is.
    private func figures(of token: String, in stream: WatchedStream) -> DoorShare.Figures? {
        guard let viewer = named[token]?.viewer else { return share.figures(of: token, in: stream.id) }
        return stream.audience.figures(of: viewer).map {
            DoorShare.Figures(stream: stream.id, skippedPictures: $0.skippedPictures, lagMs: $0.lagMs)
        }
    }

    private func token(of exchange: HTTPExchange) -> String? {
        guard let token = exchange.request.target.first("viewer"),
            (1...WebDoor.tokenBytesMax).contains(token.utf8.count)
        else { return nil }
        return token
    }

    private func seat(_ seat: WebSeat) {
        seats.insert(seat)
        if let token = seat.token { named[token] = seat }
        seat.stream.add(seat.viewer)
    }

    /// - Returns: false when it has left before.
    private func unseat(_ seat: WebSeat) -> Bool {
        guard seats.remove(seat) != nil else { return false }
        limit.giveBack()
        if let token = seat.token, named[token] === seat {
            named[token] = nil
            share.forget(token)
        }
        return true
    }

    /// The audience has let go of a viewer between two pictures: the protocol's last word follows.
    func ended(_ seat: WebSeat, _ end: Viewer.End) {
        guard unseat(seat) else { return }
        if end == .tooSlow { counters.kicked += 1 }
        logLeaving(seat, end.text)
        if end == .connectionLost { return seat.abort() }
        seat.sayFarewell(end)
    }

    /// A viewer has gone, or is about to; nothing happens when it was let go of before.
    func left(_ seat: WebSeat, _ why: String) {
        guard unseat(seat) else { return }
        seat.viewer.leave()
        logLeaving(seat, why)
    }

    private func logLeaving(_ seat: WebSeat, _ why: String) {
        logger.debug(
            "viewer.left",
            ["tier": seat.viewer.tier.rawValue, "from": seat.connection.peer.description, "why": why])
    }

    private func checkHealth() {
        for (token, seat) in named {
            // A request for these figures may come in on another loop.
            guard let figures = seat.viewer.figures else { continue }
            share.note(
                DoorShare.Figures(
                    stream: seat.stream.id, skippedPictures: figures.skippedPictures, lagMs: figures.lagMs), of: token)
        }
        for seat in seats where seat.connection.hasPeerVanished(withinMs: WebDoor.vanishedMs) {
            counters.vanished += 1
            left(seat, "no sign of it for \(WebDoor.vanishedMs) ms")
            seat.abort()
        }
    }
}

@available(*, unavailable) extension WebDoor: Sendable {}
