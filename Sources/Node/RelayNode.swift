package import Configuration
import Control
import Delivery
import Ingest
package import LoopIO
import Peering
import Streaming
package import Telemetry

/// One node: everything that a configuration asks for, put together on its loops.
///
/// ```swift
/// let node = try RelayNode(configuration: configuration, file: "node.ini", loop: loop, logger: logger)
/// for line in node.hints { print(line) }
/// try node.start()
/// loop.run()  // until a signal has called `node.stop` and everyone has gone
/// ```
///
/// The main loop is home to the streams: it takes publishers and feeds children. Every loop serves viewers.
package final class RelayNode {
    /// A stop that takes longer ends without those who are left.
    package static let stopMsMax: Int64 = 4000

    private let configuration: NodeConfiguration
    private let loop: EventLoop
    private let logger: Logger
    private let own: NodeLoop
    private var far: [FarLoop] = []
    private let resolver: Resolver
    private let reporter: StatusReporter
    private var ways: [WayIn] = []
    private var doorPorts: [UInt16] = []
    private var dispatchers: [Dispatcher] = []
    private var stopTimer: LoopTimer?
    private var loopsLeft = 0
    private var isStopping = false
    private var isStopped = false
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
        let directory = StreamDirectory()
        var others: [NodeLoop] = []
        do throws(IOError) {
            own = try NodeLoop(loop: loop, configuration: configuration, directory: directory, logger: logger)
            resolver = try Resolver(loop: loop)
            reporter = try StatusReporter(registry: own.registry, logger: logger)
            for _ in 1..<max(1, configuration.app.threads ?? Machine.availableParallelism) {
                others.append(
                    try NodeLoop(
                        loop: try EventLoop(), configuration: configuration, directory: directory, logger: logger))
            }
        } catch {
            throw .io(error)
        }
        for ingest in configuration.ingests { try open(ingest, file: file) }
        for door in configuration.viewers { try open(door, file: file, on: [own] + others) }
        for dispatch in configuration.dispatches {
            do throws(IOError) {
                dispatchers.append(
                    try Dispatcher(configuration: dispatch, registry: own.registry, resolver: resolver, logger: logger))
            } catch {
                throw .io(error)
            }
        }
        far = others.map { FarLoop($0) }
    }

    /// How to push and where to watch, for what was really opened.
    package var hints: [String] {
        PushHints.lines(
            configuration: configuration, ingestPorts: ways.map(\.port), viewerPorts: doorPorts,
            machineAddresses: Machine.interfaces.map(\.address.hostDescription))
    }

    /// What bounds the memory of a node with this configuration, in plain words.
    package static func memoryLines(of configuration: NodeConfiguration) -> [String] {
        MemoryPlan(configuration).lines
    }

    /// Starts the other loops and begins to feed the children. The main loop has begun.
    ///
    /// - Throws: when the machine has no room for a thread.
    package func start() throws(StartError) {
        do throws(IOError) {
            for loop in far { try loop.start() }
        } catch {
            // The threads that run already would go on serving.
            for loop in far { loop.close() }
            throw .io(error)
        }
        for dispatcher in dispatchers { dispatcher.start() }
        logger.info(
            "node.started",
            [
                "name": configuration.app.name.isEmpty ? Machine.hostName : configuration.app.name,
                "threads": String(far.count + 1), "ways_in": String(ways.count), "doors": String(doorPorts.count),
                "children": String(configuration.dispatches.reduce(0) { $0 + $1.children.count }),
            ])
        logger.info("node.memory", MemoryPlan(configuration).fields)
    }

    /// Takes no one in any more, lets every viewer finish its picture, and goes.
    package func stop(because reason: String) {
        guard !isStopping else { return }
        isStopping = true
        logger.info("node.stopping", ["because": reason, "viewers": String(own.registry.viewers)])
        for way in ways { way.close() }
        for dispatcher in dispatchers { dispatcher.close() }
        stopTimer = try? LoopTimer(loop: loop) { [unowned self] in self.finishStop() }
        guard let stopTimer else { return finishStop() }
        stopTimer.start(afterMs: RelayNode.stopMsMax)
        loopsLeft = far.count + 1
        // SAFETY: the answers come back to this loop, which alone uses the node.
        nonisolated(unsafe) let node = self
        for loop in far { loop.stop(answeringTo: self.loop.mailbox) { node.loopHasStopped() } }
        own.stop { [unowned self] in self.loopHasStopped() }
    }

    private func loopHasStopped() {
        loopsLeft -= 1
        if loopsLeft == 0 { finishStop() }
    }

    private func finishStop() {
        guard !isStopped else { return }
        isStopped = true
        stopTimer?.close()
        stopTimer = nil
        for loop in far { loop.close() }
        own.close()
        reporter.close()
        resolver.close()
        logger.info("node.stopped")
        onStopped()
    }

    private func open(_ ingest: IngestConfiguration, file: String) throws(StartError) {
        let address = SocketAddress(ingest.bind, port: ingest.port)
        let allowlist = Allowlist(configuration.authority)
        do throws(IOError) {
            switch ingest.kind {
            case .tcp:
                ways.append(
                    .tcp(
                        try TCPIngest(
                            configuration: ingest, address: address, allowlist: allowlist, registry: own.registry,
                            logger: logger)))
            case .udp:
                ways.append(
                    .udp(
                        try UDPIngest(
                            configuration: ingest, address: address, allowlist: allowlist, registry: own.registry,
                            logger: logger)))
            case .http:
                ways.append(
                    .http(
                        try HTTPIngest(
                            configuration: ingest, address: address, allowlist: allowlist, registry: own.registry,
                            logger: logger, otherwise: own.health.answer)))
            }
        } catch {
            throw .cannotOpen(section: ingest.section, file: file, line: ingest.line, error)
        }
    }

    /// A door on each loop, all on the same port.
    private func open(_ door: ViewerConfiguration, file: String, on loops: [NodeLoop]) throws(StartError) {
        do throws(IOError) {
            let share = try DoorShare(SocketAddress(door.bind, port: door.port))
            for loop in loops { try loop.open(door, share: share, pushPorts: pushPorts) }
            doorPorts.append(share.address.port)
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

@available(*, unavailable) extension RelayNode: Sendable {}
