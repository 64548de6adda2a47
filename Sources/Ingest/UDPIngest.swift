package import Configuration
package import LoopIO
package import Streaming
package import Telemetry

/// Takes transport streams in datagrams. Each sender has a session of its own; one holds the stream until it is silent.
package final class UDPIngest {
    /// What the kernel is asked to hold for us: a picture comes as one burst.
    package static let receiveBufferBytes = 4 << 20
    /// How often silent senders and the kernel's drops are looked for.
    static let sweepMs: Int64 = 250
    /// Least time between two lines about the kernel's drops.
    static let dropsMs: Int64 = 10_000
    /// Refused senders that are remembered, so that each is counted once and not with every datagram.
    static let refusedMax = 256

    package let localAddress: SocketAddress
    package private(set) var counters = IngestCounters()
    /// Bytes of datagrams that the kernel really holds for us.
    package private(set) var receiveBufferBytes = 0
    private let configuration: IngestConfiguration
    private let allowlist: Allowlist
    private let registry: StreamRegistry
    private let logger: Logger
    private let limits: IngestLimits
    private let refusals: RefusalLog
    private let silentMsMax: Int64
    private let socket: UDPSocket
    private var sweeper: LoopTimer?
    private var senders: [SocketAddress: SourceSession] = [:]
    /// When each refused sender was heard last.
    private var refused: [SocketAddress: Int64] = [:]
    /// The sender of the last datagram: most often that of the next too.
    private var last: (address: SocketAddress, session: SourceSession)?
    private var dropsTold: UInt32 = 0
    private var dropsToldMs: Int64?

    package init(
        configuration: IngestConfiguration, address: SocketAddress, allowlist: Allowlist, registry: StreamRegistry,
        logger: Logger, limits: IngestLimits = IngestLimits()
    ) throws(IOError) {
        self.configuration = configuration
        self.allowlist = allowlist
        self.registry = registry
        self.logger = logger
        self.limits = limits
        let interface = configuration.interface.isEmpty ? nil : configuration.interface
        refusals = try RefusalLog(
            loop: registry.loop, logger: logger, level: .warn, event: "publisher.refused",
            section: configuration.section, windowMs: limits.refusalWindowMs)
        do throws(IOError) {
            socket = try UDPSocket(
                loop: registry.loop, address: address, interface: interface,
                source: configuration.source.map { SocketAddress($0, port: 0) })
        } catch {
            refusals.close()
            throw error
        }
        do throws(IOError) {
            localAddress = try socket.boundAddress()
        } catch {
            refusals.close()
            socket.close()
            throw error
        }
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
        do throws(IOError) {
            sweeper = try LoopTimer(loop: registry.loop) { [unowned self] in self.sweep() }
            sweeper?.start(afterMs: UDPIngest.sweepMs, repeatMs: UDPIngest.sweepMs)
            socket.onReceiveFailed = { [refusals] error in refusals.receiveFailed(error) }
            try socket.startReceiving { [unowned self] bytes, sender in self.received(bytes, from: sender) }
        } catch {
            close()
            throw error
        }
    }

    package func close() {
        sweeper?.close()
        socket.close()
        let nowMs = registry.loop.nowMs
        for session in senders.values { session.senderGone(isComplete: false, nowMs: nowMs) }
        senders.removeAll()
        last = nil
        refusals.close()
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
            if isNewRefusal(of: sender, nowMs: nowMs) { counters.refusedAddress += 1 }
            refusals.refused(sender, kind: "address", "address is not in [authority] Ips")
            return nil
        }
        guard senders.count < limits.sendersMax else {
            if isNewRefusal(of: sender, nowMs: nowMs) { counters.refusedLimit += 1 }
            refusals.refused(sender, kind: "limit", "more than \(limits.sendersMax) senders at once")
            return nil
        }
        let stream: LiveStream
        do throws(StreamRegistry.Refusal) {
            stream = try registry.obtain(configuration.stream)
        } catch {
            if isNewRefusal(of: sender, nowMs: nowMs) { counters.refusedLimit += 1 }
            refusals.refused(sender, kind: "limit", RefusalText.text(for: error))
            return nil
        }
        if let refusal = stream.refusal(of: .udp, peer: sender, isProven: false) {
            if isNewRefusal(of: sender, nowMs: nowMs) {
                counters.refusedTaken += 1
                stream.publisherRefused()
            }
            let end = SourceSession.End.refused(refusal)
            refusals.refused(
                sender, kind: RefusalText.kind(of: end),
                RefusalText.text(for: end, stream: configuration.stream.description))
            return nil
        }
        let session = SourceSession(
            stream: stream, kind: .udp, peer: sender, section: configuration.section, isProven: false, nowMs: nowMs)
        session.onEnd = { [unowned self] end in self.ended(sender, end) }
        senders[sender] = session
        counters.accepted += 1
        return session
    }

    private func ended(_ sender: SocketAddress, _ end: SourceSession.End) {
        forget(sender)
        if isNewRefusal(of: sender, nowMs: registry.loop.nowMs) { counters.count(end) }
        refusals.refused(
            sender, kind: RefusalText.kind(of: end),
            RefusalText.text(for: end, stream: configuration.stream.description))
    }

    private func forget(_ sender: SocketAddress) {
        senders[sender] = nil
        if last?.address == sender { last = nil }
    }

    /// Whether this sender was not refused a moment ago: datagrams are many, refusals are counted by senders.
    private func isNewRefusal(of sender: SocketAddress, nowMs: Int64) -> Bool {
        if refused[sender] == nil, refused.count >= UDPIngest.refusedMax { return true }
        return refused.updateValue(nowMs, forKey: sender) == nil
    }

    private func sweep() {
        let nowMs = registry.loop.nowMs
        for (sender, session) in senders where nowMs - session.lastBytesMs >= silentMsMax {
            forget(sender)
            session.senderGone(isComplete: false, nowMs: nowMs)
        }
        for (sender, heardMs) in refused where nowMs - heardMs >= silentMsMax { refused[sender] = nil }
        tellDrops(nowMs: nowMs)
    }

    private func tellDrops(nowMs: Int64) {
        let drops = socket.kernelDrops
        guard drops != dropsTold else { return }
        if let dropsToldMs, nowMs - dropsToldMs < UDPIngest.dropsMs { return }
        logger.warn(
            "udp.dropped",
            [
                "section": configuration.section, "datagrams": String(drops &- dropsTold),
                "why": "they came faster than they were read", "buffer": String(receiveBufferBytes),
            ])
        dropsTold = drops
        dropsToldMs = nowMs
    }
}

@available(*, unavailable) extension UDPIngest: Sendable {}
