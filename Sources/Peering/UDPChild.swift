import Configuration
import Fanout
import LoopIO
import Streaming
import Telemetry

/// One child over UDP: datagrams of whole packets to its address, which is looked up again from time to time.
///
/// Nobody answers a datagram, so all that is known of a child is whether the network takes what is sent to it.
final class UDPChild {
    /// How often the child's name is looked up again.
    static let lookUpMs: Int64 = 60_000
    /// How soon again after a look-up that failed, or an interface that is not there.
    static let retryMs: Int64 = 2000
    /// How often sends are looked at for failures.
    static let healthMs: Int64 = 1000
    /// Routers that a datagram to a multicast group may pass.
    static let multicastHops = 16

    private let child: DispatchConfiguration.Child
    private let configuration: DispatchConfiguration
    private let registry: StreamRegistry
    private let resolver: Resolver
    private let logger: Logger
    private let lookUpMs: Int64
    private let retryMs: Int64
    private var timer: LoopTimer?
    private var health: LoopTimer?
    private var socket: UDPSocket?
    private var outlet: DatagramOutlet?
    private var viewer: Viewer?
    private var failures = 0
    private var sendsFailedTold: UInt64 = 0
    private var isFailing = false
    private var isClosed = false

    init(
        child: DispatchConfiguration.Child, configuration: DispatchConfiguration, registry: StreamRegistry,
        resolver: Resolver, logger: Logger, lookUpMs: Int64 = UDPChild.lookUpMs, retryMs: Int64 = UDPChild.retryMs
    ) throws(IOError) {
        self.child = child
        self.configuration = configuration
        self.registry = registry
        self.resolver = resolver
        self.logger = logger
        self.lookUpMs = lookUpMs
        self.retryMs = retryMs
        timer = try LoopTimer(loop: registry.loop) { [unowned self] in self.lookUp() }
        health = try LoopTimer(loop: registry.loop) { [unowned self] in self.checkSends() }
        health?.start(afterMs: UDPChild.healthMs, repeatMs: UDPChild.healthMs)
    }

    var name: String { child.host + ":" + String(child.port) }
    /// Where datagrams go; nil while nobody is fed.
    var destination: SocketAddress? { viewer == nil ? nil : outlet?.destination }

    func start() { lookUp() }

    func close() {
        isClosed = true
        timer?.close()
        timer = nil
        health?.close()
        health = nil
        stopSending()
    }

    // MARK: Looking up

    private func lookUp() {
        resolver.resolve(child.host, port: child.port) { [weak self] result in
            guard let self, !self.isClosed else { return }
            switch result {
            case .success(let addresses): self.found(addresses)
            case .failure(let error): self.failed(error.description)
            }
        }
    }

    func found(_ addresses: [SocketAddress]) {
        timer?.start(afterMs: lookUpMs)
        // Name servers turn their answers round; a child that is still among them stays where it is.
        if let destination, addresses.contains(destination) { return }
        let address = addresses[0]
        if let destination, destination.isIPv4 == address.isIPv4, !address.isMulticast {
            outlet?.destination = address
            logger.info("child.moved", ["child": name, "to": address.description])
            return
        }
        do throws(IOError) {
            try send(to: address)
            failures = 0
        } catch {
            failed(error.description)
        }
    }

    private func send(to address: SocketAddress) throws(IOError) {
        stopSending()
        let stream: LiveStream
        do throws(StreamRegistry.Refusal) {
            stream = try registry.obtain(configuration.stream)
        } catch {
            return failed("the stream \(configuration.stream) cannot be made: \(error)")
        }
        let socket = try UDPSocket(loop: registry.loop, sendingTo: address)
        self.socket = socket
        if address.isMulticast {
            let interface = configuration.interface.isEmpty ? nil : configuration.interface
            try socket.setMulticastSending(interface: interface, hops: UDPChild.multicastHops, like: address)
        }
        let outlet = DatagramOutlet(socket: socket, destination: address)
        self.outlet = outlet
        // A receiver of datagrams cannot take a burst of a whole GOP: it starts at the next random access point.
        let viewer = Viewer(
            audience: stream.audience, outlet: .datagrams(outlet), key: .base, tier: Viewer.childTier, peer: name,
            start: .live, lag: LagRule(configuration.lag))
        self.viewer = viewer
        viewer.onEnd = { [unowned self] _ in self.close() }
        logger.info(
            "child.sending",
            ["child": name, "to": address.description, "stream": configuration.stream.description, "by": "udp"])
        stream.add(viewer)
    }

    private func stopSending() {
        viewer?.leave()
        viewer = nil
        outlet = nil
        socket?.close()
        socket = nil
        sendsFailedTold = 0
    }

    // MARK: Failures

    private func failed(_ why: String) {
        failures += 1
        if failures & (failures - 1) == 0 {
            logger.warn("child.unreachable", ["child": name, "tries": String(failures), "why": why])
        }
        timer?.start(afterMs: retryMs)
    }

    /// One line when the network begins to refuse datagrams, and one when it takes them again.
    private func checkSends() {
        guard let outlet else { return }
        let failed = outlet.sendsFailed
        let isFailingHere = failed > sendsFailedTold
        defer { sendsFailedTold = failed }
        guard isFailingHere != isFailing else { return }
        isFailing = isFailingHere
        if isFailingHere {
            logger.warn(
                "child.unreachable",
                [
                    "child": name, "sends_failed": String(failed),
                    "why": "the network takes no datagrams to it: no route, or the interface is down",
                ])
        } else {
            logger.info("child.reachable", ["child": name, "sends_failed": String(failed)])
        }
    }
}

@available(*, unavailable) extension UDPChild: Sendable {}
