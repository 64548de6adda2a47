package import Configuration
import Fanout
package import LoopIO
import Telemetry
import TransportStream

/// One live stream on its home loop: its source, its lanes, and its viewers.
///
/// ```
/// source session -> analyzer -> chunk cutter -> base lane -> framed lanes -> audience -> outlets
/// ```
///
/// Bytes are looked at once and copied once per lane; the audience is pumped once a turn of the loop, before it blocks.
package final class LiveStream {
    /// A source that sent packets within this time is live.
    package static let liveMs: Int64 = 2000
    /// Takeover of a source in mid-picture: the newcomer's bytes wait for that picture's end, at most so long.
    static let handoverMsMax: Int64 = 200
    /// A source that shows no picture for so long may be joined anywhere.
    static let opaqueMs: Int64 = 2000

    package let id: StreamID
    package let policy: StreamPolicy
    /// Named by the configuration: its viewers may wait without a publisher for ever.
    package let isConfigured: Bool
    package let loop: EventLoop
    package let audience: Audience
    private let logger: Logger
    private unowned let registry: StreamRegistry

    private(set) var analyzer = StreamAnalyzer()
    private var cutter = ChunkCutter()
    private var events: [PacketEvent] = []
    private(set) var lanes: LaneSet
    /// The loops that follow this stream.
    private(set) var far = FarAudiences()
    private var statusSentMs: Int64 = 0
    private(set) var source: SourceSession?
    private var newcomer: Newcomer?
    /// Senders that are connected; those that have not sent yet are no source.
    private var sessions = 0
    private var rule: TakeoverRule
    private var flushTimer: LoopTimer?
    private var flushDueMs: Int64?
    private var isDirty = false
    private var needsReset = false
    private var lastEmitMs: Int64 = 0
    private(set) var lastPacketsMs: Int64 = 0
    private(set) var firstPacketMs: Int64 = 0
    /// When the source went, or when the stream was made.
    private(set) var idleSinceMs: Int64
    private(set) var hadSource = false
    private(set) var sourceChanges: UInt64 = 0
    private(set) var publishersRefused: UInt64 = 0
    private(set) var bytesIn: UInt64 = 0
    private(set) var packets: UInt64 = 0
    private(set) var rate = RateMeter()

    init(id: StreamID, policy: StreamPolicy, isConfigured: Bool, registry: StreamRegistry) throws(IOError) {
        self.id = id
        self.policy = policy
        self.isConfigured = isConfigured
        self.registry = registry
        loop = registry.loop
        logger = registry.logger
        audience = Audience(loop: registry.loop, directory: registry.directory)
        lanes = LaneSet(policy: policy)
        rule = TakeoverRule(policy: policy.takeover, holdMs: policy.hold.milliseconds)
        idleSinceMs = registry.loop.nowMs
        flushTimer = try LoopTimer(loop: registry.loop) { [unowned self] in self.flushTimerFired() }
    }

    /// Ends the source and lets go of everything. The viewers have gone before.
    func close() {
        source?.end(.stopping)
        newcomer?.session.end(.stopping)
        flushTimer?.close()
        flushTimer = nil
    }

    package var isLive: Bool { source != nil && loop.nowMs - lastPacketsMs < LiveStream.liveMs }
    package var hasSource: Bool { source != nil }
    var sourceHost: SocketAddress.Bytes? { source?.peer.bytes }
    /// Bytes of memory that the lanes take.
    var memoryBytes: Int { lanes.memoryBytes }

    // MARK: Publishers

    /// Why a sender would be refused if its first packets came now; nil when it would not.
    package func refusal(of kind: SourceKind, peer: SocketAddress, isProven: Bool) -> TakeoverRule.Refusal? {
        let host = kind == .udp ? peer.description : peer.hostDescription
        let party = TakeoverRule.Party(kind: kind, host: host, isProven: isProven)
        return refusal(of: party, hasGone: false, nowMs: loop.nowMs)
    }

    private func refusal(of party: TakeoverRule.Party, hasGone: Bool, nowMs: Int64) -> TakeoverRule.Refusal? {
        let silentMs = nowMs - (source?.lastPacketsMs ?? 0)
        return rule.refusal(
            of: party, hasGone: hasGone, current: source?.party, currentSilentMs: silentMs, nowMs: nowMs)
    }

    /// A way in has refused a sender without asking it for a byte.
    package func publisherRefused() { publishersRefused += 1 }

    /// A sender has connected. Called by the session alone.
    func sessionOpened() { sessions += 1 }

    /// Takes a run of whole packets of a session. Called by the session alone.
    func take(_ run: Span<UInt8>, from session: SourceSession, nowMs: Int64) {
        guard !session.isEnded else { return }
        if session === source { return consume(run, nowMs: nowMs) }
        if newcomer?.session === session { return hold(run, nowMs: nowMs) }
        let hasGone = source != nil && session.hasSenderGone()
        var refusal = refusal(of: session.party, hasGone: hasGone, nowMs: nowMs)
        if refusal == nil, newcomer != nil { refusal = .taken }
        if let refusal {
            publishersRefused += 1
            return session.end(.refused(refusal))
        }
        if let old = source, cutter.isInPicture, nowMs - old.lastPacketsMs < LiveStream.handoverMsMax {
            newcomer = Newcomer(session: session, sinceMs: nowMs)
            return hold(run, nowMs: nowMs)
        }
        become(session, nowMs: nowMs)
        consume(run, nowMs: nowMs)
    }

    /// Everything that one read brought has been taken: decides about the flush. Called by the session alone.
    func runsDelivered(by session: SourceSession, nowMs: Int64) {
        guard session === source, cutter.waitingBytes > 0 else { return }
        let delayMs = policy.flushDelay.milliseconds
        if session.kind != .udp, nowMs - lastEmitMs >= delayMs { return flush(nowMs: nowMs) }
        if flushDueMs == nil {
            flushDueMs = nowMs + delayMs
            flushTimer?.start(afterMs: delayMs)
        }
    }

    /// A session has ended, by itself or by our refusal. Called by the session alone.
    func sessionGone(_ session: SourceSession, isComplete: Bool, nowMs: Int64) {
        sessions -= 1
        if newcomer?.session === session { newcomer = nil }
        guard session === source else { return }
        source = nil
        sourceLost(nowMs: nowMs)
        registry.publishers.gone(session, id, isComplete: isComplete, nowMs: nowMs)
        if let waiting = newcomer { handOver(to: waiting, nowMs: nowMs) }
    }

    /// What the source left is emitted, and nobody may start at it any more.
    private func sourceLost(nowMs: Int64) {
        idleSinceMs = nowMs
        needsReset = true
        flush(nowMs: nowMs)
        lanes.forgetStart()
        markDirty()
    }

    private func become(_ session: SourceSession, nowMs: Int64) {
        if let old = source {
            if nowMs - old.lastPacketsMs < TakeoverRule.aliveMs { rule.sourceEvicted(nowMs: nowMs) }
            source = nil
            old.end(.replaced(by: session.peer.description))
            needsReset = true
        }
        if needsReset { reset(nowMs: nowMs) }
        source = session
        firstPacketMs = nowMs
        if hadSource { sourceChanges += 1 }
        hadSource = true
        registry.publishers.started(session, id, nowMs: nowMs)
    }

    /// Nothing that was learned from the old source holds for the new one.
    private func reset(nowMs: Int64) {
        needsReset = false
        cutter.sourceChanged(nowMs: nowMs) { chunk, mark, _ in append(chunk, mark, tables: [], nowMs: nowMs) }
        analyzer.reset()
        lanes.sourceChanged()
    }

    private func hold(_ run: Span<UInt8>, nowMs: Int64) {
        newcomer?.hold(run)
        if let waiting = newcomer, waiting.isFull { handOver(to: waiting, nowMs: nowMs) }
    }

    private func handOver(to waiting: Newcomer, nowMs: Int64) {
        newcomer = nil
        become(waiting.session, nowMs: nowMs)
        consume(waiting.held.span, nowMs: nowMs)
    }

    // MARK: The data path

    private func consume(_ run: Span<UInt8>, nowMs: Int64) {
        events.removeAll(keepingCapacity: true)
        analyzer.analyze(run, into: &events)
        lastPacketsMs = nowMs
        bytesIn += UInt64(run.count)
        packets += UInt64(run.count / TSPacket.size)
        lanes.setGates(for: analyzer.info)
        guard let waiting = newcomer else { return cut(run, nowMs: nowMs) }
        // A newcomer waits for the end of this picture: nothing behind it is used.
        for (index, event) in events.enumerated() {
            let isEnd = event.flags.contains(.pictureEnd)
            guard isEnd || event.flags.contains(.pictureStart) else { continue }
            let packets = Int(event.index) + (isEnd ? 1 : 0)
            events.removeSubrange((isEnd ? index + 1 : index)...)
            cut(run.extracting(0..<packets * TSPacket.size), nowMs: nowMs)
            return handOver(to: waiting, nowMs: nowMs)
        }
        cut(run, nowMs: nowMs)
    }

    private func cut(_ run: Span<UInt8>, nowMs: Int64) {
        cutter.append(run, events: events, nowMs: nowMs) { chunk, mark, cutter in
            let needsTables = mark.flags.contains(.randomAccess) && !mark.flags.contains(.tables)
            append(chunk, mark, tables: needsTables ? cutter.tables : [], nowMs: nowMs)
        }
        trim(nowMs: nowMs)
    }

    private func flush(nowMs: Int64) {
        flushDueMs = nil
        cutter.flush(nowMs: nowMs) { chunk, mark, cutter in
            let needsTables = mark.flags.contains(.randomAccess) && !mark.flags.contains(.tables)
            append(chunk, mark, tables: needsTables ? cutter.tables : [], nowMs: nowMs)
        }
    }

    private func append(_ chunk: Span<UInt8>, _ mark: ChunkMark, tables: [UInt8], nowMs: Int64) {
        if lanes.base.view.isSilent { lanes.setSilent(false) }
        lanes.append(chunk, mark, tables: tables)
        lastEmitMs = nowMs
        // What waits from here on came after this flush, and has a FlushDelay of its own.
        flushDueMs = nil
        markDirty()
    }

    private func trim(nowMs: Int64) {
        lanes.trim(keepingSince: nowMs - registry.lagMsMax, bytes: registry.lagBytesMax)
        registry.noteMemory(of: self)
    }

    /// Gives back all history: the memory for buffers is used up.
    func dropHistory(nowMs: Int64) {
        pump()  // nobody who keeps up loses a packet by this
        lanes.dropHistory(nowMs: nowMs)
        markDirty()
    }

    private func flushTimerFired() {
        guard flushDueMs != nil else { return }
        flush(nowMs: loop.nowMs)
    }

    private func markDirty() {
        guard !isDirty else { return }
        isDirty = true
        registry.markDirty(self)
    }

    // MARK: Viewers

    /// Takes a viewer of this loop in, with a lane of its framing.
    package func add(_ viewer: Viewer) {
        look(forSilenceAt: loop.nowMs)
        let view = lanes.view(of: viewer.key, start: viewer.start, info: analyzer.info)
        audience.add(viewer, view: view, nowMs: loop.nowMs)
    }

    /// Nobody starts at the last picture of a source that has stopped sending.
    private func look(forSilenceAt nowMs: Int64) {
        let info = analyzer.info
        let silentMs = SilenceRule.silentMs(gopTicks: info.gopTicks, gopPictures: info.gopPictures)
        guard source != nil, !lanes.base.view.isSilent, nowMs - lastPacketsMs >= silentMs else { return }
        lanes.setSilent(true)
        if !far.isEmpty { markDirty() }  // the other loops have views of their own
    }

    /// Tells the other loops what is new, and writes it to every viewer here. Called from the prepare handle, before the
    /// loop blocks.
    func pump() {
        isDirty = false
        let nowMs = loop.nowMs
        // The others first: they write while this loop does.
        lanes.forEach { key, view in far.publish(key, view) }
        lanes.forEach { key, view in audience.pump(key: key, view: view, nowMs: nowMs) }
    }

    /// Another loop follows from here on.
    func attach(_ bridge: StreamBridge) {
        far.attach(bridge)
        bridge.publish(status)
    }

    /// Viewers of another loop want a lane.
    func open(_ key: LaneKey, for bridge: StreamBridge, ticket: Int, start: StartRule) {
        look(forSilenceAt: loop.nowMs)
        far.open(key, for: bridge, ticket: ticket, view: lanes.view(of: key, start: start, info: analyzer.info))
    }

    /// The last viewer of a lane has left another loop.
    func close(_ key: LaneKey, for bridge: StreamBridge) { far.close(key, for: bridge) }

    /// Another loop follows no more.
    func detach(_ bridge: StreamBridge) { far.detach(bridge) }

    // MARK: Time

    /// Called a few times a second.
    func tick(nowMs: Int64) {
        // What comes out of a gate after its publisher has gone is no place to start at, either.
        if lanes.expireGates(nowMs: nowMs, mayStart: source != nil) { markDirty() }
        if let waiting = newcomer, nowMs - waiting.sinceMs >= LiveStream.handoverMsMax {
            handOver(to: waiting, nowMs: nowMs)
        }
        let showsNothing = source != nil && lanes.base.view.pictures == 0 && nowMs - firstPacketMs > LiveStream.opaqueMs
        if showsNothing != lanes.base.view.isOpaque {
            lanes.setOpaque(showsNothing)
            markDirty()
        }
        if !far.isEmpty { look(forSilenceAt: nowMs) }
        rate.tick(bytes: bytesIn, nowMs: nowMs)
        audience.sweep(nowMs: nowMs)
        lanes.drop(where: { !audience.watches($0) && !far.wants($0) })
        if hasRunOut {
            audience.endAll(.streamEnded)
            far.endAll(.streamEnded)
        }
        if !far.isEmpty, nowMs - statusSentMs >= StreamFollower.reportMs {
            statusSentMs = nowMs
            far.publish(status)
        }
    }

    /// Its Grace is over, and no source has come: its viewers are let go, and it takes no one in.
    var hasRunOut: Bool {
        source == nil && !isConfigured && loop.nowMs - idleSinceMs >= policy.grace.milliseconds
    }

    /// Nothing is left of this stream that anyone could want.
    var isOver: Bool { hasRunOut && sessions == 0 && audience.count == 0 && far.isEmpty }
}

@available(*, unavailable) extension LiveStream: Sendable {}
