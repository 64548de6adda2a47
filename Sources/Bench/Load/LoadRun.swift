import LoopIO

/// One run of the load from its first connection to its report, on the loop of the calling thread.
final class LoadRun {
    /// How often the facts are looked at.
    private static let tickMs: Int64 = 20

    private let options: LoadOptions
    private let loop: EventLoop
    private let crew: LoadCrew
    private var plan: LoadPlan
    private var timer: LoopTimer?
    private var watcher: SignalWatcher?
    private var firstSample: ServerSample?
    private var startSample: ServerSample?
    private var endSample: ServerSample?
    /// Of the stream's last packet, once it has ended.
    private var lastSent: UInt64?
    private var lastProgressUs: Int64 = 0
    private let startedUs = monotonicUs()
    private var measuredPackets: UInt64 = 0

    private init(_ options: LoadOptions) throws(IOError) {
        self.options = options
        Machine.raiseDescriptorLimit()
        let watch = try options.watch.map { url throws(IOError) in try url.resolved() }
        let publish = try options.publish.map { url throws(IOError) in try url.resolved() }
        // There must be such a process; its memory is looked at once more right before the viewers come.
        firstSample = try options.billedPID.map { pid throws(IOError) in try ServerSample(pid: pid) }
        loop = try EventLoop()
        plan = LoadPlan(options)
        crew = try LoadCrew(options, watch: watch, publish: publish)
    }

    /// Runs; signals end it early, with a report of what was measured.
    ///
    /// - Throws: what keeps it from beginning.
    static func run(_ options: LoadOptions) throws(IOError) -> LoadReport {
        let run = try LoadRun(options)
        defer { run.loop.close() }
        try run.go()
        return run.makeReport()
    }

    private func go() throws(IOError) {
        let timer = try LoopTimer(loop: loop) { [unowned self] in tick() }
        let watcher = try SignalWatcher(loop: loop, signals: [.interrupt, .terminate]) { [unowned self] _ in
            act(plan.interrupt(nowUs: monotonicUs()))
        }
        plan.start(nowUs: monotonicUs())
        crew.startPublisher()
        timer.start(afterMs: Self.tickMs, repeatMs: Self.tickMs)
        loop.run()
        timer.close()
        watcher.close()
    }

    // MARK: Time

    private func tick() {
        let nowUs = monotonicUs()
        let statuses = crew.statuses
        if plan.phase == .draining, lastSent == nil { findLast(statuses) }
        act(plan.advance(facts(statuses), nowUs: nowUs))
        guard plan.phase != .done else { return }
        crew.report(lastSent: lastSent)
        if !options.isQuiet, nowUs - lastProgressUs >= 1_000_000 {
            lastProgressUs = nowUs
            Console.complain(progress(statuses, nowUs))
        }
    }

    private func act(_ action: LoadPlan.Action) {
        switch action {
        case .none: return
        case .dialViewers:
            firstSample = sample() ?? firstSample
            crew.dialViewers()
        case .beginMeasuring:
            startSample = sample()
            crew.beginMeasuring()
        case .endMeasuring:
            endSample = sample()
            crew.endMeasuring()
        case .finish:
            crew.finish(lastSent: lastSent)
            loop.stop()
        }
    }

    /// The server may have ended, which the viewers tell better.
    private func sample() -> ServerSample? { options.billedPID.flatMap { try? ServerSample(pid: $0) } }

    /// What all should get: the publisher's last, or, of a stream that goes on, what somebody had when it ended.
    private func findLast(_ statuses: [WorkerStatus]) {
        guard options.publish != nil else {
            lastSent = statuses.compactMap(\.lastNumber).max()
            return
        }
        if let publisher = statuses.first?.publisher, publisher.hasDelivered { lastSent = publisher.lastNumber }
    }

    private func facts(_ statuses: [WorkerStatus]) -> LoadPlan.Facts {
        var facts = LoadPlan.Facts()
        facts.viewers = options.viewerCount
        facts.quickViewers = max(0, options.viewerCount - options.slow - options.stalled)
        for status in statuses {
            facts.connected += status.connected
            facts.refused += status.refused
            facts.settled += status.began + status.ended
            facts.behind += status.behind
            facts.stormWaiting += status.storm.waiting
        }
        if options.publish != nil {
            let publisher = statuses.first?.publisher
            facts.hasPublished = publisher?.lastNumber != nil
            facts.hasFailed = publisher?.failure != nil
        }
        // A status from before the last packet was known does not say who is behind.
        facts.hasDelivered = lastSent != nil && statuses.allSatisfy { $0.lastSent == lastSent }
        return facts
    }

    private func progress(_ statuses: [WorkerStatus], _ nowUs: Int64) -> String {
        let report = LoadReport(options, statuses)
        let standing = statuses.reduce(0) { $0 + $1.standing }
        let packets = report.packetsMeasured &- min(measuredPackets, report.packetsMeasured)
        measuredPackets = report.packetsMeasured
        var line = "\(Decimals.text(Double(nowUs - startedUs) / 1e6, 0)) s  \(plan.phase)  \(standing) viewers"
        if plan.phase == .measuring {
            line += "  \(Decimals.text(Double(packets) * 188 * 8 / 1e6, 1)) Mbit/s"
            line += "  delay p50 \(milliseconds(report.delays.percentile(0.5)))"
            line += " p99 \(milliseconds(report.delays.percentile(0.99))) ms"
        }
        if plan.phase == .draining {
            let behind = statuses.reduce(0) { $0 + $1.behind }
            return line + "  \(behind) of them wait for their last packets"
        }
        line += "  lost \(report.quick.lost)  damaged \(report.quick.damaged)"
        let dropped = report.ended + report.refused
        return dropped > 0 ? line + "  dropped \(dropped)" : line
    }

    private func makeReport() -> LoadReport {
        var report = LoadReport(options, crew.statuses)
        guard let firstSample, let startSample, let endSample else { return report }
        report.server = LoadReport.Bill(
            cpuMs: endSample.cpuMs(since: startSample), residentStartKiB: firstSample.residentKiB,
            residentEndKiB: endSample.residentKiB,
            voluntarySwitches: endSample.voluntarySwitches &- startSample.voluntarySwitches,
            involuntarySwitches: endSample.involuntarySwitches &- startSample.involuntarySwitches,
            threads: endSample.threads)
        return report
    }
}
