import Configuration
import HTTP1
import HTTPServer
import LoopIO
import ServiceSupport
import Testing

@testable import Ingest

/// An HTTP way in for one test, on a free port; `GET /healthz` is answered as the node does.
struct HTTPWay {
    let ingest: HTTPIngest
    private let harness: ServiceHarness

    init(
        _ harness: ServiceHarness, secret: String? = nil, allows: AddressList? = nil,
        share: IngestShare<HTTPIngest>? = nil, limits change: (inout IngestLimits) -> Void = { _ in }
    ) throws {
        self.harness = harness
        var limits = IngestLimits()
        limits.farewellMs = 0
        change(&limits)
        ingest = try HTTPIngest(
            configuration: IngestConfiguration(
                section: "backstream", line: 1, kind: .http, bind: .loopbackIPv4, port: 0, secret: secret),
            share: try share ?? IngestShare(.loopbackIPv4), allowlist: Allowlist(allows), registry: harness.registry,
            logger: harness.logger,
            limits: limits
        ) { exchange in
            guard exchange.request.segments == ["healthz"] else { return false }
            exchange.respond(.ok, text: "ok\n")
            return true
        }
    }

    var address: SocketAddress { ingest.localAddress }

    /// Closes, and waits for the last answers.
    func close() {
        ingest.close()
        harness.expect { ingest.isClosed }
    }

    /// One chunk (RFC 9112 7.1); the last for no bytes.
    static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        Array((String(bytes.count, radix: 16) + "\r\n").utf8) + bytes + [13, 10]
    }
}
