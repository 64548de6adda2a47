import Configuration
import LoopIO
import ServiceSupport
import Streaming
import TestSupport
import Testing

@testable import Delivery

/// Viewers whose kernel is full: a write is in flight while something else happens.
@Suite struct BlockedViewerTests {
    /// A viewer that does not read, with so much sent to it that a write waits.
    private func block(_ harness: ServiceHarness, _ publisher: SourceSession, _ fixture: inout TransportStreamFixture) {
        let group = fixture.takeGroup(pictures: 5, bytes: 40_000)
        for _ in 0..<12 {
            publisher.deliver(group, nowMs: harness.loop.nowMs)
            _ = harness.loop.run(until: { false }, timeoutMs: 1)
        }
    }

    private enum Way: CaseIterable { case closes, resets, endsItsSide }

    @Test(arguments: [0, 1, 2])
    func `a viewer that goes while a write is in flight is let go of`(way: Int) throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeWebDoor(harness) { $0.lag = LagLimit(time: .seconds(60), bytes: 64 << 20) }
        defer { door.close() }
        let stream = try harness.registry.obtain(.main)
        let publisher = try harness.publisher(of: stream)
        var fixture = TransportStreamFixture()
        let viewer = try WebViewer(harness, door.localAddress, reads: false)
        harness.expect { harness.registry.viewers == 1 }
        block(harness, publisher, &fixture)
        switch Way.allCases[way] {
        case .closes:
            try viewer.send(opcode: 8, [0x03, 0xe8])
            viewer.client.read()
        case .resets: viewer.client.connection.closeWithReset()
        case .endsItsSide: viewer.client.connection.shutdown()
        }
        harness.expect { harness.registry.viewers == 0 }
        publisher.deliver(fixture.takeGroup(), nowMs: harness.loop.nowMs)
        harness.expect { door.isEmpty }
    }

    @Test(arguments: ["/app/cam", "/app/cam.ts"])
    func `viewers that take nothing do not keep a stream that has ended`(path: String) throws {
        let harness = try ServiceHarness { $0.streamDefaults.grace = .milliseconds(100) }
        defer { harness.close() }
        let door = try makeWebDoor(harness) { $0.lag = LagLimit(time: .seconds(60), bytes: 64 << 20) }
        defer { door.close() }
        let id = try StreamID(app: "app", name: "cam")
        let publisher = try harness.publisher(of: try harness.registry.obtain(id))
        var fixture = TransportStreamFixture()
        publisher.deliver(fixture.takeGroup(), nowMs: harness.loop.nowMs)
        let viewer = try WebViewer(harness, door.localAddress, path: path, reads: false)
        harness.expect { harness.registry.viewers == 1 }
        block(harness, publisher, &fixture)
        publisher.senderGone(isComplete: false, nowMs: harness.loop.nowMs)
        harness.expect(timeoutMs: 8000) { harness.registry.viewers == 0 && harness.registry.stream(id) == nil }
        withExtendedLifetime(viewer) {}
    }

    @Test func `with LagPolicy kick a viewer that takes nothing is sent away and counted`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeWebDoor(harness) {
            $0.lag = LagLimit(time: .milliseconds(100), bytes: 1 << 20)
            $0.lagPolicy = .kick
        }
        defer { door.close() }
        let publisher = try harness.publisher(of: try harness.registry.obtain(.main))
        var fixture = TransportStreamFixture()
        publisher.deliver(fixture.takeGroup(), nowMs: harness.loop.nowMs)
        let viewer = try WebViewer(harness, door.localAddress, reads: false)
        harness.expect { harness.registry.viewers == 1 }
        block(harness, publisher, &fixture)
        harness.expect(timeoutMs: 8000) { harness.registry.viewers == 0 }
        #expect(door.counters.kicked == 1)
        #expect(harness.log("viewer.left").first?.contains("MaxLag") ?? false)
        withExtendedLifetime(viewer) {}
    }

    @Test func `a door that is closed with viewers of every kind leaves nothing behind`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeWebDoor(harness) { $0.lag = LagLimit(time: .seconds(60), bytes: 64 << 20) }
        let tcp = try makeTCPDoor(harness)
        let publisher = try harness.publisher(of: try harness.registry.obtain(.main))
        var fixture = TransportStreamFixture()
        publisher.deliver(fixture.takeGroup(), nowMs: harness.loop.nowMs)
        let blocked = try WebViewer(harness, door.localAddress, reads: false)
        let watching = try WebViewer(harness, door.localAddress)
        let poured = try WebViewer(harness, door.localAddress, path: "/live/main.ts")
        let bare = try harness.dial(tcp.localAddress)
        let asking = try harness.dial(door.localAddress)
        try asking.send("GET /live/ma")
        harness.expect { harness.registry.viewers == 4 }
        block(harness, publisher, &fixture)
        door.close()
        tcp.close()
        #expect(harness.registry.viewers == 0)
        publisher.deliver(fixture.takeGroup(), nowMs: harness.loop.nowMs)
        harness.expect {
            watching.client.hasEnded && poured.client.hasEnded && bare.hasEnded && asking.hasEnded
        }
        withExtendedLifetime(blocked) {}
    }

    @Test func `a stop in the middle of everything ends everyone in time`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeWebDoor(harness) { $0.lag = LagLimit(time: .seconds(60), bytes: 64 << 20) }
        defer { door.close() }
        let stream = try harness.registry.obtain(.main)
        let publisher = try harness.publisher(of: stream)
        var fixture = TransportStreamFixture()
        let viewers = try (0..<6).map {
            try WebViewer(harness, door.localAddress, path: $0 % 2 == 0 ? "/" : "/live/main.ts", reads: $0 < 4)
        }
        harness.expect { harness.registry.viewers == 6 }
        block(harness, publisher, &fixture)
        // The publisher's picture is cut, and it goes on sending while the node stops.
        let cut = Array(fixture.takeGroup().dropLast(188))
        publisher.deliver(cut, nowMs: harness.loop.nowMs)
        door.stopAccepting()
        stream.audience.endAll(.stopping)
        publisher.deliver(fixture.takeGroup(), nowMs: harness.loop.nowMs)
        publisher.senderGone(isComplete: false, nowMs: harness.loop.nowMs)
        harness.expect(timeoutMs: 8000) { harness.registry.viewers == 0 }
        #expect(viewers[0].closed?.code == 1001)
    }
}
