import TestSupport
import Testing
import TransportStream

@testable import Bench

@Suite struct ProbeTests {
    private static func analyze(_ bytes: [UInt8]) -> ProbeAnalysis {
        var analysis = ProbeAnalysis()
        analysis.take(bytes.span, nowUs: nil)
        return analysis
    }

    @Test func `our own stream is described as it was made`() throws {
        let analysis = Self.analyze(try StreamPackets(4000).bytes)
        let report = ProbeReport(name: "x", analysis: analysis)
        #expect(analysis.packets == 4000 && analysis.continuityErrors == 0)
        #expect(analysis.tables.programs == [1] && analysis.tables.clockPIDs == [0x100])
        #expect(analysis.pids.map(\.pid) == [0, 0x100, 0x1000])
        #expect(analysis.gops.count == 6 && analysis.gops.averagePictures == 25 && analysis.gops.averageSeconds == 1)
        #expect(abs((analysis.clock?.bitsPerSecond ?? 0) - 1_000_000) < 5000)
        #expect(abs((analysis.clock?.averageMs ?? 0) - 40) < 1)
        #expect(analysis.pictureRate == 25)
        #expect(report.what(analysis.pids[1]) == "video h264")
        #expect(
            report.table.contains {
                $0.hasPrefix("video") && $0.contains("25.00 pictures a second, GOP of 25.0 pictures")
            })
    }

    @Test func `lost packets are errors of their PID`() throws {
        var stream = try StreamPackets(3000)
        stream.packets.remove(at: 1500)
        stream.packets.removeSubrange(1800..<1816)  // sixteen: the counter does not show it
        stream.packets.removeSubrange(2000..<2003)
        let analysis = Self.analyze(stream.bytes)
        #expect(analysis.pids.map(\.continuityErrors) == [0, 2, 0])
    }

    @Test(arguments: [
        (Samples.Kind.mpeg1MP2, "mpeg1video", "mp2", 1), (.mpeg2AC3, "mpeg2video", "ac3", 1),
        (.h264AAC, "h264", "aac", 1), (.hevcAAC, "hevc", "aac", 1), (.twoPrograms, "mpeg2video", "mp2", 2),
        (.m2ts192, "h264", "", 1), (.pad204, "mpeg2video", "ac3", 1),
    ])
    func `files of encoders are read`(_ kind: Samples.Kind, _ video: String, _ audio: String, _ programs: Int) throws {
        let path = try Samples.path(kind)
        let report = try ProbeCommand.report(file: path)
        let value = try JSONValue(parsing: report.json.text)
        #expect(value["video"]["codec"].string == video)
        #expect(value["audio"][0].string ?? "" == audio)
        #expect(value["programs"].number == Double(programs))
        #expect(value["errors"]["continuity"].number == 0 && value["errors"]["syncLosses"].number == 0)
        #expect((20...31).contains(value["video"]["pictureRate"].number ?? 0))
        #expect(abs((value["seconds"].number ?? 0) - 6) < 0.5)
        #expect(value["pids"].array.count >= 4)
    }

    @Test func `damage in a file is told`() throws {
        #expect(try ProbeCommand.report(file: Samples.path(.drops)).analysis.continuityErrors > 0)
        #expect(try ProbeCommand.report(file: Samples.path(.transportErrors)).analysis.transportErrors > 0)
        #expect(try ProbeCommand.report(file: Samples.path(.lostBytes)).syncLosses > 0)
        #expect(try ProbeCommand.report(file: Samples.path(.clockJump)).analysis.clock?.discontinuities ?? 0 > 0)
    }

    @Test func `what is no stream is told, and what is not there`() {
        #expect(ProbeCommand.run(["/proc/self/exe"]) == 1)
        #expect(ProbeCommand.run(["/nowhere/at/all.ts"]) == 1)
        #expect(ProbeCommand.run([]) == 2)
        #expect(ProbeCommand.run(["a", "b"]) == 2)
        #expect(ProbeCommand.run(["ftp://a:1"]) == 2)
        #expect(ProbeCommand.run(["--seconds", "0", "a"]) == 2)
    }

    @Test func `clock intervals, jumps and jitter`() {
        var clock = ProbeClock()
        let ms: UInt64 = 27_000
        let wrap: UInt64 = 1 << 33 * 300
        clock.take(ticks: wrap - 40 * ms, position: 0, nowUs: 0, isAnnounced: false)
        clock.take(ticks: 0, position: 1000, nowUs: 45_000, isAnnounced: false)
        clock.take(ticks: 120 * ms, position: 4000, nowUs: 157_000, isAnnounced: false)
        #expect(clock.averageMs == 80 && clock.longestMs == 120 && clock.lateCount == 1)
        #expect(clock.seconds == 0.16 && clock.bitsPerSecond == 200_000)
        #expect(clock.jitterUs == 8000)
        clock.take(ticks: 50 * ms, position: 5000, nowUs: 200_000, isAnnounced: false)
        clock.take(ticks: 60 * ms, position: 6000, nowUs: 900_000, isAnnounced: true)
        #expect(clock.discontinuities == 2 && clock.averageMs == 80 && clock.jitterUs == 8000)
    }

    @Test(arguments: ["tcp", "ws", "http"])
    func `a stream is read from a server`(_ scheme: String) throws {
        let relay = try TinyRelay(try #require(StreamURL.Scheme(rawValue: scheme)))
        let line = "--publish tcp://127.0.0.1:\(relay.pushPort) --rate 4M --gop 5 --seconds 1.5 --quiet"
        let options = try LoadOptions(parsing: line.split(separator: " ").map(String.init))
        let publisher = try Background { _ = try? LoadRun.run(options) }
        let report = try ProbeReader.read(
            try StreamURL(parsing: "\(scheme)://127.0.0.1:\(relay.watchPort)"), seconds: 1.2)
        publisher.join()
        relay.stop()
        #expect(report.analysis.continuityErrors == 0 && report.bytesSkipped == 0)
        #expect(report.analysis.analyzer.info.gopPictures == 5)
        #expect(report.firstPictureMs ?? 0 > 0)
        #expect(report.ending == nil)
        #expect(abs((report.analysis.clock?.bitsPerSecond ?? 0) - 4_000_000) < 100_000)
    }

    @Test func `a server's answer that is no stream is the reason`() throws {
        let relay = try TinyRelay(.http)
        let url = try StreamURL(parsing: "ws://127.0.0.1:\(relay.watchPort)")
        let report = try ProbeReader.read(url, seconds: 5)
        relay.stop()
        #expect(!report.hasStream && report.ending == "HTTP/1.1 200 OK")
    }
}
