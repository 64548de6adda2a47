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
    /// Routers that a datagram to a multicast group may pass.
    static let multicastHops = 16

    private let configuration: DispatchConfiguration
    private let registry: StreamRegistry
    private let logger: Logger
    private let lookUpMs: Int64
    private let retryMs: Int64
    private var care: ChildCare?
    private var socket: UDPSocket?
    private var outlet: DatagramOutlet?
    private var viewer: Viewer?
    private var failures = 0
    private var refusedTold: UInt64 = 0
    private var isFailing = false

    init(
        child: DispatchConfiguration.Child, configuration: DispatchConfiguration, registry: StreamRegistry,
        resolver: Resolver, logger: Logger, lookUpMs: Int64 = UDPChild.lookUpMs, retryMs: Int64 = UDPChild.retryMs
    ) throws(IOError) {
        self.configuration = configuration
        self.registry = registry
        self.logger = logger
        name = child.host + ":" + String(child.port)
        self.lookUpMs = lookUpMs
        self.retryMs = retryMs
        care = try ChildCare(
            child: child, loop: registry.loop, resolver: resolver,
            onTimer: { [unowned self] in self.lookUp() }, onHealth: { [unowned self] in self.checkSends() })
    }

    let name: String
    /// Where datagrams go; nil while nobody is fed.
    var destination: SocketAddress? { viewer == nil ? nil : outlet?.destination }

    /// What its socket did; nil while nobody is fed.
    var counters: UDPSocket.Counters? { socket?.counters }

    func start() { lookUp() }

    func close() {
        care?.close()
        stopSending()
    }

    // MARK: Looking up

    private func lookUp() {
        care?.lookUp(
            onFound: { [weak self] addresses in self?.found(addresses) },
            onFailed: { [weak self] why in self?.failed(why) })
    }

    func found(_ addresses: [SocketAddress]) {
        care?.wait(ms: lookUpMs)
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
            audience: stream.audience, outlet: .datagrams(outlet), key: .base, tier: .child,
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
        refusedTold = 0
    }

    // MARK: Failures

    private func failed(_ why: String) {
        failures += 1
        if failures & (failures - 1) == 0 {
            logger.warn("child.unreachable", ["child": name, "tries": String(failures), "why": why])
        }
        care?.wait(ms: retryMs)
    }

    /// One line when the network begins to refuse datagrams, and one when it takes them again.
    private func checkSends() {
        guard let outlet else { return }
        let refused = outlet.datagramsRefused
        let isFailingHere = refused > refusedTold
        defer { refusedTold = refused }
        guard isFailingHere != isFailing else { return }
        isFailing = isFailingHere
        if isFailingHere {
            logger.warn(
                "child.unreachable",
                [
                    "child": name, "datagrams_refused": String(refused),
                    "why": "the network takes no datagrams to it: no route, or the interface is down",
                ])
        } else {
            logger.info("child.reachable", ["child": name, "datagrams_refused": String(refused)])
        }
    }
}

@available(*, unavailable) extension UDPChild: Sendable {}
