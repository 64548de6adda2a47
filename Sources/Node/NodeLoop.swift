import Configuration
import Control
import Delivery
import LoopIO
import Streaming
import Telemetry

/// One loop of a node: its registry, and a door of its own for each section that viewers come in by.
///
/// The kernel spreads connections over the loops that listen on one port (SO_REUSEPORT).
final class NodeLoop {
    let loop: EventLoop
    let registry: StreamRegistry
    let health: HealthRoutes
    private var doors: [Door] = []
    private let logger: Logger
    private var stopTimer: LoopTimer?

    init(
        loop: EventLoop, configuration: NodeConfiguration, directory: StreamDirectory, logger: Logger
    ) throws(IOError) {
        self.loop = loop
        self.logger = logger
        registry = try StreamRegistry(loop: loop, configuration: configuration, directory: directory, logger: logger)
        health = HealthRoutes(registry: registry)
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

    /// Takes no one in any more, and lets every viewer finish its picture.
    ///
    /// - Parameter then: called on this loop when everyone has gone.
    func stop(then: @escaping () -> Void) {
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
        registry.close()
    }
}

@available(*, unavailable) extension NodeLoop: Sendable {}
