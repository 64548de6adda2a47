package import Configuration
package import LoopIO
package import Telemetry

/// The streams that one loop is home to, those that it follows from other loops, and the pump that runs once a turn of
/// the loop.
///
/// ```swift
/// let registry = try StreamRegistry(loop: loop, configuration: configuration, directory: directory, logger: logger)
/// let stream = try registry.obtain(.main)                       // for a publisher
/// registry.join(id) { stream in stream?.add(viewer) }           // for a viewer: now, later, or nil for never
/// ```
package final class StreamRegistry {
    /// Streams that may exist at once.
    package static let streamsMax = 1000
    /// How often gates, Grace and lag are looked at, in milliseconds.
    static let tickMs: Int64 = 50

    package enum Refusal: Error, Equatable {
        case tooManyStreams
        case io(IOError)
    }

    /// What a viewer that asks for a stream is told.
    package enum JoinAnswer {
        case now(WatchedStream)
        /// The answer comes later, by the closure: the stream is at home on another loop.
        case pending
        case no
    }

    package let loop: EventLoop
    package let logger: Logger
    package let configuration: NodeConfiguration
    package let directory: StreamDirectory
    /// Number of the loop.
    package private(set) var index = 0
    /// The largest lag that any door allows: lanes are kept so far back.
    let lagMsMax: Int64
    let lagBytesMax: Int
    private var streams: [StreamID: LiveStream] = [:]
    /// Who came and went. Told by the streams.
    var publishers: PublisherLog
    private let configured: Set<StreamID>
    private var dirty: [LiveStream] = []
    private var pumping: [LiveStream] = []
    private var followers: [StreamID: StreamFollower] = [:]
    private var dirtyFollowers: [StreamFollower] = []
    private var pumpingFollowers: [StreamFollower] = []
    private var hook: PrepareHook?
    private var ticker: LoopTimer?
    private var memoryBytesOf: [StreamID: Int] = [:]
    /// Streams here that were live at the last tick.
    private var liveStreams = 0
    /// Bytes of memory that all lanes of the node take.
    package var memoryBytes: Int { directory.memoryBytes }
    /// How often `BufferMemory` was reached.
    package private(set) var memoryLimitReached: UInt64 = 0
    private var memoryLimitLoggedMs: Int64 = .min / 2

    /// - Parameter directory: what this loop shares with the others of the node.
    package init(
        loop: EventLoop, configuration: NodeConfiguration, directory: StreamDirectory = StreamDirectory(),
        logger: Logger
    ) throws(IOError) {
        self.loop = loop
        self.configuration = configuration
        self.directory = directory
        self.logger = logger
        publishers = PublisherLog(logger: logger)
        configured = Set(StreamRegistry.configuredStreams(of: configuration))
        let lagMax = StreamRegistry.lagMax(of: configuration)
        lagMsMax = lagMax.ms
        lagBytesMax = lagMax.bytes
        hook = try PrepareHook(loop: loop) { [unowned self] in self.pump() }
        ticker = try LoopTimer(loop: loop) { [unowned self] in self.tick() }
        ticker?.start(afterMs: StreamRegistry.tickMs, repeatMs: StreamRegistry.tickMs)
        index = directory.add(self)
    }

    package func close() {
        for stream in streams.values { stream.close() }
        streams.removeAll()
        publishers.close()
        followers.removeAll()
        hook?.close()
        ticker?.close()
    }

    package var all: [LiveStream] { streams.values.sorted { $0.id.description < $1.id.description } }
    /// The node has a stream whose source sends, at home here or, as of the last tick, elsewhere.
    package var hasLiveStream: Bool {
        streams.values.contains { $0.isLive } || directory.liveStreams > liveStreams
    }
    /// Viewers of all streams and loops; children are none.
    package var viewers: Int { directory.viewers }

    /// A stream that is at home here.
    package func stream(_ id: StreamID) -> LiveStream? { streams[id] }

    /// Ends the viewers of this loop.
    package func endAll(_ reason: Viewer.End) {
        for stream in streams.values { stream.audience.endAll(reason) }
        for follower in followers.values { follower.endAll(reason) }
    }

    /// The loop that is home to a stream, which may not have been made yet. Its publishers and children belong there.
    ///
    /// A stream that the configuration names keeps its home for the node's life; another one until it ends, or until
    /// `giveUp` says that it was never made.
    /// - Returns: the loop's number, as `index`.
    package func home(of id: StreamID) throws(Refusal) -> Int {
        guard let home = directory.settle(id) else { throw .tooManyStreams }
        return home
    }

    /// Has work done on another loop of the node; dropped when that loop has ended.
    package func post(to loop: Int, _ work: @escaping @Sendable () -> Void) {
        directory.post(to: loop) { _ in work() }
    }

    /// The stream of that name, at home here, made if there is none.
    ///
    /// On its home loop; a stream without one is at home here from now on.
    package func obtain(_ id: StreamID) throws(Refusal) -> LiveStream {
        loop.preconditionOnLoop()
        if let known = streams[id] { return known }
        guard let home = directory.settle(id, at: index) else { throw .tooManyStreams }
        precondition(home == index, "a stream is made on its home loop")
        do {
            let stream = try LiveStream(
                id: id, policy: configuration.policy(for: id), isConfigured: configured.contains(id), registry: self)
            streams[id] = stream
            return stream
        } catch {
            giveUp(id)
            throw .io(error)
        }
    }

    /// Nobody will publish the stream that `home(of:)` was asked for. Called on the loop that was its home then.
    package func giveUp(_ id: StreamID) {
        guard streams[id] == nil, !configured.contains(id) else { return }
        directory.forget(id, at: index)
    }

    /// A viewer asks for a stream: one that runs, or one that the configuration names and that may come.
    ///
    /// - Parameter later: called with the answer when it is `.pending` at first; nil for no such stream.
    package func join(_ id: StreamID, later: @escaping (WatchedStream?) -> Void) -> JoinAnswer {
        if let known = streams[id] { return known.hasRunOut ? .no : .now(.home(known)) }
        if let known = followers[id], !known.isOver {
            return known.join(later: later).map(JoinAnswer.now) ?? .pending
        }
        let home = configured.contains(id) ? directory.settle(id) : directory.home(of: id)
        guard let home else { return .no }
        if home == index {
            // A stream that is not configured is made by its publisher, who is on the way.
            return configured.contains(id) ? (try? obtain(id)).map { .now(.home($0)) } ?? .no : .no
        }
        let follower = StreamFollower(id: id, home: home, registry: self)
        followers[id] = follower
        follower.attach()
        return follower.join(later: later).map(JoinAnswer.now) ?? .pending
    }

    /// Another loop follows a stream from here on. Called by that loop's letter.
    func attach(_ bridge: StreamBridge, to id: StreamID) {
        guard let stream = streams[id] ?? (configured.contains(id) ? try? obtain(id) : nil), !stream.hasRunOut else {
            return bridge.refuse()
        }
        stream.attach(bridge)
    }

    func markDirty(_ stream: LiveStream) { dirty.append(stream) }
    func markDirty(_ follower: StreamFollower) { dirtyFollowers.append(follower) }

    /// Keeps the sum of all lanes' memory below `BufferMemory`: whoever grows over it gives its history back.
    func noteMemory(of stream: LiveStream) {
        guard count(stream.memoryBytes, for: stream.id) > configuration.app.bufferMemoryBytes else { return }
        memoryLimitReached += 1
        stream.dropHistory(nowMs: loop.nowMs)
        _ = count(stream.memoryBytes, for: stream.id)
        guard loop.nowMs - memoryLimitLoggedMs > 10_000 else { return }
        memoryLimitLoggedMs = loop.nowMs
        logger.warn(
            "buffers.full",
            [
                "stream": stream.id.description, "limit": String(configuration.app.bufferMemoryBytes),
                "times": String(memoryLimitReached), "remedy": "raise [app] BufferMemory or shorten the GOP",
            ])
    }

    /// - Returns: bytes of all lanes of the node.
    private func count(_ bytes: Int, for id: StreamID) -> Int {
        let before = memoryBytesOf.updateValue(bytes, forKey: id) ?? 0
        if bytes != before { directory.memoryChanged(by: bytes - before) }
        return memoryBytes
    }

    private func pump() {
        if !dirty.isEmpty {
            swap(&dirty, &pumping)
            for stream in pumping { stream.pump() }
            pumping.removeAll(keepingCapacity: true)
        }
        if !dirtyFollowers.isEmpty {
            swap(&dirtyFollowers, &pumpingFollowers)
            for follower in pumpingFollowers { follower.pump() }
            pumpingFollowers.removeAll(keepingCapacity: true)
        }
    }

    private func tick() {
        let nowMs = loop.nowMs
        publishers.tick(nowMs: nowMs) { streams[$0.stream]?.sourceHost == $0.host }
        for stream in streams.values {
            stream.tick(nowMs: nowMs)
            noteMemory(of: stream)
            if stream.isOver { letGo(stream.id) }
        }
        let live = streams.values.reduce(0) { $0 + ($1.isLive ? 1 : 0) }
        directory.liveStreamsChanged(by: live - liveStreams)
        liveStreams = live
        for follower in followers.values {
            follower.tick(nowMs: nowMs)
            if follower.isOver, followers[follower.id] === follower { followers[follower.id] = nil }
        }
    }

    /// The stream is over: whoever asks for it from here on is told that there is none.
    func letGo(_ id: StreamID) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        stream.close()
        directory.forget(id, at: index)
        directory.memoryChanged(by: -(memoryBytesOf.removeValue(forKey: id) ?? 0))
        publishers.removed(id, nowMs: loop.nowMs)
    }

    /// The largest lag that any door or child is allowed.
    static func lagMax(of configuration: NodeConfiguration) -> (ms: Int64, bytes: Int) {
        let lags = configuration.viewers.map(\.lag) + configuration.dispatches.map(\.lag)
        return (lags.map(\.time.milliseconds).max() ?? 2000, lags.map(\.bytes).max() ?? 4 << 20)
    }

    /// The streams that a configuration names: those with a way in first, in the order of the file.
    package static func configuredStreams(of configuration: NodeConfiguration) -> [StreamID] {
        var ids = configuration.ingests.map(\.stream) + configuration.dispatches.map(\.stream)
        for door in configuration.viewers {
            if case .one(let id) = door.streams { ids.append(id) }
        }
        return ids + configuration.streams.keys.sorted { $0.description < $1.description } + [.main]
    }
}

@available(*, unavailable) extension StreamRegistry: Sendable {}
