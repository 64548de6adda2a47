import Configuration
import HTTP1
import HTTPServer
import LoopIO
import ServiceSupport
import Streaming

@testable import Delivery

/// A door for browsers on a free port, for one test.
func makeWebDoor(
    _ harness: ServiceHarness, script: String? = "/nonexistent/jsmpeg.js", requestsMax: Int = WebDoor.requestsMax,
    _ change: (inout ViewerConfiguration) -> Void = { _ in }
) throws -> WebDoor {
    var configuration = ViewerConfiguration(
        section: "custom", line: 1, tier: .webSocket, bind: .loopbackIPv4, port: 0)
    change(&configuration)
    var ports = PushPorts()
    ports.tcp = 50_001
    return try WebDoor(
        configuration: configuration, address: .loopbackIPv4, registry: harness.registry, pushPorts: ports,
        playerScript: script, logger: harness.logger, requestsMax: requestsMax
    ) { exchange in
        guard exchange.request.segments == ["healthz"] else { return false }
        exchange.respond(.ok, text: "ok\n")
        return true
    }
}

/// A door for bare TCP on a free port, for one test.
func makeTCPDoor(
    _ harness: ServiceHarness, bind: SocketAddress = .loopbackIPv4,
    _ change: (inout ViewerConfiguration) -> Void = { _ in }
) throws -> TCPDoor {
    var configuration = ViewerConfiguration(
        section: "custom", line: 1, tier: .tcp, bind: .loopbackIPv4, port: 0, streams: .one(.main))
    change(&configuration)
    return try TCPDoor(
        configuration: configuration, address: bind, registry: harness.registry, logger: harness.logger)
}
