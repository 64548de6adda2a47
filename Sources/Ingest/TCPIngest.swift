package import Configuration
package import LoopIO
package import Streaming
package import Telemetry

/// Takes bare transport streams over TCP, from encoders and from parent nodes.
///
/// ```swift
/// let way = try TCPIngest(
///     configuration: ingest, share: try IngestShare(address), allowlist: Allowlist(configuration.authority),
///     registry: registry, logger: logger)
/// print("push to \(way.localAddress)")
/// ```
/// A publisher is read on its stream's home loop: one that was accepted elsewhere is handed over before its first byte is
/// read.
package final class TCPIngest {
    package let localAddress: SocketAddress
    package private(set) var counters = IngestCounters()
    private let configuration: IngestConfiguration
    private let allowlist: Allowlist
    private let registry: StreamRegistry
    private let logger: Logger
    private let limits: IngestLimits
    private let refusals: RefusalLog
    private let share: IngestShare<TCPIngest>
    private var listener: TCPListener?
    private var sweeper: LoopTimer?
    private var publishers: [ObjectIdentifier: Publisher] = [:]

    private struct Publisher {
        let connection: TCPConnection
        let session: SourceSession
    }

    /// One of several ways in of a section, each on its loop.
    package init(
        configuration: IngestConfiguration, share: IngestShare<TCPIngest>, allowlist: Allowlist,
        registry: StreamRegistry, logger: Logger, limits: IngestLimits = IngestLimits()
    ) throws(IOError) {
        self.configuration = configuration
        self.share = share
        self.allowlist = allowlist
        self.registry = registry
        self.logger = logger
        self.limits = limits
        localAddress = share.address
        refusals = try RefusalLog(
            loop: registry.loop, logger: logger, level: .warn, event: "publisher.refused",
            section: configuration.section, windowMs: limits.refusalWindowMs)
        do throws(IOError) {
            sweeper = try LoopTimer(loop: registry.loop) { [unowned self] in self.sweep() }
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
        sweeper?.start(afterMs: limits.sweepMs, repeatMs: limits.sweepMs)
        share.add(self, on: registry)
    }

    /// Connections that are read here.
    package var connections: Int { publishers.count }

    package func close() {
        share.remove(from: registry)
        listener?.close()
        listener = nil
        sweeper?.close()
        sweeper = nil
        for publisher in publishers.values {
            publisher.session.senderGone(isComplete: false, nowMs: registry.loop.nowMs)
            publisher.connection.close()
        }
        publishers.removeAll()
        refusals.close()
    }

    private func accepted(_ connection: TCPConnection) {
        guard allowlist.allows(connection.peer) else {
            counters.refusedAddress += 1
            return refuse(connection, kind: "address", "address is not in [authority] Ips")
        }
        do throws(StreamRegistry.Refusal) {
            let home = try registry.home(of: configuration.stream)
            if home != registry.index { return try handOver(connection, to: home) }
            takeIn(connection, try registry.obtain(configuration.stream))
        } catch {
            counters.refusedLimit += 1
            refuse(connection, kind: "limit", RefusalText.text(for: error))
        }
    }

    /// Lets the way in on another loop have it.
    private func handOver(_ connection: TCPConnection, to home: Int) throws(StreamRegistry.Refusal) {
        let socket: DetachedSocket
        do throws(IOError) {
            socket = try connection.detach()
        } catch {
            throw .io(error)
        }
        counters.handedOver += 1
        share.handOver(to: home, from: registry) { $0.attach(socket) }
    }

    /// A publisher that another loop has accepted.
    private func attach(_ socket: DetachedSocket) {
        guard listener != nil else { return }
        do throws(IOError) {
            let connection = try TCPConnection(loop: registry.loop, attaching: socket)
            do throws(StreamRegistry.Refusal) {
                takeIn(connection, try registry.obtain(configuration.stream))
            } catch {
                counters.refusedLimit += 1
                refuse(connection, kind: "limit", RefusalText.text(for: error))
            }
        } catch {
            refusals.acceptFailed(error)
        }
    }

    private func takeIn(_ connection: TCPConnection, _ stream: LiveStream) {
        guard publishers.count < limits.publishersMax || makeRoom() else {
            counters.refusedLimit += 1
            return refuse(connection, kind: "limit", RefusalText.noPlace(publishersMax: limits.publishersMax))
        }
        counters.accepted += 1
        connection.setKeepAlive()
        let session = SourceSession(
            stream: stream, kind: .tcp, peer: connection.peer, section: configuration.section, isProven: false,
            nowMs: registry.loop.nowMs)
        publishers[ObjectIdentifier(connection)] = Publisher(connection: connection, session: session)
        logger.debug("ingest.connected", ["section": configuration.section, "from": connection.peer.description])
        session.onEnd = { [unowned self, unowned connection] end in
            self.ended(connection, end)
        }
        session.hasSenderGone = { [unowned connection] in connection.hasPeerEnded }
        let loop = registry.loop
        connection.startReading(
            onRead: { bytes in session.deliver(bytes, nowMs: loop.nowMs) },
            onEnd: { [unowned self, unowned connection] error in
                self.senderGone(connection, error)
            })
    }

    /// Closes the oldest connection that never sent a packet, if it had its time.
    private func makeRoom() -> Bool {
        let nowMs = registry.loop.nowMs
        let idle = publishers.values.filter {
            !$0.session.hasDelivered && nowMs - $0.session.startedMs >= limits.idleMs
        }
        guard let oldest = idle.min(by: { $0.session.startedMs < $1.session.startedMs }) else { return false }
        publishers[ObjectIdentifier(oldest.connection)] = nil
        counters.idleClosed += 1
        oldest.session.senderGone(isComplete: false, nowMs: nowMs)
        oldest.connection.close()
        return true
    }

    /// Closes who sends bytes, and never a packet.
    private func sweep() {
        let nowMs = registry.loop.nowMs
        for (key, publisher) in publishers
        where publisher.session.hasNoPacket(afterMs: limits.firstPacketMs, nowMs: nowMs) {
            publishers[key] = nil
            counters.refusedSlow += 1
            publisher.session.senderGone(isComplete: false, nowMs: nowMs)
            refuse(publisher.connection, kind: "slow", RefusalText.noPacket(withinMs: limits.firstPacketMs))
        }
    }

    private func senderGone(_ connection: TCPConnection, _ error: IOError?) {
        guard let publisher = publishers.removeValue(forKey: ObjectIdentifier(connection)) else { return }
        logger.debug(
            "ingest.closed",
            [
                "section": configuration.section, "from": connection.peer.description,
                "bytes": String(publisher.session.bytesIn), "why": error?.description ?? "closed by the publisher",
            ])
        publisher.session.senderGone(isComplete: false, nowMs: registry.loop.nowMs)
        connection.close()
    }

    private func ended(_ connection: TCPConnection, _ end: SourceSession.End) {
        guard publishers.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        counters.count(end)
        refuse(
            connection, kind: RefusalText.kind(of: end),
            RefusalText.text(for: end, stream: configuration.stream.description))
    }

    private func refuse(_ connection: TCPConnection, kind: String, _ why: @autoclosure () -> String) {
        refusals.refused(connection.peer, kind: kind, why())
        connection.close()
    }
}

@available(*, unavailable) extension TCPIngest: Sendable {}
