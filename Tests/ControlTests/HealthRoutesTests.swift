import Configuration
import Control
import HTTP1
import HTTPServer
import LoopIO
import ServiceSupport
import Streaming
import TestSupport
import Testing

@Suite struct HealthRoutesTests {
    @Test func `a node is healthy at once, and ready while a stream is live`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let routes = HealthRoutes(registry: harness.registry)
        let listener = try HTTPListener(loop: harness.loop, address: .loopbackIPv4) { exchange in
            if !routes.answer(exchange) { exchange.respond(.notFound, text: "other\n") }
        }
        defer { listener.close() }
        func status(_ request: String) throws -> Int {
            try harness.ask(listener.localAddress, request + " HTTP/1.1\r\nHost: a\r\n\r\n").status
        }
        #expect(try status("GET /healthz") == 200)
        #expect(try status("HEAD /healthz") == 200)
        #expect(try status("GET /readyz") == 503)
        let publisher = try harness.publisher(of: try harness.registry.obtain(.main))
        #expect(try status("GET /readyz") == 503)
        var fixture = TransportStreamFixture()
        publisher.deliver(fixture.takeGroup(), nowMs: harness.loop.nowMs)
        #expect(try status("GET /readyz") == 200)
        publisher.senderGone(isComplete: false, nowMs: harness.loop.nowMs)
        #expect(try status("GET /readyz") == 503)
        #expect(try status("POST /healthz") == 405)
        #expect(try status("GET /healthz/x") == 404)
        #expect(try status("GET /") == 404)
    }
}
