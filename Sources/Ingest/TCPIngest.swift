package import Configuration
package import LoopIO
package import Streaming
package import Telemetry

/// Takes bare transport streams over TCP, from encoders and from parent nodes.
package final class TCPIngest {
    /// Connections of one way in; an idle parent keeps its own open, so there is no time limit.
    package static let connectionsMax = 256

    package let localAddress: SocketAddress
    package private(set) var counters = IngestCounters()
    private let configuration: IngestConfiguration
    private let allowlist: Allowlist
    private let registry: StreamRegistry
    private let logger: Logger
    private var listener: TCPListener?
    private var publishers: [ObjectIdentifier: Publisher] = [:]

    private struct Publisher {
        let connection: TCPConnection
        let session: SourceSession
    }

    package init(
        configuration: IngestConfiguration, address: SocketAddress, allowlist: Allowlist, registry: StreamRegistry,
        logger: Logger
    ) throws(IOError) {
        self.configuration = configuration
        self.allowlist = allowlist
        self.registry = registry
        self.logger = logger
        localAddress = try TCPListener.probe(address)
        listener = try TCPListener(loop: registry.loop, address: localAddress, exclusive: false) {
            [unowned self] connection in self.accepted(connection)
        }
        listener?.onDescriptorsExhausted = { newcomers in
            logger.error(
                "descriptors.exhausted",
                ["section": configuration.section, "closed": String(newcomers), "remedy": "raise ulimit -n"])
        }
    }

    package func close() {
        listener?.close()
        listener = nil
        for publisher in publishers.values {
            publisher.session.senderGone(isComplete: false, nowMs: registry.loop.nowMs)
            publisher.connection.close()
        }
        publishers.removeAll()
    }

    private func accepted(_ connection: TCPConnection) {
        guard allowlist.allows(connection.peer) else {
            counters.refusedAddress += 1
            return refuse(connection, "address is not in [authority] Ips")
        }
        guard publishers.count < TCPIngest.connectionsMax else {
            counters.refusedLimit += 1
            return refuse(connection, "more than \(TCPIngest.connectionsMax) connections")
        }
        let stream: LiveStream
        do {
            stream = try registry.obtain(configuration.stream)
        } catch {
            counters.refusedLimit += 1
            return refuse(connection, "more than \(StreamRegistry.streamsMax) streams")
        }
        counters.accepted += 1
        connection.setKeepAlive()
        let session = SourceSession(
            stream: stream, kind: .tcp, peer: connection.peer, section: configuration.section, isProven: false,
            nowMs: registry.loop.nowMs)
        let key = ObjectIdentifier(connection)
        publishers[key] = Publisher(connection: connection, session: session)
        logger.debug("ingest.connected", ["section": configuration.section, "from": connection.peer.description])
        session.onEnd = { [unowned self, unowned connection] end in
            self.ended(connection, end)
        }
        let loop = registry.loop
        connection.startReading(
            onRead: { bytes in session.deliver(bytes, nowMs: loop.nowMs) },
            onEnd: { [unowned self, unowned connection] error in
                self.senderGone(connection, error)
            })
    }

    private func senderGone(_ connection: TCPConnection, _ error: IOError?) {
        guard let publisher = publishers.removeValue(forKey: ObjectIdentifier(connection)) else { return }
        if let error {
            logger.debug(
                "ingest.lost",
                ["section": configuration.section, "from": connection.peer.description, "why": error.description])
        }
        publisher.session.senderGone(isComplete: false, nowMs: registry.loop.nowMs)
        connection.close()
    }

    private func ended(_ connection: TCPConnection, _ end: SourceSession.End) {
        guard publishers.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        count(end)
        refuse(connection, RefusalText.text(for: end, stream: configuration.stream.description))
    }

    private func count(_ end: SourceSession.End) {
        switch end {
        case .refused: counters.refusedTaken += 1
        case .notTransportStream: counters.refusedGarbage += 1
        case .replaced, .stopping: break
        }
    }

    private func refuse(_ connection: TCPConnection, _ why: String) {
        logger.warn(
            "publisher.refused",
            ["section": configuration.section, "from": connection.peer.description, "why": why])
        connection.close()
    }
}

@available(*, unavailable) extension TCPIngest: Sendable {}
