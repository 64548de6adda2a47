import Configuration
import LoopIO
import ServiceSupport
import Streaming
import TestSupport
import Testing

@Suite struct FlappingPublisherTests {
    /// Lines about publishers, in order.
    private func lines(_ harness: ServiceHarness) -> [String] { harness.log.filter { $0.contains(" publisher.") } }

    private func flap(_ harness: ServiceHarness, _ stream: LiveStream, host: String, port: UInt16) throws {
        var fixture = TransportStreamFixture()
        let publisher = try harness.publisher(of: stream, host: host, port: port)
        publisher.deliver(fixture.takeGroup(pictures: 1), nowMs: harness.loop.nowMs)
        publisher.senderGone(isComplete: false, nowMs: harness.loop.nowMs)
    }

    @Test func `a publisher that comes and goes a thousand times is three lines`() throws {
        let harness = try ServiceHarness()
        let stream = try harness.registry.obtain(.main)
        for round in 0..<1000 { try flap(harness, stream, host: "10.0.0.9", port: UInt16(4000 + round)) }
        #expect(lines(harness).count == 2)
        #expect(harness.log("publisher.started").count == 1 && harness.log("publisher.gone").count == 1)
        harness.close()
        #expect(lines(harness).count == 3)
        let last = harness.log("publisher.flapping").first ?? ""
        #expect(last.contains("stream=live/main from=10.0.0.9 times=999 state=gone"))
    }

    @Test func `each host and each stream has lines of its own`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let streams = [StreamID.main, try StreamID(app: "app", name: "cam")]
        for host in ["10.0.0.9", "10.0.0.10"] {
            for id in streams {
                let stream = try harness.registry.obtain(id)
                for port in 4000..<4010 { try flap(harness, stream, host: host, port: UInt16(port)) }
            }
        }
        #expect(harness.log("publisher.started").count == 4 && harness.log("publisher.gone").count == 4)
    }
}
