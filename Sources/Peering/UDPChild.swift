import Configuration
import Fanout
import LoopIO
import Streaming
import Telemetry

/// One child over UDP: datagrams of whole packets to its address, which is looked up again from time to time.
final class UDPChild {
    /// How often the child's name is looked up again.
    static let lookUpMs: Int64 = 60_000
    /// How soon again after a look-up that failed.
    static let retryMs: Int64 = 2000

    private let child: DispatchConfiguration.Child
    private let configuration: DispatchConfiguration
    private let registry: StreamRegistry
    private let resolver: Resolver
    private let logger: Logger
    private var timer: LoopTimer?
    private var socket: UDPSocket?
    private var outlet: DatagramOutlet?
    private var viewer: Viewer?
    private var failures = 0
    private var isClosed = false

    init(
        child: DispatchConfiguration.Child, configuration: DispatchConfiguration, registry: StreamRegistry,
        resolver: Resolver, logger: Logger
    ) throws(IOError) {
        self.child = child
        self.configuration = configuration
        self.registry = registry
        self.resolver = resolver
        self.logger = logger
        timer = try LoopTimer(loop: registry.loop) { [unowned self] in self.lookUp() }
    }

    var name: String { child.host + ":" + String(child.port) }

    func start() { lookUp() }

    func close() {
        isClosed = true
        timer?.close()
        timer = nil
        viewer?.leave()
        viewer = nil
        socket?.close()
        socket = nil
    }

    private func lookUp() {
        resolver.resolve(child.host, port: child.port) { [weak self] result in
            guard let self, !self.isClosed else { return }
            switch result {
            case .success(let addresses): self.found(addresses[0])
            case .failure(let error): self.failed(error)
            }
        }
    }

    private func found(_ address: SocketAddress) {
        failures = 0
        timer?.start(afterMs: UDPChild.lookUpMs)
        if let outlet, outlet.destination?.isIPv4 == address.isIPv4 {
            outlet.destination = address
            return
        }
        do throws(IOError) {
            try open(address)
        } catch {
            failed(error)
        }
    }

    private func open(_ address: SocketAddress) throws(IOError) {
        viewer?.leave()
        socket?.close()
        let socket = try UDPSocket(loop: registry.loop, sendingTo: address)
        self.socket = socket
        if address.isMulticast {
            let interface = configuration.interface.isEmpty ? nil : configuration.interface
            try socket.setMulticastSending(interface: interface, hops: 16, like: address)
        }
        guard let stream = try? registry.obtain(configuration.stream) else { return }
        let outlet = DatagramOutlet(socket: socket, destination: address)
        self.outlet = outlet
        // A receiver of datagrams cannot take a burst of a whole GOP: it starts at the next random access point.
        let viewer = Viewer(
            audience: stream.audience, outlet: .datagrams(outlet), key: .base, tier: "child", peer: name,
            start: .live, lag: LagRule(configuration.lag))
        self.viewer = viewer
        logger.info("child.sending", ["child": name, "stream": configuration.stream.description, "by": "udp"])
        stream.add(viewer)
    }

    private func failed(_ error: IOError) {
        failures += 1
        if failures & (failures - 1) == 0 {
            logger.warn("child.unreachable", ["child": name, "tries": String(failures), "why": error.description])
        }
        timer?.start(afterMs: UDPChild.retryMs)
    }
}

@available(*, unavailable) extension UDPChild: Sendable {}
