package import Configuration
import Control
import Delivery
import Ingest
package import LoopIO
import Peering
import Streaming
package import Telemetry

/// One node: everything that a configuration asks for, put together on its loop.
///
/// ```swift
/// let node = try RelayNode(configuration: configuration, file: "node.ini", loop: loop, logger: logger)
/// for line in node.hints { print(line) }
/// node.start()
/// loop.run()  // until a signal has called `node.stop` and everyone has gone
/// ```
package final class RelayNode {
    /// A stop that takes longer ends without those who are left.
    package static let stopMsMax: Int64 = 4000

    private let configuration: NodeConfiguration
    private let loop: EventLoop
    private let logger: Logger
    private let registry: StreamRegistry
    private let resolver: Resolver
    private let reporter: StatusReporter
    private var ways: [WayIn] = []
    private var doors: [Door] = []
    private var dispatchers: [Dispatcher] = []
    private var stopTimer: LoopTimer?
    private var stopDueMs: Int64 = 0
    private var isStopping = false
    private let onStopped: () -> Void

    /// Opens every way in and every door.
    ///
    /// - Parameters:
    ///   - file: the configuration's name, for errors.
    ///   - onStopped: called when a stop is complete, or its time is over.
    package init(
        configuration: NodeConfiguration, file: String, loop: EventLoop, logger: Logger,
        onStopped: @escaping () -> Void
    ) throws(StartError) {
        guard configuration.app.runMode != .monitor else { throw .monitorNotYet }
        self.configuration = configuration
        self.loop = loop
        self.logger = logger
        self.onStopped = onStopped
        do throws(IOError) {
            registry = try StreamRegistry(loop: loop, configuration: configuration, logger: logger)
            resolver = try Resolver(loop: loop)
            reporter = try StatusReporter(registry: registry, logger: logger)
        } catch {
            throw .io(error)
        }
        let health = HealthRoutes(registry: registry)
        for ingest in configuration.ingests { try open(ingest, file: file, health: health) }
        for door in configuration.viewers { try open(door, file: file, health: health) }
        for dispatch in configuration.dispatches {
            do throws(IOError) {
                dispatchers.append(
                    try Dispatcher(configuration: dispatch, registry: registry, resolver: resolver, logger: logger))
            } catch {
                throw .io(error)
            }
        }
    }

    /// How to push and where to watch, for what was really opened.
    package var hints: [String] {
        PushHints.lines(
            configuration: configuration, ingestPorts: ways.map(\.port), viewerPorts: doors.map(\.port),
            machineAddresses: Machine.interfaces.map(\.address.hostDescription))
    }

    /// Begins to feed the children. Everything else has begun.
    package func start() {
        for dispatcher in dispatchers { dispatcher.start() }
        logger.info(
            "node.started",
            [
                "name": configuration.app.name.isEmpty ? Machine.hostName : configuration.app.name,
                "ways_in": String(ways.count), "doors": String(doors.count),
                "children": String(configuration.dispatches.reduce(0) { $0 + $1.children.count }),
            ])
    }

    /// Takes no one in any more, lets every viewer finish its picture, and goes.
    package func stop(because reason: String) {
        guard !isStopping else { return }
        isStopping = true
        logger.info("node.stopping", ["because": reason, "viewers": String(registry.viewers)])
        for door in doors { door.stopAccepting() }
        for stream in registry.all { stream.audience.endAll(.stopping) }
        for way in ways { way.close() }
        for dispatcher in dispatchers { dispatcher.close() }
        stopDueMs = loop.nowMs + RelayNode.stopMsMax
        stopTimer = try? LoopTimer(loop: loop) { [unowned self] in self.checkStopped() }
        guard let stopTimer else { return finishStop() }
        stopTimer.start(afterMs: 20, repeatMs: 20)
    }

    private func checkStopped() {
        let isEmpty = registry.viewers == 0 && doors.allSatisfy(\.isEmpty)
        if isEmpty || loop.nowMs >= stopDueMs { finishStop() }
    }

    private func finishStop() {
        stopTimer?.close()
        stopTimer = nil
        for door in doors { door.close() }
        reporter.close()
        registry.close()
        resolver.close()
        logger.info("node.stopped")
        onStopped()
    }

    private func open(_ ingest: IngestConfiguration, file: String, health: HealthRoutes) throws(StartError) {
        let address = SocketAddress(ingest.bind, port: ingest.port)
        let allowlist = Allowlist(configuration.authority)
        do throws(IOError) {
            switch ingest.kind {
            case .tcp:
                ways.append(
                    .tcp(
                        try TCPIngest(
                            configuration: ingest, address: address, allowlist: allowlist, registry: registry,
                            logger: logger)))
            case .udp:
                ways.append(
                    .udp(
                        try UDPIngest(
                            configuration: ingest, address: address, allowlist: allowlist, registry: registry,
                            logger: logger)))
            case .http:
                ways.append(
                    .http(
                        try HTTPIngest(
                            configuration: ingest, address: address, allowlist: allowlist, registry: registry,
                            logger: logger, otherwise: health.answer)))
            }
        } catch {
            throw .cannotOpen(section: ingest.section, file: file, line: ingest.line, error)
        }
    }

    private func open(_ door: ViewerConfiguration, file: String, health: HealthRoutes) throws(StartError) {
        let address = SocketAddress(door.bind, port: door.port)
        do throws(IOError) {
            switch door.tier {
            case .tcp:
                doors.append(
                    .tcp(
                        try TCPDoor(configuration: door, address: address, registry: registry, logger: logger)))
            case .webSocket:
                doors.append(
                    .web(
                        try WebDoor(
                            configuration: door, address: address, registry: registry, pushPorts: pushPorts,
                            playerScript: configuration.player.script, logger: logger, otherwise: health.answer)))
            }
        } catch {
            throw .cannotOpen(section: door.section, file: file, line: door.line, error)
        }
    }

    /// The encoders' first way in of each kind: what the page suggests to push to. A link is for the parent alone.
    private var pushPorts: PushPorts {
        var ports = PushPorts()
        for (way, ingest) in zip(ways, configuration.ingests) where !ingest.section.hasPrefix("pushstream") {
            switch way {
            case .tcp: ports.tcp = ports.tcp ?? way.port
            case .udp: ports.udp = ports.udp ?? way.port
            case .http: ports.http = ports.http ?? way.port
            }
        }
        return ports
    }
}

extension SocketAddress {
    fileprivate init(_ address: IPAddress, port: UInt16) {
        self.init(bytes: Bytes(high: address.high, low: address.low), port: port)
    }
}

@available(*, unavailable) extension RelayNode: Sendable {}
