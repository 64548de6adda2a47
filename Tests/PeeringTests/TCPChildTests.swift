import Configuration
import LoopIO
import ServiceSupport
import Streaming
import TestSupport
import Testing

@testable import Peering

@Suite struct TCPChildTests {
    private func makeChild(
        _ harness: ServiceHarness, _ resolver: Resolver, host: String = "127.0.0.1", port: UInt16,
        dialMsMax: Int64 = TCPChild.dialMsMax
    ) throws -> TCPChild {
        let child = DispatchConfiguration.Child(host: host, port: port)
        return try TCPChild(
            child: child,
            configuration: DispatchConfiguration(section: "dispatch", line: 1, kind: .tcp, children: [child]),
            registry: harness.registry, resolver: resolver, logger: harness.logger, dialMsMax: dialMsMax)
    }

    /// A port of loopback that nobody listens on.
    private func freePort(_ harness: ServiceHarness) throws -> UInt16 {
        let listener = try TCPListener(loop: harness.loop, address: .loopbackIPv4) { _ in }
        defer { listener.close() }
        return listener.localAddress.port
    }

    @Test func `a child gets the stream from its last random access point on, bit for bit`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let resolver = try Resolver(loop: harness.loop)
        defer { resolver.close() }
        var clients: [LoopClient] = []
        let listener = try TCPListener(loop: harness.loop, address: .loopbackIPv4) {
            clients.append(LoopClient(accepted: $0))
        }
        let stream = try harness.registry.obtain(.main)
        let publisher = try harness.publisher(of: stream)
        var fixture = TransportStreamFixture()
        publisher.deliver(fixture.takeGroup(), nowMs: harness.loop.nowMs)
        let last = fixture.takeGroup()
        publisher.deliver(last, nowMs: harness.loop.nowMs)
        let child = try makeChild(harness, resolver, port: listener.localAddress.port)
        defer { child.close() }
        child.start()
        harness.expect { clients.first?.bytes.count == last.count }
        let next = fixture.takeGroup()
        publisher.deliver(next, nowMs: harness.loop.nowMs)
        harness.expect { clients.first?.bytes.count == last.count + next.count }
        #expect((clients.first?.bytes == last + next) as Bool)
        #expect(stream.status.children == 1 && stream.status.viewers == 0 && harness.registry.viewers == 0)
        #expect(harness.log("child.connected").count == 1)
    }

    @Test func `a child that comes later is found, and one that is lost is dialled again`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let resolver = try Resolver(loop: harness.loop)
        defer { resolver.close() }
        let port = try freePort(harness)
        let child = try makeChild(harness, resolver, port: port)
        defer { child.close() }
        child.start()
        harness.expect { child.failures >= 2 }
        #expect(harness.log("child.unreachable").first?.contains("tries=1") ?? false)
        var accepted: [TCPConnection] = []
        let address = try SocketAddress(parsing: "127.0.0.1", port: port)
        let listener = try TCPListener(loop: harness.loop, address: address) { accepted.append($0) }
        harness.expect { child.isConnected && accepted.count == 1 }
        accepted[0].closeWithReset()
        harness.expect { accepted.count == 2 && child.isConnected }
        #expect(child.connects == 2 && harness.log("child.lost").count == 1)
        withExtendedLifetime(listener) {}
    }

    @Test func `a child that accepts and closes at once does not make the node spin, nor its log long`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let resolver = try Resolver(loop: harness.loop)
        defer { resolver.close() }
        var accepted = 0
        let listener = try TCPListener(loop: harness.loop, address: .loopbackIPv4) {
            accepted += 1
            $0.close()
        }
        let child = try makeChild(harness, resolver, port: listener.localAddress.port)
        defer { child.close() }
        child.start()
        harness.rest(ms: 2500)
        // Full jitter may be lucky a few times; on average a wait is 125, 250, 500, 500 ... ms.
        #expect((2...30).contains(accepted))
        #expect(harness.log("child.lost").count <= 6 && harness.log("child.connected").count <= 7)
    }

    @Test func `a host that does not answer is given up after the time for a dial`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let resolver = try Resolver(loop: harness.loop)
        defer { resolver.close() }
        // A listener whose queue is full drops further SYNs, as a dead host does.
        let full = try FullListener()
        defer { full.close() }
        let child = try makeChild(harness, resolver, port: full.port, dialMsMax: 150)
        defer { child.close() }
        child.start()
        harness.expect { child.failures >= 2 }
        let line = try #require(harness.log("child.unreachable").first)
        #expect(line.contains("no answer from 127.0.0.1:\(full.port) in 150 ms"))
    }

    @Test func `a name that does not resolve is tried again and again, and logged at doublings`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let resolver = try Resolver(loop: harness.loop)
        defer { resolver.close() }
        // Longer than any name may be: refused without asking a name server.
        let child = try makeChild(harness, resolver, host: String(repeating: "a", count: 300), port: 1)
        defer { child.close() }
        child.start()
        harness.expect { child.failures >= 4 }
        #expect(harness.log("child.unreachable").count == 3)
    }

    @Test func `a child that stops reading is waited for, and the others get everything`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let resolver = try Resolver(loop: harness.loop)
        defer { resolver.close() }
        var ends: [LoopClient] = []
        let listener = try TCPListener(loop: harness.loop, address: .loopbackIPv4) { connection in
            ends.append(LoopClient(accepted: connection, reads: !ends.isEmpty))
        }
        let stream = try harness.registry.obtain(.main)
        let stalled = try makeChild(harness, resolver, port: listener.localAddress.port)
        defer { stalled.close() }
        stalled.start()
        harness.expect { ends.count == 1 && stalled.isConnected }
        let healthy = try makeChild(harness, resolver, port: listener.localAddress.port)
        defer { healthy.close() }
        healthy.start()
        harness.expect { ends.count == 2 && healthy.isConnected }
        let publisher = try harness.publisher(of: stream)
        var fixture = TransportStreamFixture()
        var sent = 0
        for _ in 0..<40 {
            let group = fixture.takeGroup(pictures: 5, bytes: 50_000)
            publisher.deliver(group, nowMs: harness.loop.nowMs)
            sent += group.count
            harness.expect { ends[1].bytes.count == sent }
        }
        #expect(stalled.isConnected && healthy.isConnected)
        #expect(harness.log("child.lost").isEmpty)
    }

    @Test func `a child that is closed while it is looked up or dialled is not heard of again`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let resolver = try Resolver(loop: harness.loop)
        defer { resolver.close() }
        var accepted = 0
        let listener = try TCPListener(loop: harness.loop, address: .loopbackIPv4) { _ in accepted += 1 }
        let lookedUp = try makeChild(harness, resolver, port: listener.localAddress.port)
        lookedUp.start()
        lookedUp.close()
        let full = try FullListener()
        defer { full.close() }
        let dialled = try makeChild(harness, resolver, port: full.port)
        dialled.start()
        harness.rest(ms: 20)
        dialled.close()
        dialled.close()
        harness.rest(ms: 100)
        #expect(accepted == 0 && harness.log("child.unreachable").isEmpty && harness.log("child.lost").isEmpty)
    }

    @Test func `a stop ends a child between two pictures, and is no loss`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let resolver = try Resolver(loop: harness.loop)
        defer { resolver.close() }
        var end: LoopClient?
        let listener = try TCPListener(loop: harness.loop, address: .loopbackIPv4) { end = LoopClient(accepted: $0) }
        let stream = try harness.registry.obtain(.main)
        let child = try makeChild(harness, resolver, port: listener.localAddress.port)
        child.start()
        harness.expect { child.isConnected && end != nil }
        var fixture = TransportStreamFixture()
        let group = fixture.takeGroup()
        try harness.publisher(of: stream).deliver(group, nowMs: harness.loop.nowMs)
        harness.expect { end?.bytes.count == group.count }
        stream.audience.endAll(.stopping)
        harness.expect { end?.hasEnded ?? false }
        child.close()
        #expect(!child.isConnected && harness.log("child.lost").isEmpty)
    }
}
