package import Configuration
import HTTP1
package import HTTPServer
package import LoopIO
package import Streaming
package import Telemetry

/// Takes transport streams as bodies of POST and PUT: chunked, with a length, or until the connection ends.
package final class HTTPIngest {
    package let localAddress: SocketAddress
    package private(set) var counters = IngestCounters()
    private let configuration: IngestConfiguration
    private let allowlist: Allowlist
    private let registry: StreamRegistry
    private let logger: Logger
    private let otherwise: (HTTPExchange) -> Bool
    private var listener: HTTPListener?
    private var sessions: [ObjectIdentifier: SourceSession] = [:]

    /// - Parameter otherwise: answers requests that are not for publishing; false when it does not know them either.
    package init(
        configuration: IngestConfiguration, address: SocketAddress, allowlist: Allowlist, registry: StreamRegistry,
        logger: Logger, otherwise: @escaping (HTTPExchange) -> Bool
    ) throws(IOError) {
        self.configuration = configuration
        self.allowlist = allowlist
        self.registry = registry
        self.logger = logger
        self.otherwise = otherwise
        localAddress = try TCPListener.probe(address)
        listener = try HTTPListener(loop: registry.loop, address: localAddress, exclusive: false) {
            [unowned self] exchange in self.handle(exchange)
        }
        listener?.onDescriptorsExhausted = { newcomers in
            logger.error(
                "descriptors.exhausted",
                ["section": configuration.section, "closed": String(newcomers), "remedy": "raise ulimit -n"])
        }
    }

    package func close() {
        let nowMs = registry.loop.nowMs
        for session in sessions.values { session.senderGone(isComplete: false, nowMs: nowMs) }
        sessions.removeAll()
        listener?.close()
        listener = nil
    }

    private func handle(_ exchange: HTTPExchange) {
        let request = exchange.request
        guard request.method == .post || request.method == .put else {
            if otherwise(exchange) { return }
            exchange.respond(
                .methodNotAllowed, fields: [("Allow", "POST, PUT")],
                text: "this port takes streams: POST or PUT; watching is on the port of [custom]\n")
            return
        }
        guard allowlist.allows(exchange.peer) else {
            counters.refusedAddress += 1
            return refuse(exchange, .forbidden, "this address may not send to this node ([authority] Ips)")
        }
        let route: PublishRoute
        do throws(PublishRoute.Refusal) {
            route = try PublishRoute(request, ingest: configuration)
        } catch {
            return refuse(exchange, error)
        }
        publish(exchange, route)
    }

    private func publish(_ exchange: HTTPExchange, _ route: PublishRoute) {
        let stream: LiveStream
        do {
            stream = try registry.obtain(route.stream)
        } catch {
            counters.refusedLimit += 1
            return refuse(exchange, .unavailable, "more than \(StreamRegistry.streamsMax) streams")
        }
        let name = route.stream.description
        if let refusal = stream.refusal(of: .http, peer: exchange.peer, isProven: route.isProven) {
            counters.refusedTaken += 1
            return refuse(exchange, .conflict, RefusalText.text(for: .refused(refusal), stream: name))
        }
        counters.accepted += 1
        let loop = registry.loop
        let session = SourceSession(
            stream: stream, kind: .http, peer: exchange.peer, section: configuration.section,
            isProven: route.isProven, nowMs: loop.nowMs)
        let key = ObjectIdentifier(exchange)
        sessions[key] = session
        session.onEnd = { [unowned self, unowned exchange] end in
            self.sessions[key] = nil
            self.ended(exchange, end, stream: name)
        }
        exchange.onClosed = { [unowned self] in
            self.sessions.removeValue(forKey: key)?.senderGone(isComplete: false, nowMs: loop.nowMs)
        }
        exchange.readBody(
            onBytes: { bytes in session.deliver(bytes, nowMs: loop.nowMs) },
            onEnd: { [unowned self, unowned exchange] end in
                guard self.sessions.removeValue(forKey: key) != nil else { return }
                session.senderGone(isComplete: end == .complete, nowMs: loop.nowMs)
                if end == .complete { exchange.respond(.ok, text: "\(session.bytesIn) bytes\n") }
            })
    }

    private func ended(_ exchange: HTTPExchange, _ end: SourceSession.End, stream: String) {
        let why = RefusalText.text(for: end, stream: stream)
        switch end {
        case .refused:
            counters.refusedTaken += 1
            refuse(exchange, .conflict, why)
        case .replaced: refuse(exchange, .conflict, why)
        case .notTransportStream:
            counters.refusedGarbage += 1
            refuse(exchange, .badRequest, why)
        case .stopping: refuse(exchange, .unavailable, why)
        }
    }

    private func refuse(_ exchange: HTTPExchange, _ refusal: PublishRoute.Refusal) {
        switch refusal {
        case .noCredential:
            counters.refusedSecret += 1
            logRefusal(exchange, "no secret was given")
            exchange.respond(
                .unauthorized, fields: [("WWW-Authenticate", BasicCredentials.challenge)],
                text: "a secret is needed: POST /<Secret>, or /<app>/<stream> with ?secret= or as Basic password\n")
        case .wrongSecret:
            counters.refusedSecret += 1
            logRefusal(exchange, "wrong secret")
            exchange.respond(.forbidden, text: "wrong secret\n")
        case .notFound(let text):
            logRefusal(exchange, "no such path")
            exchange.respond(.notFound, text: text)
        }
    }

    private func refuse(_ exchange: HTTPExchange, _ status: HTTPStatus, _ why: String) {
        logRefusal(exchange, why)
        exchange.respond(status, text: why + "\n")
    }

    private func logRefusal(_ exchange: HTTPExchange, _ why: String) {
        logger.warn(
            "publisher.refused",
            ["section": configuration.section, "from": exchange.peer.description, "why": why])
    }
}

@available(*, unavailable) extension HTTPIngest: Sendable {}
