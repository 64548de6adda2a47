import Configuration
import LoopIO
import ServiceSupport
import Streaming
import TestSupport
import Testing

@testable import Delivery

@Suite struct TCPDoorTests {
    @Test func `a viewer gets the packets from the last random access point on, bit for bit`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeTCPDoor(harness)
        defer { door.close() }
        let early = try harness.dial(door.localAddress)
        harness.expect { harness.registry.viewers == 1 }
        let publisher = try harness.publisher(of: try harness.registry.obtain(.main))
        var fixture = TransportStreamFixture()
        let first = fixture.takeGroup()
        publisher.deliver(first, nowMs: harness.loop.nowMs)
        let second = fixture.takeGroup()
        publisher.deliver(second, nowMs: harness.loop.nowMs)
        harness.expect { early.bytes.count == first.count + second.count }
        let late = try harness.dial(door.localAddress)
        harness.expect { late.bytes.count == second.count }
        #expect((early.bytes == first + second) as Bool)
        #expect((late.bytes == second) as Bool)
        // A viewer stays when the publisher goes: its stream is a configured one.
        publisher.senderGone(isComplete: false, nowMs: harness.loop.nowMs)
        harness.rest()
        #expect(!early.hasEnded && !late.hasEnded)
    }

    @Test(arguments: [("127.0.0.1", true), ("127.0.0.0/8", true), ("10.0.0.1", false), ("::1", false), ("::/0", false)])
    func `on a socket for both families FilterIps refuses an IPv4 viewer by its IPv4 address`(
        entry: String, isRefused: Bool
    ) throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let filter = try AddressList(parsing: [entry])
        let door = try makeTCPDoor(harness, bind: try SocketAddress(parsing: "::", port: 0)) { $0.filter = filter }
        defer { door.close() }
        let viewer = try harness.dial(try SocketAddress(parsing: "127.0.0.1", port: door.localAddress.port))
        harness.expect { door.counters.accepted + door.counters.refusedAddress == 1 }
        #expect((door.counters.refusedAddress == 1) == isRefused)
        if isRefused {
            harness.expect { viewer.hasEnded }
            #expect(viewer.bytes.isEmpty && harness.log("viewer.refused").first?.contains("FilterIps") ?? false)
        }
    }

    @Test func `over MaxViewers a viewer is closed and counted, and a flood of them is one line`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeTCPDoor(harness) { $0.viewersMax = 1 }
        defer { door.close() }
        let first = try harness.dial(door.localAddress)
        harness.expect { harness.registry.viewers == 1 }
        let others = try (0..<50).map { _ in try LoopClient(harness.loop, to: door.localAddress) }
        harness.expect { others.allSatisfy(\.hasEnded) }
        #expect(door.counters.refusedLimit == 50 && !first.hasEnded)
        #expect(harness.log("viewer.refused").count == 1)
    }

    @Test func `a viewer that closes is let go of, and its place is free`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeTCPDoor(harness) { $0.viewersMax = 1 }
        defer { door.close() }
        let first = try harness.dial(door.localAddress)
        harness.expect { harness.registry.viewers == 1 }
        first.close()
        harness.expect { door.isEmpty }
        let second = try harness.dial(door.localAddress)
        harness.expect { harness.registry.viewers == 1 }
        #expect(!second.hasEnded && door.counters.accepted == 2)
    }

    @Test func `a door whose stream nobody configured refuses`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let id = try StreamID(app: "app", name: "cam")
        let door = try makeTCPDoor(harness) { $0.streams = .one(id) }
        defer { door.close() }
        let viewer = try harness.dial(door.localAddress)
        harness.expect { viewer.hasEnded }
        #expect(door.counters.refusedStream == 1)
    }

    @Test func `during a stop nobody comes in, and viewers end between two pictures`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeTCPDoor(harness)
        defer { door.close() }
        let stream = try harness.registry.obtain(.main)
        let viewer = try harness.dial(door.localAddress)
        harness.expect { harness.registry.viewers == 1 }
        var fixture = TransportStreamFixture()
        let sent = fixture.takeGroup()
        try harness.publisher(of: stream).deliver(sent, nowMs: harness.loop.nowMs)
        door.stopAccepting()
        #expect(try harness.dial(door.localAddress).hasEnded)
        harness.expect { viewer.bytes.count == sent.count }
        stream.audience.endAll(.stopping)
        harness.expect { viewer.hasEnded && door.isEmpty }
        #expect(viewer.failure == nil)
    }
}
