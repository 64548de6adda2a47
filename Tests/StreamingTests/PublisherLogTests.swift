import Configuration
import LoopIO
import Telemetry
import TestSupport
import Testing

@testable import Streaming

@Suite struct PublisherLogTests {
    /// The sink must be Sendable, though the test alone uses it.
    private final class Lines: @unchecked Sendable {
        // SAFETY: written and read on the test's thread alone.
        var all: [String] = []
    }

    @Test func `a publisher that flapped and then stayed is told to be live`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let lines = Lines()
        var log = PublisherLog(logger: Logger(level: .info, clock: { 0 }, sink: { lines.all.append($0) }))
        let session = try harness.session(try harness.stream())
        for round in 0..<5 {
            log.started(session, .main, nowMs: Int64(round) * 100)
            if round < 4 { log.gone(session, .main, isComplete: false, nowMs: Int64(round) * 100) }
        }
        log.tick(nowMs: 9_000) { _ in true }
        #expect(lines.all.count == 2)
        log.tick(nowMs: 10_000) { _ in true }
        #expect(lines.all.count == 3 && lines.all[2].contains("warn publisher.flapping"))
        #expect(lines.all[2].contains("stream=live/main from=127.0.0.1 times=4 state=live"))
        log.gone(session, .main, isComplete: false, nowMs: 10_500)
        log.close()
        #expect(lines.all.count == 4 && lines.all[3].contains("times=1 state=gone"))
        session.senderGone(isComplete: false, nowMs: 0)
    }

    @Test func `streams that end by the hundred are a few lines with a count`() throws {
        let lines = Lines()
        var log = PublisherLog(logger: Logger(level: .info, clock: { 0 }, sink: { lines.all.append($0) }))
        for number in 0..<500 { log.removed(try StreamID(parsing: "live/\(number)"), nowMs: 0) }
        let told = lines.all.count
        #expect(told == RepeatCounter<StreamID>.keysMax && lines.all[0].hasSuffix("info stream.removed stream=live/0"))
        for _ in 0..<3 { log.removed(try StreamID(parsing: "live/7"), nowMs: 1) }
        log.tick(nowMs: 10_000) { _ in false }
        #expect(
            lines.all.dropFirst(told).map { $0.dropFirst(25) }.sorted() == [
                "info stream.removed stream=live/7 times=3", "info stream.removed stream=others times=\(500 - told)",
            ])
        log.removed(.main, nowMs: 10_001)
        log.removed(.main, nowMs: 10_002)
        log.close()
        #expect(lines.all.last?.hasSuffix("stream=live/main times=1") == true)
    }

    @Test func `a stream knows the host of its source`() throws {
        let harness = try StreamHarness()
        defer { harness.close() }
        let stream = try harness.stream()
        let session = try harness.session(stream)
        var fixture = TransportStreamFixture()
        fixture.appendTables()
        fixture.appendPicture(bytes: 1000, isRandomAccess: true)
        session.deliver(fixture.takeBytes().span, nowMs: harness.loop.nowMs)
        #expect(stream.sourceHost == session.peer.bytes)
        session.senderGone(isComplete: false, nowMs: harness.loop.nowMs)
        #expect(stream.sourceHost == nil)
    }
}
