import TestSupport
import Testing

@testable import Bench

@Suite struct LoadReportTests {
    private static func status() -> WorkerStatus {
        var status = WorkerStatus()
        (status.connected, status.began, status.packetsMeasured) = (3, 3, 1_000_000)
        (status.wallNs, status.cpuNs, status.busyNs) = (10_000_000_000, 4_000_000_000, 1_000_000_000)
        status.quick.expected = 1_200_000
        for us in [500, 1500, 2500, 9000] as [Int64] { status.delays.add(us) }
        return status
    }

    private static func options() throws -> LoadOptions {
        try LoadOptions(parsing: ["--publish", "tcp://127.0.0.1:9", "--watch", "ws://127.0.0.1:9/", "--viewers", "6"])
    }

    @Test func `workers are added up`() throws {
        var other = Self.status()
        other.quick.lost = 2
        other.cpuNs = 9_500_000_000
        let report = LoadReport(try Self.options(), [Self.status(), other])
        #expect(report.connected == 6 && report.quick.expected == 2_400_000 && report.quick.lost == 2)
        #expect(report.bytesDelivered == 376_000_000)
        #expect(report.delays.count == 8)
        #expect(report.loadCpuMs == 13_500)
        #expect(report.loadShare == 0.95)
        #expect(report.isLoadBusy && !report.isClean)
        #expect(report.warnings.count == 1)
    }

    @Test func `the JSON is one object with the fields that compare reads`() throws {
        var report = LoadReport(try Self.options(), [Self.status()])
        report.reasons = ["a \"b\"\n": 2]
        report.server = LoadReport.Bill(
            cpuMs: 376, residentStartKiB: 1000, residentEndKiB: 1200, voluntarySwitches: 7, involuntarySwitches: 8,
            threads: 2)
        let value = try JSONValue(parsing: report.json.text)
        #expect(!report.json.text.contains("\n"))
        #expect(value["tool"].string == "tsbench load")
        #expect(value["pictures"] == .null)
        #expect(value["seconds"].number == 10)
        #expect(value["bytesDelivered"].number == 188_000_000)
        #expect(value["delayMs"]["p50"].number == 1.503)
        #expect(value["delayMs"]["max"].number == 9)
        #expect(value["firstPictureMs"]["p99"] == .null)
        #expect(value["server"]["cpuMsPerGB"].number == 2000)
        #expect(value["loadBusy"] == .bool(false))
        #expect(value["clean"] == .bool(true))
        #expect(value["gapMs"]["max"] == .null && value["storm"] == .null)
    }

    @Test func `a storm has its figures, and those that saw no picture spoil it`() throws {
        var status = Self.status()
        for us in [1000, 2000, 400_000] as [Int64] { status.storm.connects.add(us) }
        for us in [30_000, 40_000] as [Int64] { status.storm.firstPictures.add(us) }
        status.gaps.add(41_000)
        var options = try Self.options()
        options.storm = 3
        let report = LoadReport(options, [status])
        let value = try JSONValue(parsing: report.json.text)
        #expect(value["storm"]["viewers"] == .number(3) && value["storm"]["failures"] == .number(1))
        #expect(value["storm"]["connectMs"]["max"] == .number(400))
        #expect(value["storm"]["firstPictureMs"]["max"] == .number(40))
        #expect(value["gapMs"]["max"] == .number(41))
        #expect(!report.isClean && value["clean"] == .bool(false))
        status.storm.firstPictures.add(50_000)
        #expect(LoadReport(options, [status]).isClean)
    }

    @Test func `true and false are no numbers, and one and zero are`() throws {
        #expect(
            try JSONValue(parsing: "[true, false, 1, 0, 1.0]")
                == .array([.bool(true), .bool(false), .number(1), .number(0), .number(1)]))
    }

    @Test func `the table says what was lost`() throws {
        var status = Self.status()
        (status.quick.lost, status.ended) = (5, 1)
        status.reasons = ["the server closed the connection": 1]
        let lines = LoadReport(try Self.options(), [status]).table
        #expect(lines.last == "NOT clean: 5 packets lost, 0 damaged, 0 out of order, 1 viewers dropped")
        #expect(lines.contains { $0.hasSuffix("1 times: the server closed the connection") })
        #expect(LoadReport(try Self.options(), [Self.status()]).table.last == "clean: nothing was lost")
    }

    @Test func `viewers that are only held are clean, unless one leaves or another gets packets`() throws {
        let options = try LoadOptions(parsing: ["--watch", "ws://127.0.0.1:9/", "--viewers", "3"])
        var status = WorkerStatus()
        (status.connected, status.neverBegan, status.wallNs) = (3, 3, 10_000_000_000)
        let held = LoadReport(options, [status])
        #expect(held.isClean && held.table.last == "clean: nothing was sent, and every viewer stayed")
        status.ended = 1
        #expect(LoadReport(options, [status]).viewersLost == 1 && !LoadReport(options, [status]).isClean)
        // Somebody else publishes, and one viewer gets nothing of it.
        var watched = Self.status()
        watched.neverBegan = 1
        #expect(LoadReport(options, [watched]).viewersLost == 1)
    }

    @Test func `a thread is taken by its work and by others on its processor`() {
        var status = Self.status()
        status.cpuNs = 9_000_000_000
        #expect(status.share(neverSleeps: true) == 0.2)
        #expect(status.share(neverSleeps: false) == 0.9)
        status.waitedNs = 500_000_000
        #expect(status.share(neverSleeps: false) == 0.95)
    }

    @Test func `a publisher that is late makes the tool the bottleneck`() throws {
        var status = Self.status()
        var publisher = PublisherStatus()
        for _ in 0..<98 { publisher.lateness.add(1000) }
        publisher.lateness.add(30_000)
        publisher.lateness.add(30_000)
        status.publisher = publisher
        #expect(LoadReport(try Self.options(), [status]).isLoadBusy)
        publisher.lateness.removeAll()
        for _ in 0..<100 { publisher.lateness.add(19_000) }
        status.publisher = publisher
        #expect(!LoadReport(try Self.options(), [status]).isLoadBusy)
    }

    @Test func `a process's time stands behind its name, whatever that holds`() throws {
        let stat = "17 (a) b (c) S 1 17 17 0 -1 4194560 1 2 3 4 120 34 5 6 20 0 1 0 100 1 2"
        #expect(ServerSample.ticks(inStat: stat) == 154)
        #expect(ServerSample.ticks(inStat: "17 (a") == nil)
        let status = "Name:\tx\nVmRSS:\t   1234 kB\nvoluntary_ctxt_switches:\t9\nnonvoluntary_ctxt_switches:\t8\n"
        #expect(ServerSample.number("VmRSS:", in: status) == 1234)
        #expect(ServerSample.number("voluntary_ctxt_switches:", in: status) == 9)
        #expect(ServerSample.number("nonvoluntary_ctxt_switches:", in: status) == 8)
        #expect(ServerSample.number("Threads:", in: status) == 0)
    }

    @Test func `what a thread that ended had used is billed by the ticks`() throws {
        var early = try ServerSample(pid: 1)
        var late = early
        (early.threadNs, late.threadNs) = ([1: 1_000_000, 2: 0], [1: 3_500_000, 2: 0, 3: 1_000_000])
        #expect(late.cpuMs(since: early) == 3.5)
        (early.cpuTicksMs, late.cpuTicksMs) = (100, 130)
        late.threadNs[2] = nil
        #expect(late.cpuMs(since: early) == 30)
    }
}
