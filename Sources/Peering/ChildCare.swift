import Configuration
import LoopIO

/// What a child needs whatever its transport: its look-up, a timer for the next step and one for its health, until it
/// is closed.
final class ChildCare {
    /// How often a child's health is looked at.
    static let healthMs: Int64 = 1000

    private let child: DispatchConfiguration.Child
    private let resolver: Resolver
    private var timer: LoopTimer?
    private var health: LoopTimer?
    private(set) var isClosed = false

    /// - Parameters:
    ///   - onTimer: the wait that `wait` began is over.
    ///   - onHealth: called every second, from the beginning.
    init(
        child: DispatchConfiguration.Child, loop: EventLoop, resolver: Resolver, onTimer: @escaping () -> Void,
        onHealth: @escaping () -> Void
    ) throws(IOError) {
        self.child = child
        self.resolver = resolver
        timer = try LoopTimer(loop: loop, onFire: onTimer)
        health = try LoopTimer(loop: loop, onFire: onHealth)
        health?.start(afterMs: ChildCare.healthMs, repeatMs: ChildCare.healthMs)
    }

    /// Begins a wait; one that runs already begins anew. Nothing happens once it is closed.
    func wait(ms: Int64) { timer?.start(afterMs: ms) }

    func stopWaiting() { timer?.stop() }

    /// Looks the child's name up. An answer that comes after `close` is not told.
    ///
    /// - Parameters:
    ///   - onFound: gets at least one address.
    ///   - onFailed: gets the reason, as in a log line.
    func lookUp(onFound: @escaping ([SocketAddress]) -> Void, onFailed: @escaping (String) -> Void) {
        resolver.resolve(child.host, port: child.port) { [weak self] result in
            guard let self, !self.isClosed else { return }
            switch result {
            case .success(let addresses): onFound(addresses)
            case .failure(let error): onFailed(error.description)
            }
        }
    }

    func close() {
        isClosed = true
        timer?.close()
        timer = nil
        health?.close()
        health = nil
    }
}

@available(*, unavailable) extension ChildCare: Sendable {}
