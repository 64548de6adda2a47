package import Configuration
package import Fanout
package import LoopIO
package import Streaming
package import Telemetry
import TestSupport
package import Testing

/// A registry on a loop of its own with a log that tests can read; services are put on it with port 0.
package final class ServiceHarness {
    package let loop: EventLoop
    package let registry: StreamRegistry
    package let logger: Logger
    private let lines = LogLines()

    /// - Parameter directory: of the node, when the harness is one of its loops.
    package init(
        directory: StreamDirectory = StreamDirectory(), _ configure: (inout NodeConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = NodeConfiguration()
        configure(&configuration)
        let lines = lines
        logger = Logger(level: .debug, clock: { 0 }, sink: { lines.append($0) })
        loop = try EventLoop()
        registry = try StreamRegistry(
            loop: loop, configuration: configuration, directory: directory, logger: logger)
    }

    package func close() {
        registry.close()
        loop.close()
    }

    /// Lines of this event, in order.
    package func log(_ event: String) -> [String] { lines.all.filter { $0.contains(" \(event) ") } }
    package var log: [String] { lines.all }

    /// Runs the loop until the condition holds; a test that waits longer than this has failed.
    package func expect(
        timeoutMs: Int64 = 5000, _ condition: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let holds = loop.run(until: condition, timeoutMs: timeoutMs)
        #expect(holds, sourceLocation: sourceLocation)
    }

    /// Runs the loop for a moment: for what must not happen.
    package func rest(ms: Int64 = 50) { _ = loop.run(until: { false }, timeoutMs: ms) }

    package func dial(_ address: SocketAddress, reads: Bool = true) throws -> LoopClient {
        let client = try LoopClient(loop, to: address, reads: reads)
        expect { client.isConnected || client.hasEnded }
        return client
    }

    /// Sends a request and waits for the end of its answer.
    package func ask(_ address: SocketAddress, _ request: String) throws -> LoopClient {
        let client = try dial(address)
        try client.send(request)
        expect { client.hasEnded }
        return client
    }

    /// A viewer of the bare packets over a real connection, from the next packet on; the far end collects.
    package func watch(_ stream: LiveStream, key: LaneKey = .base, start: StartRule = .raw) throws -> LoopClient {
        var accepted: TCPConnection?
        let listener = try TCPListener(loop: loop, address: .loopbackIPv4) { accepted = $0 }
        defer { listener.close() }
        let client = try LoopClient(loop, to: listener.localAddress)
        expect { accepted != nil && client.isConnected }
        let viewer = Viewer(
            audience: stream.audience, outlet: .connection(try #require(accepted)), key: key, tier: .tcp,
            start: start, lag: LagRule(msMax: 10_000, bytesMax: 16 << 20))
        stream.add(viewer)
        return client
    }

    /// A publisher without a socket, as an ingest makes one.
    package func publisher(
        of stream: LiveStream, kind: SourceKind = .tcp, host: String = "10.0.0.9", port: UInt16 = 4000
    ) throws -> SourceSession {
        SourceSession(
            stream: stream, kind: kind, peer: try SocketAddress(parsing: host, port: port), section: "test",
            isProven: false, nowMs: loop.nowMs)
    }
}

/// Log lines of one test; the sink must be Sendable, though all lines come from the loop.
private final class LogLines: @unchecked Sendable {
    // SAFETY: the logger of a harness is used on the test's thread alone.
    private(set) var all: [String] = []
    func append(_ line: String) { all.append(line) }
}

extension SourceSession {
    package func deliver(_ bytes: [UInt8], nowMs: Int64) { deliver(bytes.span, nowMs: nowMs) }
}
