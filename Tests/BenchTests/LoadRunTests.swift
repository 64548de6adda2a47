import Glibc
import LoopIO
import TestSupport
import Testing

@testable import Bench

/// Whole runs against a small relay in this process; one after another, since each measures.
@Suite(.serialized) struct LoadRunTests {
    private static func options(_ relay: TinyRelay, _ words: String = "", watch: String = "tcp") throws -> LoadOptions {
        let path = watch == "tcp" ? "" : "/live/main"
        let line =
            "--publish tcp://127.0.0.1:\(relay.pushPort) --watch \(watch)://127.0.0.1:\(relay.watchPort)\(path)"
            + " --viewers 4 --rate 4M --gop 5 --warmup 0 --seconds 0.4 --drain 60 --quiet " + words
        return try LoadOptions(parsing: line.split(separator: " ").map(String.init))
    }

    @Test(arguments: ["tcp", "ws", "http"])
    func `viewers of a good server lose nothing`(_ watch: String) throws {
        let relay = try TinyRelay(try #require(StreamURL.Scheme(rawValue: watch)))
        let report = try LoadRun.run(Self.options(relay, watch: watch))
        relay.stop()
        #expect(report.isClean, "\(report.json.text)")
        #expect(report.connected == 4 && report.viewersLost == 0)
        // A busy machine makes a run longer, and a stream late, but never empty.
        #expect(report.packetsMeasured > 0 && report.quick.expected > report.packetsMeasured)
        #expect(report.delays.count > 0 && report.delays.count <= report.packetsMeasured)
        #expect(report.firstPictures.count == 4)
    }

    @Test(arguments: [
        (TinyRelay.Fault.drop(600), "lost"), (.damage(600), "damaged"), (.swap(600), "order"),
        (.double(600), "twice"),
    ])
    func `one wrong packet of one viewer is told`(_ fault: TinyRelay.Fault, _ kind: String) throws {
        let relay = try TinyRelay(fault: fault)
        let report = try LoadRun.run(Self.options(relay, "--seconds 0.6"))
        relay.stop()
        #expect(!report.isClean)
        #expect(report.quick.lost == (kind == "lost" ? 1 : 0))
        #expect(report.quick.damaged == (kind == "damaged" ? 1 : 0))
        #expect(report.quick.outOfOrder == (kind == "order" ? 1 : 0))
        #expect(report.quick.duplicates == (kind == "twice" ? 1 : 0))
        #expect(report.viewersLost == 0)
    }

    @Test func `what never comes behind the last packet is lost for every viewer`() throws {
        let relay = try TinyRelay(fault: .stop(600))
        let report = try LoadRun.run(Self.options(relay, "--seconds 0.6 --drain 1"))
        relay.stop()
        #expect(!report.isClean)
        #expect(report.quick.lost > 4)
    }

    @Test func `a viewer that the server closes is dropped, with the reason`() throws {
        let relay = try TinyRelay(fault: .closeViewer(600))
        let report = try LoadRun.run(Self.options(relay, "--seconds 0.6"))
        relay.stop()
        #expect(report.viewersLost == 1 && report.quick.lost == 0 && !report.isClean)
        #expect(report.reasons == ["the server closed the connection": 1])
    }

    @Test func `a ping is answered`() throws {
        let relay = try TinyRelay(.ws, fault: .ping(600))
        let report = try LoadRun.run(Self.options(relay, "--seconds 0.6", watch: "ws"))
        relay.stop()
        #expect(report.isClean, "\(report.json.text)")
        #expect(relay.pongs == 1)
    }

    @Test func `several threads that never sleep hold their shares`() throws {
        let relay = try TinyRelay(.ws)
        let words = "--threads 2 --spin --viewers 7 --rate 1M --pictures 25 --sources 3"
        let report = try LoadRun.run(Self.options(relay, words, watch: "ws"))
        relay.stop()
        #expect(report.isClean, "\(report.json.text)")
        #expect(report.connected == 7)
        #expect(report.loadShare > 0 && report.loadShare <= 1)
    }

    @Test(arguments: ["udp", "http"])
    func `a publisher by another way sends the same`(_ push: String) throws {
        let relay = try TinyRelay(push: try #require(StreamURL.Scheme(rawValue: push)))
        let words = "--publish \(push)://127.0.0.1:\(relay.pushPort)/secret"
        let report = try LoadRun.run(Self.options(relay, words))
        relay.stop()
        #expect(report.isClean, "\(report.json.text)")
        #expect(report.quick.expected > 500)
    }

    @Test(arguments: ["tcp", "http"])
    func `a publisher's change loses nothing`(_ push: String) throws {
        let relay = try TinyRelay(push: try #require(StreamURL.Scheme(rawValue: push)))
        let words = "--publish \(push)://127.0.0.1:\(relay.pushPort) --publisher-change 1 --seconds 2.5"
        let report = try LoadRun.run(Self.options(relay, words))
        relay.stop()
        #expect(report.isClean, "\(report.json.text)")
        #expect(report.publisher?.changes ?? 0 > 0)
        #expect(relay.publishers == 1 + (report.publisher?.changes ?? 0))
    }

    @Test func `viewers come and go, and those who stay lose nothing`() throws {
        let relay = try TinyRelay(.ws)
        let startUs = monotonicUs()
        let report = try LoadRun.run(Self.options(relay, "--churn 20 --seconds 0.7 --viewers 8", watch: "ws"))
        relay.stop()
        #expect(report.isClean, "\(report.json.text)")
        #expect(report.joins == report.leaves && report.joins > 0)
        #expect(Double(report.joins) <= 20 * Double(monotonicUs() - startUs) / 1e6)
        #expect(report.connected == 8 + report.joins)
    }

    @Test(arguments: [("tcp", 1), ("ws", 2), ("http", 1)])
    func `a storm is served beside those who watch`(_ watch: String, _ threads: Int) throws {
        let relay = try TinyRelay(try #require(StreamURL.Scheme(rawValue: watch)))
        let words = "--storm 12 --threads \(threads) --rate 1M --pictures 25 --seconds 2.5"
        let report = try LoadRun.run(Self.options(relay, words, watch: watch))
        relay.stop()
        let (isClean, connects, pictures) = (report.isClean, report.storm.connects, report.storm.firstPictures)
        #expect(isClean, "\(report.json.text)")
        #expect(report.connected == 4 + 12)
        let counts = [connects.count, pictures.count, report.firstPictures.count, report.gaps.count]
        // Those who watch from before: their first pictures and gaps are told apart.
        #expect(counts == [12, 12, 4, 4])
        #expect(pictures.maximum >= connects.maximum)
        // 25 pictures a second.
        #expect(report.gaps.maximum >= 40_000)
    }

    @Test func `those of a storm that are not served are failures`() throws {
        let relay = try TinyRelay(fault: .refuseAfter(4 + 9))
        let report = try LoadRun.run(Self.options(relay, "--storm 12 --rate 1M --pictures 25 --seconds 2.5"))
        relay.stop()
        #expect(report.stormFailures == 3 && report.storm.connects.count == 9)
        #expect(!report.isClean)
        #expect(report.table.contains("storm          12 in one second, 3 without a picture"))
        #expect(report.table.last?.hasSuffix("3 viewers dropped, 3 of the storm without a picture") == true)
    }

    @Test func `slow and stalled viewers are held apart`() throws {
        let relay = try TinyRelay()
        let startUs = monotonicUs()
        let report = try LoadRun.run(Self.options(relay, "--viewers 6 --slow 1 --stalled 2 --seconds 3"))
        let seconds = Double(monotonicUs() - startUs) / 1e6
        relay.stop()
        #expect(report.isClean, "\(report.json.text)")
        #expect(report.connected == 6)
        #expect(report.firstPictures.count == 3)
        #expect(report.slow.expected > 0)
        // At 0.7 of the rate, and what two reads may be too much.
        #expect(Double(report.slow.expected * 188) <= 0.7 * 500_000 * seconds + 131_072)
    }

    @Test func `viewers of a stream that goes on without us are held against its newest packet`() throws {
        let relay = try TinyRelay()
        let far = try Self.options(relay, "--seconds 3 --viewers 1")
        var isFarClean = false
        let thread = try Background { isFarClean = (try? LoadRun.run(far))?.isClean ?? false }
        let report = try LoadRun.run(Self.options(relay, "--publish none --seconds 0.8"))
        thread.join()
        relay.stop()
        #expect(report.isClean, "\(report.json.text)")
        #expect(report.publisher == nil && report.quick.expected > 500)
        #expect(isFarClean)
    }

    @Test func `a server that refuses everybody leaves nothing to tell`() throws {
        let relay = try TinyRelay(fault: .refuse)
        let report = try LoadRun.run(Self.options(relay, "--seconds 0.2"))
        relay.stop()
        #expect(!report.isClean)
        #expect(report.viewersLost == 4)
    }

    @Test func `nobody listening is a reason, not a figure`() throws {
        let relay = try TinyRelay()
        let options = try Self.options(relay)
        relay.stop()
        let report = try LoadRun.run(options)
        #expect(report.cannotBeTold?.contains("ECONNREFUSED") == true)
        #expect(!report.isClean)
    }

    @Test func `a process is billed`() throws {
        let relay = try TinyRelay()
        let report = try LoadRun.run(Self.options(relay, "--pid \(getpid())"))
        relay.stop()
        let bill = try #require(report.server)
        #expect(bill.cpuMs > 0 && bill.cpuMs < 60_000)
        #expect(bill.residentEndKiB > 1000 && bill.threads > 1)
        #expect(report.cpuMsPerGB ?? 0 > 0)
    }
}
