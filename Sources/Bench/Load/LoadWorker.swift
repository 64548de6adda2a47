import LoopIO

/// One thread of the load: its share of the viewers, and on the first thread the publisher.
///
/// Bound to its loop. The thread that runs the whole talks to it by the loop's mailbox and reads its board.
final class LoadWorker {
    private static let tickMs: Int64 = 10
    private static let dialsPerTick = 500
    private static let reasonsMax = 8
    /// A viewer that stood for so long and got nothing got nothing.
    private static let beginUsMax: Int64 = 3_000_000

    let loop: EventLoop
    let request: WatchRequest
    let address: SocketAddress
    let board = WorkerBoard()
    /// Delays of quick viewers while it is measured, and times to the first picture from the start on.
    var delays = DelayHistogram()
    var firstPictures = DelayHistogram()
    private(set) var isMeasuring = false

    private let options: LoadOptions
    /// The number of this worker's first viewer among all.
    private let firstIndex: Int
    private let sources: [SocketAddress]
    private let publisher: Publisher?
    private var viewers: [LoadViewer] = []
    private var storm: LoadStorm?
    private var nextToDial: Int?
    private var dialCredit = 0.0
    private var churnCredit = 0.0
    private var nextToLeave = 0
    private var lastTickUs: Int64 = 0
    private var timers: [LoopTimer] = []
    private var hook: PrepareHook?

    private var figures = WorkerStatus()
    private var measuredFromNs: (wall: Int64, cpu: Int64, waited: Int64) = (0, 0, 0)
    private var turnStartUs: Int64 = 0
    private var hasWorked = false

    /// - Parameters:
    ///   - habits: of this worker's viewers.
    ///   - stormCount: those of the storm that are this worker's.
    ///   - firstIndex: the number of the first of them among all, by which sources are shared out.
    init(
        loop: EventLoop, options: LoadOptions, address: SocketAddress, sources: [SocketAddress],
        habits: [LoadViewer.Habit], storm stormCount: Int = 0, firstIndex: Int, publisher: Publisher?
    ) throws(IOError) {
        self.loop = loop
        self.options = options
        self.address = address
        self.sources = sources
        self.firstIndex = firstIndex
        self.publisher = publisher
        request = WatchRequest(options.watch)
        viewers.reserveCapacity(habits.count)
        for habit in habits { viewers.append(LoadViewer(self, habit: habit)) }
        if stormCount > 0 {
            storm = LoadStorm((0..<stormCount).map { _ in LoadViewer(self, habit: .quick, isStanding: false) })
        }
        loop.neverSleeps = options.neverSleeps
        let ticker = try LoopTimer(loop: loop) { [unowned self] in tick() }
        ticker.start(afterMs: 0, repeatMs: Self.tickMs)
        timers = [ticker]
        if options.neverSleeps {
            hook = try PrepareHook(loop: loop) { [unowned self] in turn() }
        } else if publisher != nil {
            let pacer = try LoopTimer(loop: loop) { [unowned self] in self.publisher?.tick(nowUs: monotonicUs()) }
            pacer.start(afterMs: 0, repeatMs: 1)
            timers.append(pacer)
        }
    }

    // MARK: What the whole asks for

    func startPublisher() { publisher?.start() }

    func dialViewers() { nextToDial = 0 }

    func beginMeasuring() {
        isMeasuring = true
        delays.removeAll()
        publisher?.forgetFigures()
        (figures.packetsMeasured, figures.busyNs) = (0, 0)
        let nowUs = monotonicUs()
        measuredFromNs = (nowUs * 1000, ThreadClock.cpuNs, ThreadClock.waitedNs)
        for viewer in viewers { viewer.beginMeasuring() }
        storm?.begin(nowUs: nowUs)
    }

    func endMeasuring() {
        isMeasuring = false
        let nowUs = monotonicUs()
        for viewer in viewers { viewer.endMeasuring(nowUs: nowUs) }
        figures.wallNs = nowUs * 1000 - measuredFromNs.wall
        figures.cpuNs = ThreadClock.cpuNs - measuredFromNs.cpu
        figures.waitedNs = ThreadClock.waitedNs - measuredFromNs.waited
        publisher?.endAtPicture()
    }

    /// Leaves a status on the board.
    ///
    /// - Parameter lastSent: the number up to which quick viewers should have come; nil while that is not asked.
    func report(lastSent: UInt64?) {
        var status = figures
        status.lastSent = lastSent
        status.delays = delays
        status.firstPictures = firstPictures
        if let storm { status.storm = storm.status }
        let nowUs = monotonicUs()
        forEachViewer { viewer in
            let isReading = viewer.state == .reading
            if isReading { status.standing += 1 }
            guard viewer.isQuick else {
                return status.slow.add(viewer.stream)
            }
            let missing = isReading ? lastSent.map { viewer.checker.missing(upTo: $0) } ?? 0 : 0
            if missing > 0 { status.behind += 1 }
            if viewer.isStanding, viewer.gap.greatestUs > 0 { status.gaps.add(viewer.gap.greatestUs) }
            status.quick.add(viewer.stream, missing: missing)
            if isReading, viewer.checker.firstNumber == nil, nowUs - viewer.startUs > Self.beginUsMax {
                status.neverBegan += 1
            }
            if let last = viewer.checker.lastNumber { status.lastNumber = max(status.lastNumber ?? 0, last) }
        }
        if let publisher {
            status.publisher = PublisherStatus(
                lastNumber: publisher.schedule.lastNumber, hasDelivered: publisher.hasDelivered,
                failure: publisher.failure, changes: publisher.changes, blockedUs: publisher.blockedUs,
                lateness: publisher.schedule.lateness)
        }
        board.write(status)
    }

    private func forEachViewer(_ body: (LoadViewer) -> Void) {
        for viewer in viewers { body(viewer) }
        storm?.forEach(body)
    }

    /// Closes everything and lets the thread end.
    func finish() {
        forEachViewer { $0.leave() }
        publisher?.close()
        for timer in timers { timer.close() }
        hook?.close()
        loop.stop()
    }

    // MARK: What viewers tell

    func didRead(packets: UInt64) {
        hasWorked = true
        if isMeasuring { figures.packetsMeasured &+= packets }
    }

    func viewerConnected() { figures.connected += 1 }
    func viewerBegan() { figures.began += 1 }

    func viewerEnded(_ viewer: LoadViewer, reason: String, hadConnected: Bool) {
        if !hadConnected {
            figures.refused += 1
        } else if viewer.isQuick {
            figures.ended += 1
        } else {
            figures.slowEnded += 1
        }
        if figures.reasons[reason] != nil || figures.reasons.count < Self.reasonsMax {
            figures.reasons[reason, default: 0] += 1
        }
    }

    // MARK: Time

    /// Called before each turn of a loop that never sleeps.
    private func turn() {
        let nowUs = monotonicUs()
        if hasWorked, isMeasuring { figures.busyNs += (nowUs - turnStartUs) * 1000 }
        hasWorked = false
        turnStartUs = nowUs
        publisher?.tick(nowUs: nowUs)
    }

    private func tick() {
        let nowUs = monotonicUs()
        let seconds = lastTickUs == 0 ? 0 : Double(nowUs - lastTickUs) / 1e6
        lastTickUs = nowUs
        dialSome(seconds: seconds)
        storm?.tick(nowUs: nowUs) { index in source(viewers.count + index) }
        if options.slow > 0 { for viewer in viewers { viewer.pace(nowUs: nowUs) } }
        if options.churn > 0, nextToDial == nil, isMeasuring { churn(seconds: seconds) }
    }

    private func dialSome(seconds: Double) {
        guard var index = nextToDial else { return }
        dialCredit += seconds * Double(options.connectsPerSecond) / Double(options.threads)
        var left = Int(min(dialCredit, Double(Self.dialsPerTick)))
        while left > 0, index < viewers.count {
            viewers[index].dial(from: source(index))
            index += 1
            left -= 1
            dialCredit -= 1
        }
        nextToDial = index < viewers.count ? index : nil
    }

    private func source(_ index: Int) -> SocketAddress? {
        sources.isEmpty ? nil : sources[(firstIndex + index) % sources.count]
    }

    /// As many viewers leave as come, one after the other through all quick ones.
    private func churn(seconds: Double) {
        churnCredit += seconds * Double(options.churn) / Double(options.threads)
        var tries = viewers.count
        while churnCredit >= 1, tries > 0 {
            tries -= 1
            nextToLeave = (nextToLeave + 1) % viewers.count
            let leaver = viewers[nextToLeave]
            guard leaver.isQuick, leaver.state == .reading else { continue }
            churnCredit -= 1
            leaver.leave()
            figures.quick.add(leaver.stream)
            let newcomer = LoadViewer(self, habit: .quick)
            viewers[nextToLeave] = newcomer
            newcomer.dial(from: source(nextToLeave))
            figures.leaves += 1
            figures.joins += 1
        }
    }
}

@available(*, unavailable) extension LoadWorker: Sendable {}
