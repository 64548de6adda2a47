import Configuration
import LoopIO
import ServiceSupport
import Streaming
import TestSupport
import Testing

@testable import Peering

@Suite struct DispatcherTests {
    @Test(arguments: [DispatchConfiguration.Kind.tcp, .udp])
    func `every child of a section is fed, and a closed dispatcher feeds none`(kind: DispatchConfiguration.Kind) throws
    {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let resolver = try Resolver(loop: harness.loop)
        defer { resolver.close() }
        let stream = try harness.registry.obtain(.main)
        let listener = try TCPListener(loop: harness.loop, address: .loopbackIPv4) { _ in }
        let child = DispatchConfiguration.Child(host: "127.0.0.1", port: listener.localAddress.port)
        let dispatcher = try Dispatcher(
            configuration: DispatchConfiguration(
                section: "dispatch", line: 1, kind: kind, children: [child, child, child]),
            registry: harness.registry, resolver: resolver, logger: harness.logger)
        dispatcher.start()
        harness.expect { stream.status.children == 3 }
        dispatcher.close()
        #expect(stream.status.children == 0)
        harness.rest()
    }
}
