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
    /// How often a child is looked at for having vanished.
    static let healthMs: Int64 = 1000

    private let child: DispatchConfiguration.Child
    private let configuration: DispatchConfiguration
    private let registry: StreamRegistry
    private let resolver: Resolver
    private let logger: Logger
    private var timer: LoopTimer?
    private var health: LoopTimer?
    private var connection: TCPConnection?
    private var viewer: Viewer?
    private var backoff = Backoff()
    private var isClosed = false
    /// Failures since the last success: logged at the first, then at every doubling.
    private var failures = 0
    private(set) var connects: UInt64 = 0

    init(
        child: DispatchConfiguration.Child, configuration: DispatchConfiguration, registry: StreamRegistry,
        resolver: Resolver, logger: Logger
    ) throws(IOError) {
        self.child = child
        self.configuration = configuration
        self.registry = registry
        self.resolver = resolver
        self.logger = logger
        timer = try LoopTimer(loop: registry.loop) { [unowned self] in self.timerFired() }
        health = try LoopTimer(loop: registry.loop) { [unowned self] in self.checkHealth() }
        health?.start(afterMs: TCPChild.healthMs, repeatMs: TCPChild.healthMs)
    }

    var name: String { child.host + ":" + String(child.port) }
    var isConnected: Bool { viewer != nil }

    func start() { dial() }

    func close() {
        isClosed = true
        timer?.close()
        timer = nil
        health?.close()
        health = nil
        viewer?.leave()
        viewer = nil
        connection?.close()
        connection = nil
    }

    private func dial() {
        resolver.resolve(child.host, port: child.port) { [weak self] result in
            guard let self, !self.isClosed else { return }
            switch result {
            // After a failure the next of several addresses is tried.
            case .success(let addresses): self.dial(addresses[self.failures % addresses.count])
            case .failure(let error): self.failed(error)
            }
        }
    }

    private func dial(_ address: SocketAddress) {
        timer?.start(afterMs: TCPChild.dialMsMax)
        do throws(IOError) {
            connection = try TCPConnection.connect(loop: registry.loop, to: address) { [unowned self] error in
                if let error { self.failed(error) } else { self.connected() }
            }
        } catch {
            failed(error)
        }
    }

    private func connected() {
        guard let connection else { return }
        timer?.stop()
        guard let stream = try? registry.obtain(configuration.stream) else {
            return lost("more than \(StreamRegistry.streamsMax) streams")
        }
        connects += 1
        failures = 0
        backoff.connected(nowMs: registry.loop.nowMs)
        connection.setNoDelay()
        connection.setKeepAlive()
        connection.setNotSentLowat(bytes: 128 << 10)
        logger.info("child.connected", ["child": name, "stream": configuration.stream.description])
        // A child has nothing to say; reading is how its end is noticed.
        connection.startReading(
            onRead: { _ in },
            onEnd: { [unowned self] error in
                self.lost(error?.description ?? "the child closed the connection")
            })
        let policy = registry.configuration.policy(for: configuration.stream)
        let viewer = Viewer(
            audience: stream.audience, outlet: .connection(connection), key: .base, tier: "child", peer: name,
            start: .gop(bytesMax: policy.gopBytes), lag: LagRule(configuration.lag))
        viewer.onEnd = { [unowned self] end in
            self.lost(end == .connectionLost ? "the connection broke" : "the stream ended")
        }
        self.viewer = viewer
        stream.add(viewer)
    }

    private func timerFired() {
        if connection == nil { return dial() }
        failed(nil)
    }

    /// A child whose kernel is silent has vanished; one that only does not read has not, and is waited for.
    private func checkHealth() {
        guard viewer != nil, let connection, connection.hasPeerVanished(withinMs: TCPChild.vanishedMs) else { return }
        lost("no sign of it for \(TCPChild.vanishedMs) ms")
    }

    private func failed(_ error: IOError?) {
        failures += 1
        if failures & (failures - 1) == 0 {
            logger.warn(
                "child.unreachable",
                [
                    "child": name, "tries": String(failures),
                    "why": error?.description ?? "no answer in \(TCPChild.dialMsMax) ms",
                ])
        }
        redial()
    }

    private func lost(_ why: String) {
        guard connection != nil else { return }
        logger.warn("child.lost", ["child": name, "why": why])
        redial()
    }

    private func redial() {
        viewer?.leave()
        viewer = nil
        connection?.close()
        connection = nil
        guard !isClosed else { return }
        timer?.start(afterMs: backoff.lost(nowMs: registry.loop.nowMs, random: Double.random(in: 0..<1)))
    }
}

@available(*, unavailable) extension TCPChild: Sendable {}
