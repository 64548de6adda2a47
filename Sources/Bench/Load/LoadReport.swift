/// What a run showed: figures and the verdict.
struct LoadReport: Sendable {
    let options: LoadOptions
    var quick = ViewerTotals()
    var slow = ViewerTotals()
    var connected = 0
    var refused = 0
    var ended = 0
    var slowEnded = 0
    var neverBegan = 0
    var joins = 0
    var leaves = 0
    var reasons: [String: Int] = [:]
    var packetsMeasured: UInt64 = 0
    var measuredSeconds = 0.0
    var delays = DelayHistogram()
    var firstPictures = DelayHistogram()
    /// Of each viewer that watched from before the measuring on, the longest time without a packet.
    var gaps = DelayHistogram()
    var storm = StormStatus()
    var loadCpuMs = 0.0
    /// Of the busiest thread.
    var loadShare = 0.0
    var publisher: PublisherStatus?
    var server: Bill?

    /// What the server took while it was measured.
    struct Bill: Equatable, Sendable {
        var cpuMs: Double
        /// Before the first viewer, and at the end.
        var residentStartKiB: Int
        var residentEndKiB: Int
        var voluntarySwitches: UInt64
        var involuntarySwitches: UInt64
        var threads: Int
    }

    init(_ options: LoadOptions, _ statuses: [WorkerStatus]) {
        self.options = options
        for status in statuses {
            quick.add(status.quick)
            slow.add(status.slow)
            connected += status.connected
            refused += status.refused
            ended += status.ended
            slowEnded += status.slowEnded
            neverBegan += status.neverBegan
            joins += status.joins
            leaves += status.leaves
            packetsMeasured &+= status.packetsMeasured
            delays.merge(status.delays)
            firstPictures.merge(status.firstPictures)
            gaps.merge(status.gaps)
            storm.add(status.storm)
            reasons.merge(status.reasons) { $0 + $1 }
            measuredSeconds = max(measuredSeconds, Double(status.wallNs) / 1e9)
            loadCpuMs += Double(status.cpuNs) / 1e6
            loadShare = max(loadShare, status.share(neverSleeps: options.neverSleeps))
            publisher = publisher ?? status.publisher
        }
    }

    var bytesDelivered: UInt64 { packetsMeasured &* 188 }

    /// Viewers that were to watch and did not to the end, or never got anything.
    var viewersLost: Int { ended + refused + (isIdle ? 0 : neverBegan) }

    /// Of the storm, those that saw no picture: not let in, dropped, or too late.
    var stormFailures: Int { storm.failures(of: options.storm) }

    /// We published nothing, and nobody else did: viewers were held, no more.
    var isIdle: Bool { publisher == nil && packetsMeasured == 0 && quick.expected == 0 }

    var cpuMsPerGB: Double? {
        guard let server, bytesDelivered > 0 else { return nil }
        return server.cpuMs / (Double(bytesDelivered) / 1e9)
    }

    /// Nothing was lost, nobody dropped, and there was something to see.
    var isClean: Bool {
        quick.isWhole && viewersLost == 0 && stormFailures == 0 && slow.damaged == 0 && publisher?.failure == nil
            && (options.viewerCount == 0 || isIdle || quick.expected > 0
                || options.slow + options.stalled == options.viewers)
    }

    /// Why there are no figures; nil when there are.
    var cannotBeTold: String? {
        if let failure = publisher?.failure, measuredSeconds == 0 { return "the publisher: \(failure)" }
        if options.viewerCount > 0, connected == 0 {
            return reasons.keys.sorted().first.map { "no viewer could connect: \($0)" } ?? "no viewer could connect"
        }
        if measuredSeconds == 0 { return "ended before anything was measured" }
        return nil
    }

    // MARK: The load tool itself

    /// A busier thread does not measure the server but itself.
    static let shareMax = 0.9
    /// Microseconds that one packet of a hundred may be made too late.
    static let latenessMaxUs: Int64 = 20_000

    private var isPublisherLate: Bool {
        guard let publisher, publisher.lateness.count > 0 else { return false }
        return publisher.lateness.percentile(0.99) > Self.latenessMaxUs
    }

    /// Whether the figures say more about this tool than about the server.
    var isLoadBusy: Bool { loadShare > Self.shareMax || isPublisherLate }

    /// What to tell people about that; empty when all is well.
    var warnings: [String] {
        var lines: [String] = []
        if loadShare > Self.shareMax {
            lines.append(
                "the load tool was the bottleneck: its busiest thread had \(percent(loadShare)) of its time taken;"
                    + " use more --threads, or --cores that nobody else uses")
        }
        if isPublisherLate, let publisher {
            lines.append(
                "the load tool was the bottleneck: its publisher made packets"
                    + " \(milliseconds(publisher.lateness.percentile(0.99))) ms too late (p99)")
        }
        if let failure = publisher?.failure { lines.append("the publisher could not go on: \(failure)") }
        return lines
    }

    private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}

/// Milliseconds with three decimals.
func milliseconds(_ us: Int64) -> String { Decimals.text(Double(us) / 1000, 3) }
