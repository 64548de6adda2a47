extension LoadReport {
    /// The verdict and the figures, a line each, for people.
    var table: [String] {
        var rows: [(String, String)] = []
        rows.append(("viewers", viewersText))
        if options.viewerCount > 0 { rows.append(("packets", packetsText)) }
        if delays.count > 0 {
            rows.append(
                ("delay", histogramText(delays, [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)])))
        }
        if firstPictures.count > 0 {
            rows.append(("first picture", histogramText(firstPictures, [("p50", 0.5), ("p99", 0.99)])))
        }
        if gaps.count > 0 {
            rows.append(
                ("longest gap", histogramText(gaps, [("p50", 0.5), ("p99", 0.99)]) + " of those who watched before"))
        }
        if options.storm > 0 { rows += stormRows }
        let megabits = measuredSeconds > 0 ? Double(bytesDelivered) * 8 / measuredSeconds / 1e6 : 0
        let delivered =
            "\(Decimals.text(Double(bytesDelivered) / 1e6, 1)) MB in \(Decimals.text(measuredSeconds, 1)) s"
        rows.append(("delivered", delivered + ", \(Decimals.text(megabits, 1)) Mbit/s"))
        if let server { rows += serverRows(server) }
        if let publisher { rows.append(("publisher", text(publisher))) }
        if options.slow + options.stalled > 0 {
            rows.append(
                (
                    "slow viewers",
                    "\(options.slow) slow, \(options.stalled) stalled: \(slow.lost) packets skipped,"
                        + " \(slow.damaged) damaged, \(slowEnded) dropped"
                ))
        }
        if options.churn > 0 { rows.append(("churn", "\(joins) joined, \(leaves) left")) }
        for (reason, times) in reasons.sorted(by: { $0.key < $1.key }) {
            rows.append(("ended", "\(times) times: \(reason)"))
        }
        let cpu = Decimals.text(loadCpuMs, 0)
        rows.append(("load tool", "\(cpu) ms CPU, its busiest thread \(Int((loadShare * 100).rounded())) % taken"))
        let width = (rows.map(\.0.count).max() ?? 0) + 2
        let lines = rows.map { $0.0 + String(repeating: " ", count: width - $0.0.count) + $0.1 }
        return lines + warnings.map { "warning: " + $0 } + [verdict]
    }

    private var verdict: String {
        if isClean, isIdle { return "clean: nothing was sent, and every viewer stayed" }
        if isClean { return "clean: nothing was lost" }
        if quick.isWhole, viewersLost == 0, stormFailures == 0 { return "not clean" }
        return "NOT clean: \(quick.lost) packets lost, \(quick.damaged) damaged, \(quick.outOfOrder) out of order,"
            + " \(viewersLost) viewers dropped"
            + (stormFailures > 0 ? ", \(stormFailures) of the storm without a picture" : "")
    }

    private var stormRows: [(String, String)] {
        var rows = [("storm", "\(options.storm) in one second, \(stormFailures) without a picture")]
        let shares = [("p50", 0.5), ("p99", 0.99)]
        if storm.connects.count > 0 { rows.append(("storm connect", histogramText(storm.connects, shares))) }
        if storm.firstPictures.count > 0 { rows.append(("storm picture", histogramText(storm.firstPictures, shares))) }
        return rows
    }

    private var viewersText: String {
        var text = "\(options.viewerCount)"
        if let watch = options.watch { text += " at \(watch)" }
        if refused > 0 { text += ", \(refused) refused" }
        if neverBegan > 0 { text += ", \(neverBegan) never got a packet" }
        return ended > 0 ? text + ", \(ended) dropped" : text
    }

    private var packetsText: String {
        "\(quick.expected) expected, \(quick.lost) lost, \(quick.damaged) damaged, \(quick.outOfOrder) out of order,"
            + " \(quick.duplicates) twice"
    }

    private func serverRows(_ server: Bill) -> [(String, String)] {
        let share = measuredSeconds > 0 ? server.cpuMs / measuredSeconds / 10 : 0
        var cpu = "\(Decimals.text(server.cpuMs, 0)) ms, \(Decimals.text(share, 1)) % of a core"
        if let cpuMsPerGB { cpu += ", \(Decimals.text(cpuMsPerGB, 0)) ms per GB" }
        let perViewer = Double(server.residentEndKiB - server.residentStartKiB) / Double(max(1, options.allViewerCount))
        let memory =
            "\(server.residentStartKiB) KiB before the viewers, \(server.residentEndKiB) KiB at the end,"
            + " \(Decimals.text(perViewer, 2)) KiB a viewer"
        let switches =
            "\(server.voluntarySwitches) voluntary, \(server.involuntarySwitches) involuntary, \(server.threads) threads"
        return [("server CPU", cpu), ("server memory", memory), ("server switches", switches)]
    }

    private func text(_ publisher: PublisherStatus) -> String {
        let late = publisher.lateness
        var text = "late p99 \(milliseconds(late.percentile(0.99))) ms, max \(milliseconds(late.maximum)) ms"
        text += ", blocked \(milliseconds(publisher.blockedUs)) ms"
        return publisher.changes > 0 ? text + ", \(publisher.changes) changes" : text
    }

    private func histogramText(_ values: DelayHistogram, _ shares: [(String, Double)]) -> String {
        let parts = shares.map { "\($0.0) \(milliseconds(values.percentile($0.1)))" }
        return parts.joined(separator: "  ") + "  max \(milliseconds(values.maximum)) ms"
    }
}
