package import Configuration
package import LoopIO
package import Streaming
package import Telemetry

/// Takes transport streams in datagrams. Each sender has a session of its own; one holds the stream until it is silent.
package final class UDPIngest {
    /// Senders that are told apart at once; more are ignored.
    package static let sendersMax = 64
    /// What the kernel is asked to hold for us: a picture comes as one burst.
    package static let receiveBufferBytes = 4 << 20
    /// How often silent senders are looked for.
    static let sweepMs: Int64 = 250

    package let localAddress: SocketAddress
    package private(set) var counters = IngestCounters()
    /// Bytes of datagrams that the kernel really holds for us.
    package private(set) var receiveBufferBytes = 0
    private let configuration: IngestConfiguration
    private let allowlist: Allowlist
    private let registry: StreamRegistry
    private let logger: Logger
    private let silentMsMax: Int64
    private let socket: UDPSocket
    private var sweeper: LoopTimer?
    private var senders: [SocketAddress: SourceSession] = [:]
    /// Senders that were refused, each logged once.
    private var refused: Set<SocketAddress> = []
    /// The sender of the last datagram: most often that of the next too.
    private var last: (address: SocketAddress, session: SourceSession)?

    package init(
        configuration: IngestConfiguration, address: SocketAddress, allowlist: Allowlist, registry: StreamRegistry,
        logger: Logger
    ) throws(IOError) {
        self.configuration = configuration
        self.allowlist = allowlist
        self.registry = registry
        self.logger = logger
        let interface = configuration.interface.isEmpty ? nil : configuration.interface
        socket = try UDPSocket(loop: registry.loop, address: address, interface: interface)
        localAddress = socket.localAddress ?? address
        let hold = registry.configuration.policy(for: configuration.stream).hold.milliseconds
        silentMsMax = max(hold, LiveStream.liveMs)
        receiveBufferBytes = socket.setReceiveBuffer(bytes: UDPIngest.receiveBufferBytes)
        if receiveBufferBytes < UDPIngest.receiveBufferBytes {
            logger.warn(
                "udp.buffer",
                [
                    "section": configuration.section, "wanted": String(UDPIngest.receiveBufferBytes),
                    "got": String(receiveBufferBytes),
                    "remedy": "sysctl -w net.core.rmem_max=\(UDPIngest.receiveBufferBytes)",
                ])
        }
        socket.startReceiving { [unowned self] bytes, sender in self.received(bytes, from: sender) }
        sweeper = try LoopTimer(loop: registry.loop) { [unowned self] in self.sweep() }
        sweeper?.start(afterMs: UDPIngest.sweepMs, repeatMs: UDPIngest.sweepMs)
    }

    package func close() {
        sweeper?.close()
        socket.close()
        let nowMs = registry.loop.nowMs
        for session in senders.values { session.senderGone(isComplete: false, nowMs: nowMs) }
        senders.removeAll()
        last = nil
    }

    /// Datagrams that the kernel dropped since its buffer was full.
    package var kernelDrops: UInt32 { socket.kernelDrops }

    private func received(_ bytes: Span<UInt8>, from sender: SocketAddress) {
        let nowMs = registry.loop.nowMs
        if let last, last.address == sender { return last.session.deliver(bytes, nowMs: nowMs) }
        guard let session = session(of: sender, nowMs: nowMs) else {
            counters.datagramsIgnored += 1
            return
        }
        last = (sender, session)
        session.deliver(bytes, nowMs: nowMs)
    }

    private func session(of sender: SocketAddress, nowMs: Int64) -> SourceSession? {
        if let known = senders[sender] { return known }
        guard allowlist.allows(sender) else {
            counters.refusedAddress += 1
            refuse(sender, "address is not in [authority] Ips")
            return nil
        }
        guard senders.count < UDPIngest.sendersMax, let stream = try? registry.obtain(configuration.stream) else {
            counters.refusedLimit += 1
            refuse(sender, "more than \(UDPIngest.sendersMax) senders at once")
            return nil
        }
        if let refusal = stream.refusal(of: .udp, peer: sender, isProven: false) {
            counters.refusedTaken += 1
            refuse(sender, RefusalText.text(for: .refused(refusal), stream: configuration.stream.description))
            return nil
        }
        let session = SourceSession(
            stream: stream, kind: .udp, peer: sender, section: configuration.section, isProven: false, nowMs: nowMs)
        session.onEnd = { [unowned self] end in self.ended(sender, end) }
        senders[sender] = session
        refused.remove(sender)
        counters.accepted += 1
        return session
    }

    private func ended(_ sender: SocketAddress, _ end: SourceSession.End) {
        forget(sender)
        if case .refused = end { counters.refusedTaken += 1 }
        refuse(sender, RefusalText.text(for: end, stream: configuration.stream.description))
    }

    private func forget(_ sender: SocketAddress) {
        senders[sender] = nil
        if last?.address == sender { last = nil }
    }

    private func refuse(_ sender: SocketAddress, _ why: String) {
        if refused.count >= 4 * UDPIngest.sendersMax { refused.removeAll() }
        guard refused.insert(sender).inserted else { return }
        logger.warn(
            "publisher.refused", ["section": configuration.section, "from": sender.description, "why": why])
    }

    private func sweep() {
        let nowMs = registry.loop.nowMs
        for (sender, session) in senders where nowMs - session.lastBytesMs >= silentMsMax {
            forget(sender)
            session.senderGone(isComplete: false, nowMs: nowMs)
        }
    }
}

@available(*, unavailable) extension UDPIngest: Sendable {}
