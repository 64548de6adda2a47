/// The order of a run: when to dial, to warm up, to measure and to end. Reads no clock and does nothing itself.
struct LoadPlan: Equatable, Sendable {
    enum Phase: Equatable, Sendable {
        case publishing, connecting, warming, measuring, draining, done
    }

    enum Action: Equatable, Sendable {
        case none, dialViewers, beginMeasuring, endMeasuring, finish
    }

    /// What is known of all workers at a moment.
    struct Facts: Equatable, Sendable {
        var quickViewers = 0
        var viewers = 0
        var connected = 0
        var refused = 0
        /// Quick viewers with a packet, or whose connection ended.
        var settled = 0
        /// Nil without a publisher of our own.
        var hasPublished: Bool?
        var hasDelivered = true
        var behind = 0
        /// Of the storm, those who may still see their first picture.
        var stormWaiting = 0
        var hasFailed = false
    }

    /// For the publisher's connection, and again for the first packets of viewers that stand.
    static let patienceUs: Int64 = 10_000_000

    let warmupUs: Int64
    let measureUs: Int64
    /// After the end of the stream, for its last packets.
    let drainUs: Int64
    /// How long connecting may take.
    let connectUs: Int64
    private(set) var phase = Phase.publishing
    private var sinceUs: Int64 = 0

    init(_ options: LoadOptions) {
        warmupUs = Int64(options.warmupSeconds * 1e6)
        measureUs = Int64(options.seconds * 1e6)
        drainUs = Int64(options.drainSeconds * 1e6)
        connectUs = Self.patienceUs + Int64(options.viewerCount) * 2_000_000 / Int64(options.connectsPerSecond)
    }

    /// Begins at this time.
    mutating func start(nowUs: Int64) { sinceUs = nowUs }

    /// Goes on by the facts; to be called until it is done, every few milliseconds.
    mutating func advance(_ facts: Facts, nowUs: Int64) -> Action {
        let elapsedUs = nowUs - sinceUs
        switch phase {
        case .publishing:
            if facts.hasFailed || elapsedUs > Self.patienceUs { return enter(.done, nowUs, .finish) }
            return facts.hasPublished ?? true ? enter(.connecting, nowUs, .dialViewers) : .none
        case .connecting:
            if facts.hasFailed { return enter(.done, nowUs, .finish) }
            let isComplete =
                facts.connected + facts.refused >= facts.viewers && facts.settled + facts.refused >= facts.quickViewers
            return isComplete || elapsedUs > connectUs ? enter(.warming, nowUs, .none) : .none
        case .warming:
            if facts.hasFailed { return enter(.done, nowUs, .finish) }
            return elapsedUs >= warmupUs ? enter(.measuring, nowUs, .beginMeasuring) : .none
        case .measuring:
            // Without a stream nobody of the storm would see a picture any more.
            let isOver = facts.stormWaiting == 0 ? elapsedUs >= measureUs : elapsedUs >= measureUs + drainUs
            return facts.hasFailed || isOver ? enter(.draining, nowUs, .endMeasuring) : .none
        case .draining:
            let hasAll = facts.hasDelivered && facts.behind == 0
            return hasAll || elapsedUs >= drainUs ? enter(.done, nowUs, .finish) : .none
        case .done: return .none
        }
    }

    /// Told to stop: measures no longer.
    mutating func interrupt(nowUs: Int64) -> Action {
        switch phase {
        case .publishing, .connecting, .warming: enter(.done, nowUs, .finish)
        case .measuring: enter(.draining, nowUs, .endMeasuring)
        case .draining, .done: .none
        }
    }

    private mutating func enter(_ phase: Phase, _ nowUs: Int64, _ action: Action) -> Action {
        self.phase = phase
        sinceUs = nowUs
        return action
    }
}
