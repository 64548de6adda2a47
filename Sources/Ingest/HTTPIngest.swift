package import Configuration
import HTTP1
package import HTTPServer
package import LoopIO
package import Streaming
package import Telemetry

/// Takes transport streams as bodies of POST and PUT: chunked, with a length, or until the connection ends.
///
/// A body that ends whole leaves its session for a moment to the sender's next one, since GStreamer sends one PUT a
/// buffer: to the stream they are one source, also where a packet is cut between two of them.
///
/// A body is read on its stream's home loop: a request that came to another one is handed over once its head is known.
package final class HTTPIngest {
    /// How often pauses, and the end after `close`, are looked at.
    static let lookMs: Int64 = 50

    package let localAddress: SocketAddress
    package private(set) var counters = IngestCounters()
    private let configuration: IngestConfiguration
    private let allowlist: Allowlist
    private let registry: StreamRegistry
    private let limits: IngestLimits
    private let refusals: RefusalLog
    private let otherwise: (HTTPExchange) -> Bool
    private let share: IngestShare<HTTPIngest>
    private var listener: HTTPListener?
    private var timer: LoopTimer?
    private var sweeper: LoopTimer?
    private var publishers: [ObjectIdentifier: Publisher] = [:]
    private var pauses: [Sender: Pause] = [:]
    private var closeDueMs: Int64?

    /// What bodies must have in common to be one source.
    private struct Sender: Hashable {
        let host: SocketAddress.Bytes
        let stream: StreamID
        let isProven: Bool
    }

    /// A body that is being read.
    private struct Publisher {
        let exchange: HTTPExchange
        let session: SourceSession
        let sender: Sender
        /// Bytes of the session before this body.
        let bytesBefore: UInt64
    }

    /// A session between two bodies.
    private struct Pause {
        let session: SourceSession
        let untilMs: Int64
    }

    /// One of several ways in of a section, each on its loop.
    ///
    /// - Parameter otherwise: answers requests that are not for publishing; false when it does not know them either.
    package init(
        configuration: IngestConfiguration, share: IngestShare<HTTPIngest>, allowlist: Allowlist,
        registry: StreamRegistry, logger: Logger, limits: IngestLimits = IngestLimits(),
        otherwise: @escaping (HTTPExchange) -> Bool
    ) throws(IOError) {
        self.configuration = configuration
        self.share = share
        self.allowlist = allowlist
        self.registry = registry
        self.limits = limits
        self.otherwise = otherwise
        localAddress = share.address
        refusals = try RefusalLog(
            loop: registry.loop, logger: logger, level: .warn, event: "publisher.refused",
            section: configuration.section, windowMs: limits.refusalWindowMs)
        do throws(IOError) {
            timer = try LoopTimer(loop: registry.loop) { [unowned self] in self.look() }
            sweeper = try LoopTimer(loop: registry.loop) { [unowned self] in self.sweep() }
            listener = try HTTPListener(
                loop: registry.loop, address: localAddress, exclusive: false,
                connectionsMax: limits.publishersMax + limits.headsMax
            ) { [unowned self] exchange in self.handle(exchange) }
        } catch {
            timer?.close()
            sweeper?.close()
            refusals.close()
            throw error
        }
        listener?.onDescriptorsExhausted = { [refusals] in refusals.descriptorsExhausted($0) }
        listener?.onAcceptFailed = { [refusals] in refusals.acceptFailed($0) }
        listener?.onAcceptsDelayed = { [refusals] in refusals.acceptsDelayed($0) }
        listener?.onCut = { [refusals] peer, cut, why in refusals.refused(peer, kind: cut.rawValue, why) }
        listener?.onShed = { [unowned self] peer, shed in self.didShed(peer, shed) }
        sweeper?.start(afterMs: limits.sweepMs, repeatMs: limits.sweepMs)
        share.add(self, on: registry)
    }

    /// Bodies that are being read.
    package var bodies: Int { publishers.count }

    /// Connections in any state, those whose head is awaited too.
    package var connections: Int { listener?.connections ?? 0 }

    /// `close` was called, and the last answers are out or have had their time.
    package var isClosed: Bool { closeDueMs != nil && listener == nil }

    /// Answers every publisher with 503 and takes no more; the port is free at once, the last answers get a moment.
    package func close() {
        guard closeDueMs == nil else { return }
        let nowMs = registry.loop.nowMs
        closeDueMs = nowMs + limits.farewellMs
        share.remove(from: registry)
        let ending = publishers
        publishers.removeAll()
        for publisher in ending.values {
            publisher.session.senderGone(isComplete: false, nowMs: nowMs)
            publisher.exchange.respond(.unavailable, text: "the node stops\n")
        }
        for pause in pauses.values { pause.session.senderGone(isComplete: true, nowMs: nowMs) }
        pauses.removeAll()
        listener?.stopAccepting()
        sweeper?.close()
        sweeper = nil
        refusals.close()
        timer?.start(afterMs: HTTPIngest.lookMs, repeatMs: HTTPIngest.lookMs)
    }

    // MARK: Requests

    private func handle(_ exchange: HTTPExchange) {
        guard closeDueMs == nil else { return exchange.respond(.unavailable, text: "the node stops\n") }
        let request = exchange.request
        guard request.method == .post || request.method == .put else {
            if otherwise(exchange) { return }
            return exchange.respond(
                .methodNotAllowed, fields: [("Allow", "POST, PUT")],
                text: "this port takes streams: POST or PUT; watching is on the port of [custom]\n")
        }
        guard allowlist.allows(exchange.peer) else {
            counters.refusedAddress += 1
            return refuse(
                exchange, .forbidden, kind: "address", "this address may not send to this node ([authority] Ips)")
        }
        let route: PublishRoute
        do throws(PublishRoute.Refusal) {
            route = try PublishRoute(request, ingest: configuration)
        } catch {
            return refuse(exchange, error)
        }
        bringHome(exchange, route)
    }

    /// Publishes here, or hands the request over to the loop that is home to its stream.
    private func bringHome(_ exchange: HTTPExchange, _ route: PublishRoute) {
        do throws(StreamRegistry.Refusal) {
            let home = try registry.home(of: route.stream)
            if home != registry.index { return try handOver(exchange, route, to: home) }
            publish(exchange, route)
            // A request that was refused makes no stream.
            registry.giveUp(route.stream)
        } catch {
            counters.refusedLimit += 1
            refuse(exchange, .unavailable, kind: "limit", RefusalText.text(for: error))
        }
    }

    private func handOver(
        _ exchange: HTTPExchange, _ route: PublishRoute, to home: Int
    ) throws(StreamRegistry.Refusal) {
        let detached: DetachedExchange
        do throws(IOError) {
            detached = try exchange.detach()
        } catch {
            let stream = route.stream
            share.handOver(to: home, from: registry) { $0.registry.giveUp(stream) }
            throw .io(error)
        }
        counters.handedOver += 1
        share.handOver(to: home, from: registry) { $0.attach(detached, route) }
    }

    /// A request that another loop has read the head of.
    private func attach(_ detached: DetachedExchange, _ route: PublishRoute) {
        guard let exchange = listener?.attach(detached) else { return registry.giveUp(route.stream) }
        // The stream may have ended while the request was on its way, and begun anew on another loop.
        bringHome(exchange, route)
    }

    private func publish(_ exchange: HTTPExchange, _ route: PublishRoute) {
        guard publishers.count < limits.publishersMax || makeRoom() else {
            counters.refusedLimit += 1
            return refuse(
                exchange, .unavailable, kind: "limit", RefusalText.noPlace(publishersMax: limits.publishersMax))
        }
        let sender = Sender(host: exchange.peer.bytes, stream: route.stream, isProven: route.isProven)
        guard let session = session(of: exchange, sender) else { return }
        counters.accepted += 1
        let key = ObjectIdentifier(exchange)
        publishers[key] = Publisher(
            exchange: exchange, session: session, sender: sender, bytesBefore: session.bytesIn)
        session.onEnd = { [unowned self] end in self.ended(key, end) }
        session.hasSenderGone = { [weak exchange] in exchange?.hasClientEnded ?? true }
        // The end of the body is told first, and is enough.
        exchange.onClosed = { [unowned self] in self.bodyEnded(key, .cut) }
        let loop = registry.loop
        exchange.readBody(
            onBytes: { bytes in session.deliver(bytes, nowMs: loop.nowMs) },
            onEnd: { [unowned self] end in self.bodyEnded(key, end) })
    }

    /// The session that the sender's last body left, or a new one; nil when the sender was refused.
    private func session(of exchange: HTTPExchange, _ sender: Sender) -> SourceSession? {
        if let pause = pauses.removeValue(forKey: sender) {
            pause.session.bodyBegan()
            return pause.session
        }
        let stream: LiveStream
        do throws(StreamRegistry.Refusal) {
            stream = try registry.obtain(sender.stream)
        } catch {
            counters.refusedLimit += 1
            refuse(exchange, .unavailable, kind: "limit", RefusalText.text(for: error))
            return nil
        }
        if let refusal = stream.refusal(of: .http, peer: exchange.peer, isProven: sender.isProven) {
            counters.refusedTaken += 1
            stream.publisherRefused()
            let end = SourceSession.End.refused(refusal)
            refuse(
                exchange, .conflict, kind: RefusalText.kind(of: end),
                RefusalText.text(for: end, stream: sender.stream.description))
            return nil
        }
        return SourceSession(
            stream: stream, kind: .http, peer: exchange.peer, section: configuration.section,
            isProven: sender.isProven, nowMs: registry.loop.nowMs)
    }

    // MARK: Ends

    private func bodyEnded(_ key: ObjectIdentifier, _ end: HTTPExchange.BodyEnd) {
        guard let publisher = publishers.removeValue(forKey: key) else { return }
        let nowMs = registry.loop.nowMs
        switch end {
        case .complete:
            let bytes = publisher.session.bytesIn - publisher.bytesBefore
            publisher.exchange.respond(.ok, text: "\(bytes) bytes\n")
            pause(publisher, nowMs: nowMs)
        case .cut: publisher.session.senderGone(isComplete: false, nowMs: nowMs)
        case .malformed:
            counters.refusedGarbage += 1
            refusals.refused(publisher.exchange.peer, kind: "coding", "the body's chunked coding is broken")
            publisher.session.senderGone(isComplete: false, nowMs: nowMs)
        }
    }

    private func pause(_ publisher: Publisher, nowMs: Int64) {
        let sender = publisher.sender
        let session = publisher.session
        // Two bodies at once of one sender: the one that took over is the source.
        pauses.removeValue(forKey: sender)?.session.senderGone(isComplete: true, nowMs: nowMs)
        session.onEnd = { [unowned self] _ in self.pauses[sender] = nil }
        pauses[sender] = Pause(session: session, untilMs: nowMs + limits.pauseMs)
        if let timer, !timer.isActive { timer.start(afterMs: HTTPIngest.lookMs, repeatMs: HTTPIngest.lookMs) }
    }

    private func look() {
        let nowMs = registry.loop.nowMs
        if let closeDueMs {
            guard listener?.connections == 0 || nowMs >= closeDueMs else { return }
            listener?.close()
            listener = nil
            timer?.close()
            timer = nil
            return
        }
        for (sender, pause) in pauses where nowMs >= pause.untilMs {
            pauses[sender] = nil
            pause.session.senderGone(isComplete: true, nowMs: nowMs)
        }
        if pauses.isEmpty { timer?.stop() }
    }

    /// Ends the oldest body that never brought a packet, if it had its time.
    private func makeRoom() -> Bool {
        let nowMs = registry.loop.nowMs
        let idle = publishers.filter {
            !$0.value.session.hasDelivered && nowMs - $0.value.session.startedMs >= limits.idleMs
        }
        guard let oldest = idle.min(by: { $0.value.session.startedMs < $1.value.session.startedMs }) else {
            return false
        }
        publishers[oldest.key] = nil
        counters.idleClosed += 1
        oldest.value.session.senderGone(isComplete: false, nowMs: nowMs)
        oldest.value.exchange.respond(
            .requestTimeout, text: "no MPEG-TS packet came, and another publisher needs the place\n")
        return true
    }

    /// Ends bodies that bring bytes, and never a packet.
    private func sweep() {
        let nowMs = registry.loop.nowMs
        for (key, publisher) in publishers
        where publisher.session.hasNoPacket(afterMs: limits.firstPacketMs, nowMs: nowMs) {
            publishers[key] = nil
            counters.refusedSlow += 1
            publisher.session.senderGone(isComplete: false, nowMs: nowMs)
            refuse(
                publisher.exchange, .requestTimeout, kind: "slow",
                RefusalText.noPacket(withinMs: limits.firstPacketMs))
        }
    }

    /// The stream wants no more of a publisher.
    private func ended(_ key: ObjectIdentifier, _ end: SourceSession.End) {
        guard let publisher = publishers.removeValue(forKey: key) else { return }
        let why = RefusalText.text(for: end, stream: publisher.sender.stream.description)
        counters.count(end)
        let status: HTTPStatus =
            switch end {
            case .refused, .replaced: .conflict
            case .notTransportStream: .badRequest
            case .stopping: .unavailable
            }
        refuse(publisher.exchange, status, kind: RefusalText.kind(of: end), why)
    }

    // MARK: Refusals

    private func didShed(_ peer: SocketAddress, _ shed: HTTPListener.Shed) {
        switch shed {
        case .head: counters.headsClosed += 1
        case .newcomer: counters.refusedLimit += 1
        }
        refusals.refused(peer, kind: shed.rawValue, shed.description)
    }

    private func refuse(_ exchange: HTTPExchange, _ refusal: PublishRoute.Refusal) {
        switch refusal {
        case .noCredential:
            counters.refusedSecret += 1
            refusals.refused(exchange.peer, kind: "noSecret", "no secret was given")
            exchange.respond(
                .unauthorized, fields: [("WWW-Authenticate", BasicCredentials.challenge)],
                text: "a secret is needed: POST /<Secret>, or /<app>/<stream> with ?secret= or as Basic password\n")
        case .wrongSecret:
            counters.refusedSecret += 1
            refusals.refused(exchange.peer, kind: "wrongSecret", "wrong secret")
            exchange.respond(.forbidden, text: "wrong secret\n")
        case .notFound(let text):
            counters.refusedPath += 1
            refusals.refused(exchange.peer, kind: "path", "no such path")
            exchange.respond(.notFound, text: text)
        }
    }

    private func refuse(_ exchange: HTTPExchange, _ status: HTTPStatus, kind: String, _ why: String) {
        refusals.refused(exchange.peer, kind: kind, why)
        exchange.respond(status, text: why + "\n")
    }
}

@available(*, unavailable) extension HTTPIngest: Sendable {}
