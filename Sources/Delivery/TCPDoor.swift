package import Configuration
import Fanout
package import LoopIO
package import Streaming
package import Telemetry

/// Gives one stream to every TCP connection, packet for packet.
package final class TCPDoor {
    /// Bytes that may wait unsent in the kernel for one viewer.
    package static let unsentBytesMax = 128 << 10
    /// A viewer whose kernel acknowledges nothing for so long has vanished (no FIN).
    static let vanishedMs: UInt32 = 5000
    static let healthMs: Int64 = 1000

    package let localAddress: SocketAddress
    package private(set) var counters = ViewerCounters()
    private let configuration: ViewerConfiguration
    private let id: StreamID
    private let registry: StreamRegistry
    private let logger: Logger
    private let limit: ViewerLimit
    private var listener: TCPListener?
    private var health: LoopTimer?
    private var viewers: [ObjectIdentifier: Seat] = [:]

    private struct Seat {
        let connection: TCPConnection
        let viewer: Viewer
    }

    package init(
        configuration: ViewerConfiguration, address: SocketAddress, registry: StreamRegistry, logger: Logger
    ) throws(IOError) {
        self.configuration = configuration
        self.registry = registry
        self.logger = logger
        limit = ViewerLimit(door: configuration, node: registry.configuration.app)
        id = if case .one(let id) = configuration.streams { id } else { .main }
        localAddress = try TCPListener.probe(address)
        listener = try TCPListener(loop: registry.loop, address: localAddress, exclusive: false) {
            [unowned self] connection in self.accepted(connection)
        }
        listener?.onDescriptorsExhausted = { newcomers in
            logger.error(
                "descriptors.exhausted",
                ["section": configuration.section, "closed": String(newcomers), "remedy": "raise ulimit -n"])
        }
        health = try LoopTimer(loop: registry.loop) { [unowned self] in self.checkHealth() }
        health?.start(afterMs: TCPDoor.healthMs, repeatMs: TCPDoor.healthMs)
    }

    /// Nobody is here any more.
    package var isEmpty: Bool { viewers.isEmpty }

    /// Takes no one in any more; those who are here stay until their stream or the node ends them.
    package func stopAccepting() {
        listener?.close()
        listener = nil
    }

    package func close() {
        stopAccepting()
        health?.close()
        for seat in viewers.values {
            seat.viewer.leave()
            seat.connection.close()
        }
        viewers.removeAll()
    }

    private func accepted(_ connection: TCPConnection) {
        let peer = connection.peer
        if let filter = configuration.filter,
            filter.contains(IPAddress(high: peer.bytes.high, low: peer.bytes.low))
        {
            counters.refusedAddress += 1
            return refuse(connection, "address is in [custom] FilterIps: it pushes, and does not watch")
        }
        if let full = limit.refusal(atDoor: viewers.count, atNode: registry.viewers) {
            counters.refusedLimit += 1
            return refuse(connection, full)
        }
        let answer = registry.join(id) { [weak self] stream in
            guard let self, !connection.isClosed else { return }
            self.joined(connection, stream)
        }
        switch answer {
        case .now(let stream): joined(connection, stream)
        case .pending: break
        case .no: joined(connection, nil)
        }
    }

    private func joined(_ connection: TCPConnection, _ stream: LiveStream?) {
        guard let stream else {
            counters.refusedStream += 1
            return refuse(connection, "no stream \(id)")
        }
        counters.accepted += 1
        connection.setNoDelay()
        connection.setKeepAlive()
        connection.setNotSentLowat(bytes: TCPDoor.unsentBytesMax)
        let viewer = Viewer(
            audience: stream.audience, outlet: .connection(connection), key: .base, tier: "tcp",
            peer: connection.peer.description,
            start: StartRule(configuration.start, gopBytes: stream.policy.gopBytes),
            lag: LagRule(configuration.lag), kicksWhenBehind: configuration.lagPolicy == .kick)
        let key = ObjectIdentifier(connection)
        viewers[key] = Seat(connection: connection, viewer: viewer)
        viewer.onEnd = { [unowned self, unowned connection] end in
            if end == .tooSlow { self.counters.kicked += 1 }
            self.gone(connection, "\(end)")
        }
        // A viewer has nothing to say; reading is how its end is noticed.
        connection.startReading(
            onRead: { _ in },
            onEnd: { [unowned self, unowned connection] error in
                self.gone(connection, error?.description ?? "closed by the viewer")
            })
        logger.debug("viewer.joined", ["stream": id.description, "tier": "tcp", "from": viewer.peer])
        stream.add(viewer)
    }

    private func gone(_ connection: TCPConnection, _ why: String) {
        guard let seat = viewers.removeValue(forKey: ObjectIdentifier(connection)) else { return }
        seat.viewer.leave()
        logger.debug("viewer.left", ["stream": id.description, "tier": "tcp", "from": seat.viewer.peer, "why": why])
        connection.close()
    }

    private func checkHealth() {
        for seat in viewers.values where seat.connection.hasPeerVanished(withinMs: TCPDoor.vanishedMs) {
            counters.vanished += 1
            gone(seat.connection, "no sign of it for \(TCPDoor.vanishedMs) ms")
        }
    }

    private func refuse(_ connection: TCPConnection, _ why: String) {
        logger.info(
            "viewer.refused",
            ["section": configuration.section, "from": connection.peer.description, "why": why])
        connection.close()
    }
}

@available(*, unavailable) extension TCPDoor: Sendable {}
