import Configuration
import Fanout
import LoopIO
import Streaming
import Telemetry

/// One child over TCP: looked up, dialled, fed from a random access point on, and dialled again when it is lost.
///
/// To its stream a child is a viewer like any other, so a stalled child costs nobody anything.
final class TCPChild {
    /// A dial that takes longer has failed.
    static let dialMsMax: Int64 = 3000
    /// A child that acknowledges nothing for so long has vanished (no FIN).
    static let vanishedMs: UInt32 = 5000

    private let configuration: DispatchConfiguration
    private let registry: StreamRegistry
    private let logger: Logger
    private let dialMsMax: Int64
    private var care: ChildCare?
    private var connection: TCPConnection?
    private var viewer: Viewer?
    private var backoff = Backoff()
    /// Of several addresses the one whose turn it is.
    private var turn = 0
    private var connectedMs: Int64 = 0
    /// Dials that failed since the last that did not: logged at the first, then at every doubling.
    private(set) var failures = 0
    /// Links that were lost before they were healthy, since the last that was: logged in the same way.
    private(set) var earlyLosses = 0
    private(set) var connects: UInt64 = 0

    init(
        child: DispatchConfiguration.Child, configuration: DispatchConfiguration, registry: StreamRegistry,
        resolver: Resolver, logger: Logger, dialMsMax: Int64 = TCPChild.dialMsMax
    ) throws(IOError) {
        self.configuration = configuration
        self.registry = registry
        self.logger = logger
        name = child.host + ":" + String(child.port)
        self.dialMsMax = dialMsMax
        care = try ChildCare(
            child: child, loop: registry.loop, resolver: resolver,
            onTimer: { [unowned self] in self.timerFired() }, onHealth: { [unowned self] in self.checkHealth() })
    }

    let name: String
    var isConnected: Bool { viewer != nil }

    func start() { dial() }

    func close() {
        care?.close()
        hangUp()
    }

    // MARK: Dialling

    private func dial() {
        care?.lookUp(
            onFound: { [weak self] addresses in
                guard let self else { return }
                // After a failure the next of several addresses is tried.
                self.dial(addresses[self.turn % addresses.count])
            }, onFailed: { [weak self] why in self?.failed(why) })
    }

    private func dial(_ address: SocketAddress) {
        care?.wait(ms: dialMsMax)
        do throws(IOError) {
            connection = try TCPConnection.connect(loop: registry.loop, to: address) { [unowned self] error in
                if let error { self.failed(error.description) } else { self.connected() }
            }
        } catch {
            failed(error.description)
        }
    }

    /// The timer is that of the dial while there is a connection, else that of the wait before one.
    private func timerFired() {
        if connection == nil { return dial() }
        failed("no answer from \(connection?.peer.description ?? name) in \(dialMsMax) ms")
    }

    private func connected() {
        guard let connection else { return }
        // A port of the kernel's own range that no one listens on may connect to itself, and would then stay taken.
        if connection.local == connection.peer { return failed("nobody listens there") }
        care?.stopWaiting()
        let stream: LiveStream
        do throws(StreamRegistry.Refusal) {
            stream = try registry.obtain(configuration.stream)
        } catch {
            return failed("the stream \(configuration.stream) cannot be made: \(error)")
        }
        connects += 1
        failures = 0
        connectedMs = registry.loop.nowMs
        backoff.connected(nowMs: connectedMs)
        connection.setNoDelay()
        connection.setKeepAlive()
        KernelBuffer.bound(connection)
        if TCPChild.isWorthALine(earlyLosses) {
            logger.info(
                "child.connected",
                ["child": name, "at": connection.peer.description, "stream": configuration.stream.description])
        }
        // A child has nothing to say; reading is how its end is noticed.
        connection.startReading(
            onRead: { _ in },
            onEnd: { [unowned self] error in
                self.lost(error?.description ?? "the child closed the connection")
            })
        feed(connection, stream)
    }

    private func feed(_ connection: TCPConnection, _ stream: LiveStream) {
        let viewer = Viewer(
            audience: stream.audience, outlet: .connection(connection), key: .base, tier: .child,
            start: .gop(bytesMax: stream.policy.gopBytes), lag: LagRule(configuration.lag))
        viewer.onEnd = { [unowned self] end in
            switch end {
            // The node closes its children next.
            case .stopping: self.close()
            case .connectionLost: self.lost("the connection broke")
            case .streamEnded, .tooSlow: self.lost("the stream ended")
            }
        }
        self.viewer = viewer
        stream.add(viewer)
    }

    // MARK: Losses

    /// A child whose kernel is silent has vanished; one that only does not read has not, and is waited for.
    private func checkHealth() {
        guard viewer != nil, let connection, connection.hasPeerVanished(withinMs: TCPChild.vanishedMs) else { return }
        lost("no sign of it for \(TCPChild.vanishedMs) ms")
    }

    private func failed(_ why: String) {
        failures += 1
        turn &+= 1
        // A child that opens and closes by turns fails again and again for the first time.
        if TCPChild.isWorthALine(failures), failures > 2 || TCPChild.isWorthALine(earlyLosses) {
            logger.warn("child.unreachable", ["child": name, "tries": String(failures), "why": why])
        }
        redial()
    }

    private func lost(_ why: String) {
        guard connection != nil else { return }
        let heldMs = registry.loop.nowMs - connectedMs
        if heldMs >= Backoff.healthyMs { earlyLosses = 0 }
        earlyLosses += 1
        turn &+= 1
        if TCPChild.isWorthALine(earlyLosses) {
            logger.warn(
                "child.lost",
                ["child": name, "held_ms": String(heldMs), "times": String(earlyLosses), "why": why])
        }
        redial()
    }

    /// What happens again and again is told at the first time and at every doubling.
    private static func isWorthALine(_ times: Int) -> Bool { times & (times - 1) == 0 }

    private func redial() {
        hangUp()
        guard care?.isClosed == false else { return }
        care?.wait(ms: backoff.lost(nowMs: registry.loop.nowMs, random: Double.random(in: 0..<1)))
    }

    private func hangUp() {
        viewer?.leave()
        viewer = nil
        connection?.close()
        connection = nil
    }
}

@available(*, unavailable) extension TCPChild: Sendable {}
