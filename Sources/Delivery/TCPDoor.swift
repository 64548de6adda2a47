package import Configuration
import Fanout
package import LoopIO
package import Streaming
package import Telemetry

/// Gives one stream to every TCP connection, packet for packet.
package final class TCPDoor {
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
    private let refusals: RefusalLog
    private var listener: TCPListener?
    private var health: LoopTimer?
    private var seats: [ObjectIdentifier: Seat] = [:]

    private struct Seat {
        let connection: TCPConnection
        let viewer: Viewer
    }

    /// The one door of a section.
    package convenience init(
        configuration: ViewerConfiguration, address: SocketAddress, registry: StreamRegistry, logger: Logger
    ) throws(IOError) {
        try self.init(
            configuration: configuration, share: try DoorShare(address), registry: registry, logger: logger)
    }

    /// One of several doors of a section, each on its loop.
    package init(
        configuration: ViewerConfiguration, share: DoorShare, registry: StreamRegistry, logger: Logger
    ) throws(IOError) {
        self.configuration = configuration
        self.registry = registry
        self.logger = logger
        limit = ViewerLimit(door: configuration, seats: share.seats, registry: registry)
        id = if case .one(let id) = configuration.streams { id } else { .main }
        localAddress = share.address
        refusals = try RefusalLog(
            loop: registry.loop, logger: logger, level: .info, event: "viewer.refused", section: configuration.section)
        do throws(IOError) {
            health = try LoopTimer(loop: registry.loop) { [unowned self] in self.checkHealth() }
            listener = try TCPListener(loop: registry.loop, address: localAddress, exclusive: false) {
                [unowned self] connection in self.accepted(connection)
            }
        } catch {
            close()
            throw error
        }
        listener?.onDescriptorsExhausted = { [refusals] in refusals.descriptorsExhausted($0) }
        listener?.onAcceptFailed = { [refusals] in refusals.acceptFailed($0) }
        listener?.onAcceptsDelayed = { [refusals] in refusals.acceptsDelayed($0) }
        health?.start(afterMs: TCPDoor.healthMs, repeatMs: TCPDoor.healthMs)
    }

    /// Nobody is here any more.
    package var isEmpty: Bool { seats.isEmpty }

    /// Takes no one in any more; those who are here stay until their stream or the node ends them.
    package func stopAccepting() {
        listener?.close()
        listener = nil
    }

    package func close() {
        stopAccepting()
        health?.close()
        let leaving = seats
        seats.removeAll()
        limit.giveBack(leaving.count)
        for seat in leaving.values {
            seat.viewer.leave()
            seat.connection.close()
        }
        refusals.close()
    }

    private func accepted(_ connection: TCPConnection) {
        let peer = connection.peer
        if let filter = configuration.filter,
            filter.contains(IPAddress(high: peer.bytes.high, low: peer.bytes.low))
        {
            counters.refusedAddress += 1
            return refuse(
                connection, kind: "filter",
                "address is in [\(configuration.section)] FilterIps: it pushes, and does not watch")
        }
        if let full = limit.refusal {
            counters.refusedLimit += 1
            return refuse(connection, kind: "limit", full)
        }
        let answer = registry.join(id) { [weak self] stream in
            guard let self, self.listener != nil, !connection.isClosed else { return connection.close() }
            self.joined(connection, stream)
        }
        switch answer {
        case .now(let stream): joined(connection, stream)
        case .pending: break
        case .no: joined(connection, nil)
        }
    }

    private func joined(_ connection: TCPConnection, _ stream: WatchedStream?) {
        guard let stream else {
            counters.refusedStream += 1
            return refuse(connection, kind: "stream", "there is no stream \(id)")
        }
        if let full = limit.takeSeat() {
            counters.refusedLimit += 1
            return refuse(connection, kind: "limit", full)
        }
        counters.accepted += 1
        connection.setNoDelay()
        connection.setKeepAlive()
        KernelBuffer.bound(connection)
        let viewer = Viewer(
            audience: stream.audience, outlet: .connection(connection), key: .base, tier: .tcp,
            start: StartRule(configuration.start, gopBytes: stream.policy.gopBytes),
            lag: LagRule(configuration.lag), kicksWhenBehind: configuration.lagPolicy == .kick)
        seats[ObjectIdentifier(connection)] = Seat(connection: connection, viewer: viewer)
        viewer.onEnd = { [unowned self, unowned connection] end in
            if end == .tooSlow { self.counters.kicked += 1 }
            self.gone(connection, end.text)
        }
        // A viewer has nothing to say; reading is how its end is noticed.
        connection.startReading(
            onRead: { _ in },
            onEnd: { [unowned self, unowned connection] error in
                self.gone(connection, error?.description ?? "closed by the viewer")
            })
        logger.debug("viewer.joined", ["stream": id.description, "tier": "tcp", "from": connection.peer.description])
        stream.add(viewer)
    }

    private func gone(_ connection: TCPConnection, _ why: String) {
        guard let seat = seats.removeValue(forKey: ObjectIdentifier(connection)) else { return }
        limit.giveBack()
        seat.viewer.leave()
        logger.debug(
            "viewer.left",
            ["stream": id.description, "tier": "tcp", "from": connection.peer.description, "why": why])
        connection.close()
    }

    private func checkHealth() {
        for seat in seats.values where seat.connection.hasPeerVanished(withinMs: TCPDoor.vanishedMs) {
            counters.vanished += 1
            gone(seat.connection, "no sign of it for \(TCPDoor.vanishedMs) ms")
        }
    }

    private func refuse(_ connection: TCPConnection, kind: String, _ why: @autoclosure () -> String) {
        refusals.refused(connection.peer, kind: kind, why())
        connection.close()
    }
}

@available(*, unavailable) extension TCPDoor: Sendable {}
