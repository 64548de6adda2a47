import Configuration
import Control
import LoopIO
import ServiceSupport
import Streaming
import TestSupport
import Testing

@Suite struct StatusReporterTests {
    private func value(_ key: String, in line: String?) -> String? {
        line?.split(separator: " ").first { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.count + 1)) }
    }

    @Test func `a live stream is one line a period, with what came in it`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let stream = try harness.registry.obtain(.main)
        let viewer = try harness.watch(stream)
        let publisher = try harness.publisher(of: stream)
        var fixture = TransportStreamFixture()
        publisher.deliver(fixture.takeGroup(pictures: 50, bytes: 5000), nowMs: harness.loop.nowMs)
        let reporter = try StatusReporter(registry: harness.registry, logger: harness.logger, everyMs: 100)
        defer { reporter.close() }
        harness.expect { harness.log("stream.status").count == 1 }
        let first = harness.log("stream.status").first
        #expect(value("stream", in: first) == "live/main" && value("state", in: first) == "live")
        #expect(value("viewers", in: first) == "1" && value("children", in: first) == "0")
        #expect(value("loop", in: first) == "0" && value("by_loop", in: first) == "1")
        #expect((value("in_kbps", in: first).flatMap { Int($0) } ?? 0) > 1000)
        #expect((value("out_kbps", in: first).flatMap { Int($0) } ?? 0) > 1000)
        harness.expect { harness.log("stream.status").count == 2 }
        #expect(value("in_kbps", in: harness.log("stream.status").last) == "0")
        withExtendedLifetime(viewer) {}
    }

    @Test func `a stream that nobody sends and nobody watches is told of once`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        _ = try harness.registry.obtain(.main)
        let reporter = try StatusReporter(registry: harness.registry, logger: harness.logger, everyMs: 20)
        harness.rest(ms: 200)
        #expect(harness.log("stream.status").count == 1)
        reporter.close()
        reporter.close()
    }

    @Test func `a stream that was made anew counts from its own beginning`() throws {
        let harness = try ServiceHarness { $0.streamDefaults.grace = .zero }
        defer { harness.close() }
        let id = try StreamID(app: "app", name: "cam")
        let reporter = try StatusReporter(registry: harness.registry, logger: harness.logger, everyMs: 300)
        defer { reporter.close() }
        var fixture = TransportStreamFixture()
        let first = try harness.publisher(of: try harness.registry.obtain(id))
        first.deliver(fixture.takeGroup(pictures: 50, bytes: 5000), nowMs: harness.loop.nowMs)
        harness.expect { harness.log("stream.status").count == 1 }
        first.senderGone(isComplete: false, nowMs: harness.loop.nowMs)
        harness.expect { harness.registry.stream(id) == nil }
        let second = try harness.publisher(of: try harness.registry.obtain(id))
        second.deliver(fixture.takeGroup(pictures: 2), nowMs: harness.loop.nowMs)
        harness.expect { harness.log("stream.status").count == 2 }
        #expect((value("in_kbps", in: harness.log("stream.status").last).flatMap { Int($0) } ?? .max) < 10_000)
    }
}
