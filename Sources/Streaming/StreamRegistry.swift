package import Configuration
package import LoopIO
package import Telemetry

/// All streams of the node, and the pump that runs once a turn of the loop.
///
/// ```swift
/// let registry = try StreamRegistry(loop: loop, configuration: configuration, logger: logger)
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
        case now(LiveStream)
        /// The answer comes later, by the closure: the stream is being fetched.
        case pending
        case no
    }

    package let loop: EventLoop
    package let logger: Logger
    package let configuration: NodeConfiguration
    /// The largest lag that any door allows: lanes are kept so far back.
    let lagMsMax: Int64
    let lagBytesMax: Int
    private var streams: [StreamID: LiveStream] = [:]
    /// Who came and went. Told by the streams.
    var publishers: PublisherLog
    private let configured: Set<StreamID>
    private var dirty: [LiveStream] = []
    private var pumping: [LiveStream] = []
    private var hook: PrepareHook?
    private var ticker: LoopTimer?
    private var memoryBytesOf: [StreamID: Int] = [:]
    /// Bytes of memory that all lanes take.
    package private(set) var memoryBytes = 0
    /// How often `BufferMemory` was reached.
    package private(set) var memoryLimitReached: UInt64 = 0
    private var memoryLimitLoggedMs: Int64 = .min / 2

    package init(loop: EventLoop, configuration: NodeConfiguration, logger: Logger) throws(IOError) {
        self.loop = loop
        self.configuration = configuration
        self.logger = logger
        publishers = PublisherLog(logger: logger)
        configured = StreamRegistry.configuredStreams(of: configuration)
        let lags = configuration.viewers.map(\.lag) + configuration.dispatches.map(\.lag)
        lagMsMax = lags.map(\.time.milliseconds).max() ?? 2000
        lagBytesMax = lags.map(\.bytes).max() ?? 4 << 20
        hook = try PrepareHook(loop: loop) { [unowned self] in self.pump() }
        ticker = try LoopTimer(loop: loop) { [unowned self] in self.tick() }
        ticker?.start(afterMs: StreamRegistry.tickMs, repeatMs: StreamRegistry.tickMs)
    }

    package func close() {
        for stream in streams.values { stream.close() }
        streams.removeAll()
        publishers.close()
        hook?.close()
        ticker?.close()
    }

    package var all: [LiveStream] { streams.values.sorted { $0.id.description < $1.id.description } }
    package var hasLiveStream: Bool { streams.values.contains { $0.isLive } }
    /// Viewers of all streams; children are none.
    package var viewers: Int { streams.values.reduce(0) { $0 + $1.audience.viewers } }

    package func stream(_ id: StreamID) -> LiveStream? { streams[id] }

    /// The stream of that name, made if there is none.
    package func obtain(_ id: StreamID) throws(Refusal) -> LiveStream {
        loop.preconditionOnLoop()
        if let known = streams[id] { return known }
        guard streams.count < StreamRegistry.streamsMax else { throw .tooManyStreams }
        do {
            let stream = try LiveStream(
                id: id, policy: configuration.policy(for: id), isConfigured: configured.contains(id), registry: self)
            streams[id] = stream
            return stream
        } catch {
            throw .io(error)
        }
    }

    /// A viewer asks for a stream: one that runs, or one that the configuration names and that may come.
    package func join(_ id: StreamID, later: @escaping (LiveStream?) -> Void) -> JoinAnswer {
        if let known = streams[id] { return .now(known) }
        guard configured.contains(id), let made = try? obtain(id) else { return .no }
        return .now(made)
    }

    func markDirty(_ stream: LiveStream) { dirty.append(stream) }

    /// Keeps the sum of all lanes' memory below `BufferMemory`: whoever grows over it gives its history back.
    func noteMemory(of stream: LiveStream) {
        let bytes = stream.memoryBytes
        memoryBytes += bytes - (memoryBytesOf[stream.id] ?? 0)
        memoryBytesOf[stream.id] = bytes
        guard memoryBytes > configuration.app.bufferMemoryBytes else { return }
        memoryLimitReached += 1
        stream.dropHistory(nowMs: loop.nowMs)
        let left = stream.memoryBytes
        memoryBytes += left - bytes
        memoryBytesOf[stream.id] = left
        guard loop.nowMs - memoryLimitLoggedMs > 10_000 else { return }
        memoryLimitLoggedMs = loop.nowMs
        logger.warn(
            "buffers.full",
            [
                "stream": stream.id.description, "limit": String(configuration.app.bufferMemoryBytes),
                "times": String(memoryLimitReached), "remedy": "raise [app] BufferMemory or shorten the GOP",
            ])
    }

    private func pump() {
        guard !dirty.isEmpty else { return }
        swap(&dirty, &pumping)
        for stream in pumping { stream.pump() }
        pumping.removeAll(keepingCapacity: true)
    }

    private func tick() {
        let nowMs = loop.nowMs
        publishers.tick(nowMs: nowMs) { streams[$0.stream]?.sourceHost == $0.host }
        for stream in streams.values {
            stream.tick(nowMs: nowMs)
            noteMemory(of: stream)
            guard stream.isOver else { continue }
            stream.close()
            streams[stream.id] = nil
            memoryBytes -= memoryBytesOf.removeValue(forKey: stream.id) ?? 0
            logger.info("stream.removed", ["stream": stream.id.description])
        }
    }

    private static func configuredStreams(of configuration: NodeConfiguration) -> Set<StreamID> {
        var ids: Set<StreamID> = [.main]
        ids.formUnion(configuration.streams.keys)
        ids.formUnion(configuration.ingests.map(\.stream))
        ids.formUnion(configuration.dispatches.map(\.stream))
        for door in configuration.viewers {
            if case .one(let id) = door.streams { ids.insert(id) }
        }
        return ids
    }
}

@available(*, unavailable) extension StreamRegistry: Sendable {}
