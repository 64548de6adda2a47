/// What one run of one server brought, as `tsbench load` reported it.
package struct RunFigures: Equatable, Sendable {
    package var cpuMsPerGB: Double
    package var delayP50Ms: Double
    package var delayP99Ms: Double
    package var packetsExpected: Double
    /// Lost, damaged, out of order, or there twice.
    package var packetsBad: Double
    package var viewersLost: Double
    /// What its resident memory grew by since before the first viewer came.
    package var kibPerViewer: Double
    /// Of the server, voluntary and not, a second.
    package var switchesPerSecond: Double
    /// The load tool had no processor time left: the figures say more about it than about the server.
    package var loadWasBusy: Bool
    /// Share of the run that the server's threads were ready and did not get a processor, 0 or more: one that is kept
    /// waiting gathers more for each write, and looks cheaper and slower than it is.
    package var serverWaitShare = 0.0

    /// - Parameter report: the line of `tsbench load --json`, with a server.
    /// - Returns: nil when a figure is missing.
    package init?(report: JSON) {
        let server = report["server"]
        let delay = report["delayMs"]
        guard let cpu = server["cpuMsPerGB"].number, let p50 = delay["p50"].number, let p99 = delay["p99"].number,
            let expected = report["packetsExpected"].number, let lost = report["packetsLost"].number,
            let viewers = report["viewers"].number, let seconds = report["seconds"].number, seconds > 0,
            let before = server["rssStartKiB"].number, let after = server["rssEndKiB"].number,
            let voluntary = server["voluntarySwitches"].number, let forced = server["involuntarySwitches"].number
        else { return nil }
        cpuMsPerGB = cpu
        delayP50Ms = p50
        delayP99Ms = p99
        packetsExpected = expected
        packetsBad = ["packetsDamaged", "packetsOutOfOrder", "packetsTwice"]
            .reduce(lost) { $0 + (report[$1].number ?? 0) }
        viewersLost = report["viewersLost"].number ?? 0
        kibPerViewer = viewers > 0 ? (after - before) / viewers : 0
        switchesPerSecond = (voluntary + forced) / seconds
        loadWasBusy = report["loadBusy"].bool ?? false
    }
}
