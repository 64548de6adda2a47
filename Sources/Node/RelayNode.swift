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
/// Each stream is at home on one of the loops, which reads its publisher and feeds its children. Every loop takes
/// connections and serves viewers.
package final class RelayNode {
    /// A stop that takes longer ends without those who are left.
    package static let stopMsMax: Int64 = 4000

    private let configuration: NodeConfiguration
    private let loop: EventLoop
    private let logger: Logger
    private let own: NodeLoop
    private var far: [FarLoop] = []
    private var wayPorts: [UInt16] = []
    private var doorPorts: [UInt16] = []
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
            for _ in 1..<max(1, configuration.app.threads ?? Machine.availableParallelism) {
                others.append(
                    try NodeLoop(
                        loop: try EventLoop(), configuration: configuration, directory: directory, logger: logger))
            }
        } catch {
            throw .io(error)
        }
        let loops = [own] + others
        // Before anyone asks: what the file names first gets the emptiest loops.
        for id in StreamRegistry.configuredStreams(of: configuration) { _ = try homeIndex(of: id) }
        for ingest in configuration.ingests { try open(ingest, file: file, on: loops) }
        for door in configuration.viewers { try open(door, file: file, on: loops) }
        for dispatch in configuration.dispatches {
            let home = loops[try homeIndex(of: dispatch.stream)]
            do throws(IOError) {
                try home.open(dispatch)
            } catch {
                throw .io(error)
            }
        }
        for loop in loops { loop.start() }
        far = others.map { FarLoop($0) }
    }

    /// How to push and where to watch, for what was really opened.
    package var hints: [String] {
        PushHints.lines(
            configuration: configuration, ingestPorts: wayPorts, viewerPorts: doorPorts,
            machineAddresses: Machine.interfaces.map(\.address.hostDescription))
    }

    /// What bounds the memory of a node with this configuration, in plain words.
    package static func memoryLines(of configuration: NodeConfiguration) -> [String] {
        MemoryPlan(configuration).lines
    }

    /// Starts the other loops. The main loop has begun.
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
        logger.info(
            "node.started",
            [
                "name": configuration.app.name.isEmpty ? Machine.hostName : configuration.app.name,
                "threads": String(far.count + 1), "ways_in": String(wayPorts.count), "doors": String(doorPorts.count),
                "children": String(configuration.dispatches.reduce(0) { $0 + $1.children.count }),
            ])
        logger.info("node.memory", MemoryPlan(configuration).fields)
    }

    /// Takes no one in any more, lets every viewer finish its picture, and goes.
    package func stop(because reason: String) {
        guard !isStopping else { return }
        isStopping = true
        logger.info("node.stopping", ["because": reason, "viewers": String(own.registry.viewers)])
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
        logger.info("node.stopped")
        onStopped()
    }

    /// A way in on each loop, all on the same port; one that takes datagrams is on its stream's loop alone.
    private func open(_ ingest: IngestConfiguration, file: String, on loops: [NodeLoop]) throws(StartError) {
        let address = SocketAddress(ingest.bind, port: ingest.port)
        let allowlist = Allowlist(configuration.authority)
        let home = loops[try homeIndex(of: ingest.stream)]
        do throws(IOError) {
            switch ingest.kind {
            case .tcp:
                let share = try IngestShare<TCPIngest>(address)
                for loop in loops { try loop.open(ingest, share: share, allowlist: allowlist) }
                wayPorts.append(share.address.port)
            case .http:
                let share = try IngestShare<HTTPIngest>(address)
                for loop in loops { try loop.open(ingest, share: share, allowlist: allowlist) }
                wayPorts.append(share.address.port)
            case .udp:
                wayPorts.append(try home.openDatagrams(ingest, allowlist: allowlist))
            }
        } catch {
            throw .cannotOpen(section: ingest.section, file: file, line: ingest.line, error)
        }
    }

    /// The number of the loop that is home to a stream of the configuration.
    private func homeIndex(of id: StreamID) throws(StartError) -> Int {
        do throws(StreamRegistry.Refusal) {
            return try own.registry.home(of: id)
        } catch {
            throw .tooManyStreams
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
        for (port, ingest) in zip(wayPorts, configuration.ingests) where !ingest.section.hasPrefix("pushstream") {
            switch ingest.kind {
            case .tcp: ports.tcp = ports.tcp ?? port
            case .udp: ports.udp = ports.udp ?? port
            case .http: ports.http = ports.http ?? port
            }
        }
        return ports
    }
}

@available(*, unavailable) extension RelayNode: Sendable {}
