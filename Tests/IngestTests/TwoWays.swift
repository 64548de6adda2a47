import Configuration
import LoopIO
import ServiceSupport
import Testing

@testable import Ingest
@testable import Streaming

/// The ways in of one section on two loops of one node, on one thread, so that a test says in which order they turn.
final class TwoWays {
    enum Kind: CaseIterable { case tcp, http }

    let directory = StreamDirectory()
    let loops: [ServiceHarness]
    private var tcp: [TCPIngest] = []
    private var http: [HTTPWay] = []
    /// Connections that the kernel gave to the other loop than a test wanted.
    private(set) var strays = 0

    init(_ kind: Kind, limits change: (inout IngestLimits) -> Void = { _ in }) throws {
        let directory = directory
        loops = try (0..<2).map { _ in try ServiceHarness(directory: directory) }
        var limits = IngestLimits()
        change(&limits)
        switch kind {
        case .tcp:
            let share = try IngestShare<TCPIngest>(.loopbackIPv4)
            tcp = try loops.map {
                try TCPIngest(
                    configuration: IngestConfiguration(
                        section: "backstream", line: 1, kind: .tcp, bind: .loopbackIPv4, port: 0), share: share,
                    allowlist: Allowlist(nil), registry: $0.registry, logger: $0.logger, limits: limits)
            }
        case .http:
            let share = try IngestShare<HTTPIngest>(.loopbackIPv4)
            http = try loops.map { try HTTPWay($0, share: share, limits: change) }
        }
    }

    func close() {
        for index in loops.indices { closeWay(index) }
        expect { self.http.allSatisfy(\.ingest.isClosed) }
        for loop in loops.reversed() { loop.close() }
    }

    func closeWay(_ index: Int) {
        if !tcp.isEmpty { tcp[index].close() }
        if !http.isEmpty { http[index].ingest.close() }
    }

    var address: SocketAddress { tcp.first?.localAddress ?? http[0].address }

    func counters(_ index: Int) -> IngestCounters { tcp.isEmpty ? http[index].ingest.counters : tcp[index].counters }

    /// Publishers that are read on a loop.
    func publishers(_ index: Int) -> Int { tcp.isEmpty ? http[index].ingest.bodies : tcp[index].connections }

    /// The loop that a stream was made on.
    func home(of id: StreamID = .main) -> Int? { loops.firstIndex { $0.registry.stream(id) != nil } }

    /// Turns one loop for a moment.
    func turn(_ index: Int) { _ = loops[index].loop.run(until: { false }, timeoutMs: 2) }

    func expect(_ condition: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) {
        for _ in 0..<2000 where !condition() { for index in loops.indices { turn(index) } }
        #expect(condition(), sourceLocation: sourceLocation)
    }

    /// Dials until the kernel gives a publisher to `loop`, which alone turns; it has handed the publisher over then.
    ///
    /// - Parameter opening: the head of a request, and what comes with its last byte.
    func publisher(handedOverBy loop: Int, opening: [UInt8] = []) throws -> LoopClient {
        for _ in 0..<64 {
            let (arrived, handedOver) = (arrivals(loop), counters(loop).handedOver)
            let client = try loops[loop].dial(address)
            guard loops[loop].loop.run(until: { self.arrivals(loop) > arrived }, timeoutMs: 50) else {
                // It is the other loop's, where it is no publisher as long as nothing was sent.
                client.close()
                strays += 1
                continue
            }
            if !opening.isEmpty { try client.send(opening) }
            loops[loop].expect { self.counters(loop).handedOver > handedOver }
            return client
        }
        throw TestTrouble.neverCameHere
    }

    /// Connections that a loop was given so far; of HTTP those that are open.
    private func arrivals(_ loop: Int) -> Int {
        tcp.isEmpty ? http[loop].ingest.connections : Int(tcp[loop].counters.handedOver)
    }

    enum TestTrouble: Error { case neverCameHere }
}
