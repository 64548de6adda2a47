import Testing

@testable import Bench

@Suite struct CompareReportTests {
    /// The line of `tsbench load --json`.
    private static func line(cpu: String, p99: String = "9.5", lost: Int = 0, busy: Bool = false) -> String {
        """
        {"tool":"tsbench load","viewers":100,"seconds":10,"bytesDelivered":125000000,"packetsExpected":1000,\
        "packetsLost":\(lost),"packetsDamaged":1,"packetsOutOfOrder":2,"packetsTwice":4,"viewersLost":0,\
        "delayMs":{"p50":1.25,"p99":\(p99),"max":20},"server":{"cpuMs":250,"cpuMsPerGB":\(cpu),"rssStartKiB":1000,\
        "rssEndKiB":1250,"voluntarySwitches":300,"involuntarySwitches":200,"threads":1},"loadBusy":\(busy)}
        """
    }

    private static func figures(
        cpu: Double, p99: Double = 9.5, lost: Int = 0, busy: Bool = false
    ) throws -> RunFigures {
        let line = line(cpu: String(cpu), p99: String(p99), lost: lost, busy: busy)
        return try #require(RunFigures(report: try JSON(parsing: line)))
    }

    @Test func `the load's line becomes figures`() throws {
        let figures = try CompareReportTests.figures(cpu: 2000, lost: 10, busy: true)
        #expect(figures.cpuMsPerGB == 2000 && figures.delayP50Ms == 1.25 && figures.delayP99Ms == 9.5)
        #expect(figures.packetsBad == 17 && figures.packetsExpected == 1000)
        #expect(figures.kibPerViewer == 2.5 && figures.switchesPerSecond == 50 && figures.loadWasBusy)
    }

    @Test(arguments: ["null", "\"x\""])
    func `a figure that is missing is no figure`(_ cpu: String) throws {
        #expect(RunFigures(report: try JSON(parsing: CompareReportTests.line(cpu: cpu))) == nil)
        #expect(RunFigures(report: .null) == nil)
    }

    private func report() throws -> CompareReport {
        let machine = MachineFacts(processor: "Some CPU", processors: 2, kernel: "Linux 6", date: "2026-01-02 03:04")
        var report = CompareReport(machine: machine, command: "tsbench compare", base: "limit-picture")
        var relay = CompareReport.Entry(server: "tsrelay")
        for (cpu, p99) in [(1200.0, 4.0), (9000.0, 30.0), (1100.0, 5.0)] {
            relay.runs.append(try CompareReportTests.figures(cpu: cpu, p99: p99))
        }
        var limit = CompareReport.Entry(server: "limit-picture")
        for cpu in [1000.0, 990, 1010] { limit.runs.append(try CompareReportTests.figures(cpu: cpu, p99: 3.5)) }
        var broken = CompareReport.Entry(server: "other")
        broken.failures = ["it ended"]
        let benchCase = BenchCase(.ws, viewers: 100, bitsPerSecond: 1_000_000)
        report.sections = [CompareReport.Section(benchCase: benchCase, entries: [relay, limit, broken])]
        return report
    }

    @Test func `the table has medians and ratios to the base`() throws {
        let lines = try report().table.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        try #require(lines.count >= 8)
        #expect(lines[0] == "Some CPU, 2 processors, Linux 6, 2026-01-02 03:04 UTC:")
        #expect(lines[1] == "`tsbench compare`")
        #expect(
            lines[5]
                == "| 1 Mbit/s x 100, ws, steady | tsrelay | 1,200 | 1.20 | 1.25 | 5.00 | 1.50 | 21 | 2.5 | 50 |")
        #expect(lines[6] == "|  | limit-picture | 1,000 | 1.00 | 1.25 | 3.50 | 0.00 | 21 | 2.5 | 50 |")
        #expect(lines[7] == "|  | other | failed | - | - | - | - | - | - | - |")
        let columns = Set(lines[3...7].map { $0.split(separator: "|", omittingEmptySubsequences: false).count })
        #expect(columns.count == 1)
    }

    @Test func `notes tell what was not as it should be`() throws {
        var report = try report()
        report.sections[0].entries[0].runs[1].loadWasBusy = true
        report.sections[0].entries[1].runs[0].viewersLost = 3
        report.sections[0].entries[1].runs[0].serverWaitShare = 0.3
        report.sections[0].entries[1].runs[1].serverWaitShare = 0.05
        let place = "- 1 Mbit/s x 100, ws, steady, "
        #expect(
            report.notes == [
                place + "tsrelay: the load tool was the bottleneck in 1 of 3 runs",
                place + "limit-picture: the server waited for its processor 5 % of the time, and too long in 1 of 3 "
                    + "runs: something else ran there",
                place + "limit-picture: 3 viewers lost their connection", place + "other: a run failed: it ended",
            ])
        #expect(report.hasFailures)
        #expect(report.table.contains("\n\n- 1 Mbit/s"))
    }

    @Test func `the JSON has the medians and every run`() throws {
        let json = try JSON(parsing: try report().json.text)
        #expect(json["machine"]["processor"].string == "Some CPU" && json["base"].string == "limit-picture")
        let section = try #require(json["cases"].elements.first)
        #expect(section["pictures"] == .null && section["rate"].number == 1_000_000)
        let relay = try #require(section["servers"].elements.first)
        #expect(relay["cpuMsPerGB"].number == 1200 && relay["cpuRatio"].number == 1.2)
        #expect(relay["runs"].elements.map { $0["cpuMsPerGB"].number } == [1200, 9000, 1100])
        let broken = try #require(section["servers"].elements.last)
        #expect(broken["server"].string == "other" && broken["cpuMsPerGB"] == .null)
        #expect(broken["failures"].elements == ["it ended"])
    }
}
