import Configuration
import LoopIO
import ServiceSupport
import Streaming
import TestSupport
import Testing

@testable import Peering

@Suite struct UDPChildTests {
    /// What a child receives, datagram by datagram.
    private final class Receiver {
        var datagrams: [[UInt8]] = []
        let socket: UDPSocket

        init(_ harness: ServiceHarness) throws {
            socket = try UDPSocket(loop: harness.loop, address: .loopbackIPv4)
            try socket.startReceiving { [unowned self] span, _ in
                self.datagrams.append(span.withUnsafeBufferPointer { Array($0) })
            }
        }

        var port: UInt16 { socket.localAddress?.port ?? 0 }
        var bytes: [UInt8] { datagrams.flatMap(\.self) }
    }

    private func makeChild(
        _ harness: ServiceHarness, _ resolver: Resolver, host: String = "127.0.0.1", port: UInt16,
        interface: String = ""
    ) throws -> UDPChild {
        let child = DispatchConfiguration.Child(host: host, port: port)
        return try UDPChild(
            child: child,
            configuration: DispatchConfiguration(
                section: "dispatch", line: 1, kind: .udp, children: [child], interface: interface),
            registry: harness.registry, resolver: resolver, logger: harness.logger, lookUpMs: 50, retryMs: 10)
    }

    @Test func `a child gets whole packets in datagrams of at most 1316 bytes, from a random access point on`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let resolver = try Resolver(loop: harness.loop)
        defer { resolver.close() }
        let receiver = try Receiver(harness)
        let stream = try harness.registry.obtain(.main)
        let publisher = try harness.publisher(of: stream)
        var fixture = TransportStreamFixture()
        publisher.deliver(fixture.takeGroup(), nowMs: harness.loop.nowMs)
        let child = try makeChild(harness, resolver, port: receiver.port)
        defer { child.close() }
        child.start()
        harness.expect { child.destination != nil }
        // Pictures before the next random access point are of no use to it.
        fixture.appendPicture(bytes: 900)
        publisher.deliver(fixture.takeBytes(), nowMs: harness.loop.nowMs)
        let group = fixture.takeGroup(pictures: 10, bytes: 6000)
        publisher.deliver(group, nowMs: harness.loop.nowMs)
        harness.expect { receiver.bytes.count >= group.count }
        #expect((receiver.bytes == group) as Bool)
        #expect(receiver.datagrams.allSatisfy { $0.count <= 1316 && $0.count % 188 == 0 && $0[0] == 0x47 })
        #expect(stream.status.children == 1 && stream.status.viewers == 0)
    }

    @Test func `a chunk of seven datagrams leaves in one system call`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let resolver = try Resolver(loop: harness.loop)
        defer { resolver.close() }
        let receiver = try Receiver(harness)
        let stream = try harness.registry.obtain(.main)
        let publisher = try harness.publisher(of: stream)
        let child = try makeChild(harness, resolver, port: receiver.port)
        defer { child.close() }
        child.start()
        harness.expect { child.destination != nil }
        var fixture = TransportStreamFixture()
        var sent = 0
        for picture in 0..<5 {
            fixture.appendTables()
            // With its two tables a chunk of 43 packets.
            let bytes = TransportStreamFixture.fullBytes(packets: 41, isRandomAccess: picture == 0) - 1
            fixture.appendPicture(bytes: bytes, isRandomAccess: picture == 0)
            let chunk = fixture.takeBytes()
            sent += chunk.count
            publisher.deliver(chunk, nowMs: harness.loop.nowMs)
            harness.expect { receiver.bytes.count == sent }
        }
        #expect(
            receiver.datagrams.map(\.count)
                == Array(repeating: [1316, 1316, 1316, 1316, 1316, 1316, 188], count: 5).flatMap(\.self))
        #expect(child.counters?.datagramsSent == 35)
        #expect(child.counters?.sendCalls == 5)
    }

    @Test func `a child stays where it is while its name still has that address, and moves when it has not`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let resolver = try Resolver(loop: harness.loop)
        defer { resolver.close() }
        let child = try makeChild(harness, resolver, port: 9)
        defer { child.close() }
        let first = try SocketAddress(parsing: "127.0.0.1", port: 9)
        let second = try SocketAddress(parsing: "127.0.0.2", port: 9)
        let third = try SocketAddress(parsing: "::1", port: 9)
        child.found([first, second])
        child.found([second, first])
        #expect(child.destination == first && harness.log("child.sending").count == 1)
        child.found([second])
        #expect(child.destination == second && harness.log("child.moved").count == 1)
        child.found([third])
        #expect(child.destination == third && harness.log("child.sending").count == 2)
    }

    @Test func `a name that does not resolve is tried again, and logged at doublings`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let resolver = try Resolver(loop: harness.loop)
        defer { resolver.close() }
        let child = try makeChild(harness, resolver, host: String(repeating: "a", count: 300), port: 1)
        defer { child.close() }
        child.start()
        harness.expect { harness.log("child.unreachable").count == 4 }
        #expect(harness.log("child.unreachable").last?.contains("tries=8") ?? false)
    }

    @Test func `an interface that is not there is told, and the child is fed once it is found`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let resolver = try Resolver(loop: harness.loop)
        defer { resolver.close() }
        let child = try makeChild(harness, resolver, host: "239.255.0.1", port: 5000, interface: "nosuch0")
        defer { child.close() }
        child.start()
        harness.expect { harness.log("child.unreachable").count == 2 }
        #expect(child.destination == nil && harness.log("child.unreachable").first?.contains("nosuch0") ?? false)
        // Its name has another address now, which needs no interface.
        child.found([try SocketAddress(parsing: "127.0.0.1", port: 9)])
        #expect(child.destination?.hostDescription == "127.0.0.1")
    }

    @Test func `a network that refuses datagrams is one line, and costs the stream nothing`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let resolver = try Resolver(loop: harness.loop)
        defer { resolver.close() }
        // The kernel refuses broadcasts of a socket that did not ask for them.
        let child = try makeChild(harness, resolver, host: "255.255.255.255", port: 9)
        defer { child.close() }
        child.start()
        harness.expect { child.destination != nil }
        let stream = try harness.registry.obtain(.main)
        let publisher = try harness.publisher(of: stream)
        var fixture = TransportStreamFixture()
        var groups = 0
        harness.expect {
            publisher.deliver(fixture.takeGroup(), nowMs: harness.loop.nowMs)
            groups += 1
            return !harness.log("child.unreachable").isEmpty
        }
        #expect(harness.log("child.unreachable").count == 1 && groups > 1)
        harness.expect { !harness.log("child.reachable").isEmpty }
    }

    @Test func `a child that is closed while it is looked up is not fed`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let resolver = try Resolver(loop: harness.loop)
        defer { resolver.close() }
        let child = try makeChild(harness, resolver, port: 9)
        child.start()
        child.close()
        child.close()
        harness.rest()
        #expect(child.destination == nil && harness.log("child.sending").isEmpty)
    }

    @Test func `a stop ends a child`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let resolver = try Resolver(loop: harness.loop)
        defer { resolver.close() }
        let child = try makeChild(harness, resolver, port: 9)
        child.start()
        harness.expect { child.destination != nil }
        let stream = try harness.registry.obtain(.main)
        stream.audience.endAll(.stopping)
        #expect(child.destination == nil && stream.status.children == 0)
    }
}
