import Configuration
import Fanout
import LoopIO
import ServiceSupport
import Streaming
import TestSupport
import Testing

@testable import Delivery

@Suite struct WebSocketViewerTests {
    @Test func `a viewer of a configured stream waits, and then gets it from a random access point on`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeWebDoor(harness)
        defer { door.close() }
        let early = try WebViewer(harness, door.localAddress)
        #expect(early.status == 101 && early.client.text.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
        let publisher = try harness.publisher(of: try harness.registry.obtain(.main))
        var fixture = TransportStreamFixture()
        let first = fixture.takeGroup()
        publisher.deliver(first, nowMs: harness.loop.nowMs)
        harness.expect { early.media.count == first.count }
        let late = try WebViewer(harness, door.localAddress, path: "/live/main")
        let second = fixture.takeGroup()
        publisher.deliver(second, nowMs: harness.loop.nowMs)
        harness.expect { late.media.count == first.count + second.count }
        #expect((early.media == first + second) as Bool)
        #expect((late.media == first + second) as Bool)
        #expect(late.frames.allSatisfy { $0.opcode == 2 && $0.payload.count % 188 == 0 })
        #expect(door.counters.accepted == 2)
    }

    @Test func `a viewer of an unknown named stream gets 404, counted and logged`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeWebDoor(harness)
        defer { door.close() }
        let viewer = try WebViewer(harness, door.localAddress, path: "/app/nope")
        harness.expect { viewer.client.hasEnded }
        #expect(viewer.status == 404 && door.counters.refusedStream == 1)
        #expect(harness.log("viewer.refused").count == 1)
        #expect(harness.registry.stream(try StreamID(app: "app", name: "nope")) == nil)
    }

    @Test(arguments: [
        ("", nil), ("Sec-WebSocket-Protocol: null\r\n", "null"), ("Sec-WebSocket-Protocol: ts, null\r\n", "ts"),
    ])
    func `the first sub-protocol that is offered is echoed, and none where none was`(fields: String, echoed: String?)
        throws
    {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeWebDoor(harness)
        defer { door.close() }
        let viewer = try WebViewer(harness, door.localAddress, fields: fields)
        let line = viewer.client.text.split(separator: "\r\n").first { $0.hasPrefix("Sec-WebSocket-Protocol:") }
        #expect(line.map(String.init) == echoed.map { "Sec-WebSocket-Protocol: \($0)" })
    }

    @Test func `another version of WebSocket gets 426 and is counted`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeWebDoor(harness)
        defer { door.close() }
        let viewer = try WebViewer(harness, door.localAddress, version: 8)
        harness.expect { viewer.client.hasEnded }
        #expect(viewer.status == 426 && viewer.client.text.contains("Sec-WebSocket-Version: 13\r\n"))
        #expect(door.counters.refusedHandshake == 1 && door.counters.accepted == 0)
    }

    @Test func `over MaxViewers of the door or of the node a viewer gets 503, and children take no place`() throws {
        let harness = try ServiceHarness { $0.app.viewersMax = 2 }
        defer { harness.close() }
        let narrow = try makeWebDoor(harness) { $0.viewersMax = 1 }
        defer { narrow.close() }
        let wide = try makeWebDoor(harness)
        defer { wide.close() }
        let stream = try harness.registry.obtain(.main)
        let sink = try UDPSocket(loop: harness.loop, address: .loopbackIPv4)
        for _ in 0..<5 {
            stream.add(
                Viewer(
                    audience: stream.audience, outlet: .datagrams(DatagramOutlet(socket: sink, destination: nil)),
                    key: .base, tier: .child, start: .live,
                    lag: LagRule(LagLimit())))
        }
        let first = try WebViewer(harness, narrow.localAddress)
        let second = try WebViewer(harness, narrow.localAddress)
        #expect(first.status == 101 && second.status == 503)
        #expect(second.client.text.contains("[custom] MaxViewers = 1") && narrow.counters.refusedLimit == 1)
        let third = try WebViewer(harness, wide.localAddress)
        let fourth = try WebViewer(harness, wide.localAddress)
        #expect(third.status == 101 && fourth.status == 503)
        #expect(fourth.client.text.contains("[app] MaxViewers = 2") && wide.counters.refusedLimit == 1)
        third.client.close()
        harness.expect { harness.registry.viewers == 1 }
        #expect(try WebViewer(harness, wide.localAddress).status == 101)
    }

    @Test(arguments: [
        (UInt8(1), [UInt8](repeating: 0x61, count: 4097), 1009), (1, [0xff, 0xfe], 1007), (3, [], 1002),
        (8, [0x03, 0xe8], 1000),
    ])
    func `what a viewer sends is checked and ignored, and wrong messages close`(
        opcode: UInt8, payload: [UInt8], code: Int
    ) throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeWebDoor(harness)
        defer { door.close() }
        let viewer = try WebViewer(harness, door.localAddress)
        try viewer.send(opcode: 1, [UInt8](repeating: 0x61, count: 4000))
        try viewer.send(opcode: 2, [0, 1, 2])
        try viewer.send(opcode: 9, [7, 8, 9])
        harness.expect { viewer.frames.contains(WebViewer.Frame(opcode: 10, payload: [7, 8, 9])) }
        #expect(viewer.closed == nil)
        try viewer.send(opcode: opcode, payload)
        harness.expect { viewer.closed != nil && harness.registry.viewers == 0 }
        #expect(viewer.closed?.code == code)
        harness.expect { viewer.client.hasEnded }
    }

    @Test func `when Grace is over viewers of a named stream get Close 1001, those of a configured one stay`() throws {
        let harness = try ServiceHarness { $0.streamDefaults.grace = .milliseconds(150) }
        defer { harness.close() }
        let door = try makeWebDoor(harness)
        defer { door.close() }
        let named = try harness.registry.obtain(try StreamID(app: "app", name: "cam"))
        var fixture = TransportStreamFixture()
        let publisher = try harness.publisher(of: named)
        publisher.deliver(fixture.takeGroup(), nowMs: harness.loop.nowMs)
        let leaves = try WebViewer(harness, door.localAddress, path: "/app/cam")
        let stays = try WebViewer(harness, door.localAddress)
        publisher.senderGone(isComplete: false, nowMs: harness.loop.nowMs)
        harness.expect { leaves.closed != nil }
        #expect(leaves.closed?.code == 1001 && leaves.closed?.reason == "the stream has ended")
        try leaves.send(opcode: 8, [0x03, 0xe9])
        harness.expect { leaves.client.hasEnded && harness.registry.all.count == 1 }
        #expect(stays.closed == nil && harness.registry.viewers == 1)
    }

    @Test func `a stop closes every viewer with 1001 at a picture's end`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeWebDoor(harness)
        defer { door.close() }
        let viewer = try WebViewer(harness, door.localAddress)
        let stream = try harness.registry.obtain(.main)
        var fixture = TransportStreamFixture()
        let group = fixture.takeGroup()
        try harness.publisher(of: stream).deliver(group, nowMs: harness.loop.nowMs)
        door.stopAccepting()
        stream.audience.endAll(.stopping)
        harness.expect { viewer.closed != nil }
        #expect(viewer.closed?.code == 1001 && viewer.media.count % 188 == 0)
        try viewer.send(opcode: 8, [0x03, 0xe9])
        harness.expect { door.isEmpty && viewer.client.hasEnded }
    }
}
