package import Configuration
package import LoopIO
package import Streaming
package import Telemetry

/// Feeds the children of one `[dispatch]` section, each isolated from all else.
package final class Dispatcher {
    private var tcp: [TCPChild] = []
    private var udp: [UDPChild] = []

    package init(
        configuration: DispatchConfiguration, registry: StreamRegistry, resolver: Resolver, logger: Logger
    ) throws(IOError) {
        for child in configuration.children {
            switch configuration.kind {
            case .tcp:
                tcp.append(
                    try TCPChild(
                        child: child, configuration: configuration, registry: registry, resolver: resolver,
                        logger: logger))
            case .udp:
                udp.append(
                    try UDPChild(
                        child: child, configuration: configuration, registry: registry, resolver: resolver,
                        logger: logger))
            }
        }
    }

    /// Looks the children up and dials them. Called once the loop's listeners stand.
    package func start() {
        for child in tcp { child.start() }
        for child in udp { child.start() }
    }

    package func close() {
        for child in tcp { child.close() }
        for child in udp { child.close() }
    }
}

@available(*, unavailable) extension Dispatcher: Sendable {}
