import Configuration
import Control
import Delivery
import Ingest
import LoopIO
import Peering
import Streaming
import Telemetry

/// One loop of a node: the streams that are at home here with their senders and children, and a listener of its own for
/// each section that connections come in by.
///
/// The kernel spreads connections over the loops that listen on one port (SO_REUSEPORT). Viewers stay where they came in;
/// publishers are handed over to their stream's home.
final class NodeLoop {
    let loop: EventLoop
    let registry: StreamRegistry
    private let health: HealthRoutes
    private let reporter: StatusReporter
    private var ways: [WayIn] = []
    private var doors: [Door] = []
    private var dispatchers: [Dispatcher] = []
    /// Made with the first children.
    private var resolver: Resolver?
    private let logger: Logger
    private var stopTimer: LoopTimer?

    init(
        loop: EventLoop, configuration: NodeConfiguration, directory: StreamDirectory, logger: Logger
    ) throws(IOError) {
        self.loop = loop
        self.logger = logger
        registry = try StreamRegistry(loop: loop, configuration: configuration, directory: directory, logger: logger)
        health = HealthRoutes(registry: registry)
        reporter = try StatusReporter(registry: registry, logger: logger)
    }

    func open(
        _ ingest: IngestConfiguration, share: IngestShare<TCPIngest>, allowlist: Allowlist
    ) throws(IOError) {
        ways.append(
            .tcp(
                try TCPIngest(
                    configuration: ingest, share: share, allowlist: allowlist, registry: registry, logger: logger)))
    }

    func open(
        _ ingest: IngestConfiguration, share: IngestShare<HTTPIngest>, allowlist: Allowlist
    ) throws(IOError) {
        ways.append(
            .http(
                try HTTPIngest(
                    configuration: ingest, share: share, allowlist: allowlist, registry: registry, logger: logger,
                    otherwise: health.answer)))
    }

    /// A way in by datagrams, which has one socket, on the loop that is home to its stream.
    ///
    /// - Returns: the port that was really bound.
    func openDatagrams(_ ingest: IngestConfiguration, allowlist: Allowlist) throws(IOError) -> UInt16 {
        let way = try UDPIngest(
            configuration: ingest, address: SocketAddress(ingest.bind, port: ingest.port), allowlist: allowlist,
            registry: registry, logger: logger)
        ways.append(.udp(way))
        return way.localAddress.port
    }

    func open(_ door: ViewerConfiguration, share: DoorShare, pushPorts: PushPorts) throws(IOError) {
        switch door.tier {
        case .tcp:
            doors.append(.tcp(try TCPDoor(configuration: door, share: share, registry: registry, logger: logger)))
        case .webSocket:
            doors.append(
                .web(
                    try WebDoor(
                        configuration: door, share: share, registry: registry, pushPorts: pushPorts,
                        playerScript: registry.configuration.player.script, logger: logger, otherwise: health.answer)))
        }
    }

    /// Children of a stream that is at home here.
    func open(_ dispatch: DispatchConfiguration) throws(IOError) {
        let resolver = if let resolver { resolver } else { try Resolver(loop: loop) }
        self.resolver = resolver
        dispatchers.append(
            try Dispatcher(configuration: dispatch, registry: registry, resolver: resolver, logger: logger))
    }

    /// Begins to feed the children. Before the loop is handed over to its thread.
    func start() {
        for dispatcher in dispatchers { dispatcher.start() }
    }

    /// Takes no one in any more, and lets every viewer finish its picture.
    ///
    /// - Parameter then: called on this loop when everyone has gone.
    func stop(then: @escaping () -> Void) {
        for way in ways { way.close() }
        for dispatcher in dispatchers { dispatcher.close() }
        for door in doors { door.stopAccepting() }
        registry.endAll(.stopping)
        stopTimer = try? LoopTimer(loop: loop) { [unowned self] in
            guard doors.allSatisfy(\.isEmpty) else { return }
            stopTimer?.close()
            stopTimer = nil
            then()
        }
        guard let stopTimer else { return then() }
        stopTimer.start(afterMs: 20, repeatMs: 20)
    }

    /// Lets go of those who are left.
    func close() {
        stopTimer?.close()
        stopTimer = nil
        for door in doors { door.close() }
        reporter.close()
        resolver?.close()
        registry.close()
    }
}

@available(*, unavailable) extension NodeLoop: Sendable {}
