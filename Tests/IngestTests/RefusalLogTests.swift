import LoopIO
import ServiceSupport
import Streaming
import Telemetry
import Testing

@Suite struct RefusalLogTests {
    private let failure = IOError.failed(.receive, code: -12, nil)

    @Test func `what the kernel goes on failing at is one line a minute of each kind`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let log = try RefusalLog(
            loop: harness.loop, logger: harness.logger, level: .warn, event: "publisher.refused", section: "backstream")
        defer { log.close() }
        for _ in 0..<100 {
            log.receiveFailed(failure)
            log.acceptFailed(failure)
            log.descriptorsExhausted(1)
            log.acceptsDelayed(2)
        }
        for event in ["receive.failed", "accept.failed"] {
            #expect(harness.log(event).count == 1, "\(harness.log)")
            let line = try #require(harness.log(event).first)
            #expect(line.contains("section=backstream") && line.contains("receive"))
        }
        #expect(harness.log("descriptors.exhausted").count == 1)
        #expect(harness.log("accept.delayed").count == 1 && harness.log("accept.delayed")[0].hasSuffix("times=2"))
    }
}
