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
    private var base = Lane(framing: .bare)
    private(set) var framed: [FramedLane] = []
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
    private(set) var droppedBefore: (pictures: UInt64, packets: UInt64) = (0, 0)
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
        audience = Audience(loop: registry.loop)
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
    var memoryBytes: Int { framed.reduce(base.memoryBytes) { $0 + $1.lane.memoryBytes } }

    // MARK: Publishers

    /// Why a sender would be refused if its first packets came now; nil when it would not.
    package func refusal(of kind: SourceKind, peer: SocketAddress, isProven: Bool) -> TakeoverRule.Refusal? {
        let host = kind == .udp ? peer.description : peer.hostDescription
        return refusal(of: TakeoverRule.Party(kind: kind, host: host, isProven: isProven), nowMs: loop.nowMs)
    }

    private func refusal(of party: TakeoverRule.Party, nowMs: Int64) -> TakeoverRule.Refusal? {
        let lastMs = source?.lastPacketsMs ?? 0
        return rule.refusal(of: party, current: source?.party, currentSilentMs: nowMs - lastMs, nowMs: nowMs)
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
        var refusal = refusal(of: session.party, nowMs: nowMs)
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
        base.forgetStart()
        for index in framed.indices { framed[index].forgetStart() }
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
        base.forgetStart()
        for index in framed.indices { framed[index].sourceChanged() }
        setOpaque(false)
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
        setGates()
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
        if base.view.isSilent { setSilent(false) }
        base.append(chunk, mark, tables: tables)
        for index in framed.indices { framed[index].append(chunk, mark, tables: tables) }
        lastEmitMs = nowMs
        markDirty()
    }

    private func trim(nowMs: Int64) {
        let sinceMs = nowMs - registry.lagMsMax
        base.trim(keepingSince: sinceMs, bytes: registry.lagBytesMax, startBytes: policy.gopBytes)
        for index in framed.indices {
            framed[index].trim(keepingSince: sinceMs, bytes: registry.lagBytesMax, startBytes: policy.gopBytes)
        }
        registry.noteMemory(of: self)
    }

    /// Gives back all history: the memory for buffers is used up.
    func dropHistory(nowMs: Int64) {
        pump()  // nobody who keeps up loses a packet by this
        base.forgetStart()
        base.trim(keepingSince: nowMs + 1, bytes: 0, startBytes: 0)
        for index in framed.indices {
            framed[index].forgetStart()
            framed[index].trim(keepingSince: nowMs + 1, bytes: 0, startBytes: 0)
        }
        markDirty()
    }

    private func setGates() {
        guard !framed.isEmpty else { return }
        let info = analyzer.info
        let isOn: Bool
        switch policy.gate {
        case .off: isOn = false
        case .on: isOn = true
        case .auto:
            // A new source shows its codec with its first sequence header, and may begin with the rest of a picture:
            // the gate of the source before it stays until then.
            isOn = info.videoCodec == .mpeg1 || info.videoCodec == .unknown
        }
        if isOn, info.videoPID == nil, info.videoCodec == .unknown { return }
        for index in framed.indices { framed[index].setGate(videoPID: isOn ? info.videoPID : nil) }
    }

    private func setOpaque(_ isOpaque: Bool) {
        base.setOpaque(isOpaque)
        for index in framed.indices { framed[index].setOpaque(isOpaque) }
    }

    private func setSilent(_ isSilent: Bool) {
        base.setSilent(isSilent)
        for index in framed.indices { framed[index].setSilent(isSilent) }
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

    /// Takes a viewer in, with a lane of its framing.
    package func add(_ viewer: Viewer) {
        let nowMs = loop.nowMs
        let info = analyzer.info
        let silentMs = SilenceRule.silentMs(gopTicks: info.gopTicks, gopPictures: info.gopPictures)
        if source != nil, nowMs - lastPacketsMs >= silentMs { setSilent(true) }
        audience.add(viewer, view: view(for: viewer), nowMs: nowMs)
    }

    /// Writes what is new to every viewer. Called from the prepare handle, before the loop blocks.
    func pump() {
        isDirty = false
        let nowMs = loop.nowMs
        audience.pump(key: .base, view: base.view, nowMs: nowMs)
        for index in framed.indices {
            audience.pump(key: framed[index].key, view: framed[index].lane.view, nowMs: nowMs)
        }
    }

    /// The lane of the viewer's framing. A new one is filled from a start only if this viewer takes it: to frame and check
    /// a GOP of 16 MB for nothing would hold the loop for 130 ms.
    private func view(for viewer: Viewer) -> LaneView {
        if viewer.key == .base { return base.view }
        if let known = framed.first(where: { $0.key == viewer.key }) { return known.lane.view }
        framed.append(FramedLane(key: viewer.key))
        setGates()
        setOpaque(base.view.isOpaque)
        setSilent(base.view.isSilent)
        let last = framed.count - 1
        guard case .gop(let bytesMax) = viewer.start, let start = base.view.start,
            base.view.headOffset - start.offset <= Int64(bytesMax)
        else { return framed[last].lane.view }
        base.forEachChunkFromStart { chunk, mark in
            let needsTables = mark.flags.contains(.randomAccess) && !mark.flags.contains(.tables)
            framed[last].append(chunk, mark, tables: needsTables ? base.view.start?.preamble ?? [] : [])
        }
        return framed[last].lane.view
    }

    // MARK: Time

    /// Called a few times a second.
    func tick(nowMs: Int64) {
        for index in framed.indices {
            guard let dueMs = framed[index].holdDeadlineMs, nowMs >= dueMs else { continue }
            framed[index].expire(nowMs: nowMs)
            // What comes out of a gate after its publisher has gone is no place to start at, either.
            if source == nil { framed[index].forgetStart() }
            markDirty()
        }
        if let waiting = newcomer, nowMs - waiting.sinceMs >= LiveStream.handoverMsMax {
            handOver(to: waiting, nowMs: nowMs)
        }
        let showsNothing = source != nil && base.view.pictures == 0 && nowMs - firstPacketMs > LiveStream.opaqueMs
        if showsNothing != base.view.isOpaque {
            setOpaque(showsNothing)
            markDirty()
        }
        rate.tick(bytes: bytesIn, nowMs: nowMs)
        audience.sweep(nowMs: nowMs)
        dropUnwatchedLanes()
        if source == nil, !isConfigured, nowMs - idleSinceMs >= policy.grace.milliseconds {
            audience.endAll(.streamEnded)
        }
    }

    /// Nothing is left of this stream that anyone could want.
    var isOver: Bool {
        !isConfigured && sessions == 0 && audience.count == 0
            && loop.nowMs - idleSinceMs >= policy.grace.milliseconds
    }

    private func dropUnwatchedLanes() {
        let watched = audience.keys
        for lane in framed where !watched.contains(lane.key) {
            droppedBefore.pictures += lane.picturesDropped
            droppedBefore.packets += lane.packetsDropped
        }
        framed.removeAll { !watched.contains($0.key) }
    }
}

@available(*, unavailable) extension LiveStream: Sendable {}
