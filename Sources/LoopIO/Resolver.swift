import CUV
import Glibc

/// Finds the addresses of host names, and remembers them.
///
/// The C library's look-up blocks a thread of a pool of four, for as long as the name server is silent. So at most two
/// of a loop run at once, one per name; an answer is kept, and an old one is used while a new look-up runs.
package final class Resolver {
    package typealias Answer = Result<[SocketAddress], IOError>
    /// Asks the system about a name and answers in a later turn; ports are 0.
    typealias LookUp = (_ name: String, _ onAnswer: @escaping (Answer) -> Void) -> Void

    package static let lookUpsMax = 2
    /// The longest host name (RFC 1035 2.3.4, in text without the last dot).
    package static let nameBytesMax = 253
    /// Names that are remembered or waited for; more are refused.
    package static let namesMax = 256
    /// How long an answer is used without asking again.
    package static let freshMs: Int64 = 30_000

    private struct Entry {
        var addresses: [SocketAddress] = []
        var answeredMs: Int64 = 0
        var isAsked = false
        var waiters: [(port: UInt16, onResult: (Answer) -> Void)] = []
    }

    private let loop: EventLoop
    private let lookUp: LookUp
    private let answerTimer: LoopTimer
    private var entries: [String: Entry] = [:]
    private var queue: [String] = []
    private var running = 0
    private var ready: [() -> Void] = []
    private var isClosed = false
    /// Look-ups that were begun, for metrics.
    package private(set) var lookUps: UInt64 = 0

    package convenience init(loop: EventLoop) throws(IOError) {
        try self.init(loop: loop) { name, onAnswer in SystemLookUp.start(loop, name, onAnswer) }
    }

    init(loop: EventLoop, lookUp: @escaping LookUp) throws(IOError) {
        self.loop = loop
        self.lookUp = lookUp
        self.answerTimer = try LoopTimer(loop: loop, onFire: {})
        answerTimer.onFire = { [weak self] in self?.answerReady() }
    }

    /// Gives the addresses of a host in the order in which they should be tried, at least one.
    ///
    /// - Parameters:
    ///   - host: a name, or a literal address, which is never looked up.
    ///   - onResult: called once, in a later turn; not after `close()`. The failure is `.badHostName` or
    ///     `.nameNotResolved`.
    package func resolve(_ host: String, port: UInt16, onResult: @escaping (Answer) -> Void) {
        loop.preconditionOnLoop()
        guard !isClosed else { return }
        if let literal = try? SocketAddress(parsing: host, port: port) {
            return answer { onResult(.success([literal])) }
        }
        let name = host.lowercased()
        guard !name.isEmpty, name.utf8.count <= Self.nameBytesMax, !name.utf8.contains(where: { $0 <= 0x20 }) else {
            return answer { onResult(.failure(.badHostName(host))) }
        }
        if entries[name] == nil, entries.count >= Self.namesMax, !forgetOldest() {
            return answer { onResult(.failure(.nameNotResolved(host, code: UV_EAI_AGAIN.rawValue))) }
        }
        var entry = entries[name] ?? Entry()
        let isFresh = !entry.addresses.isEmpty && loop.nowMs - entry.answeredMs < Self.freshMs
        if entry.addresses.isEmpty {
            entry.waiters.append((port, onResult))
        } else {
            let addresses = entry.addresses
            answer { onResult(.success(Self.with(port, addresses))) }
        }
        if !isFresh, !entry.isAsked {
            entry.isAsked = true
            queue.append(name)
        }
        entries[name] = entry
        askNext()
    }

    /// Answers nobody any more. Look-ups that run cannot be stopped; their answers are dropped.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        answerTimer.close()
        entries = [:]
        queue = []
        ready = []
    }

    private func askNext() {
        while running < Self.lookUpsMax, !queue.isEmpty {
            let name = queue.removeFirst()
            running += 1
            lookUps += 1
            lookUp(name) { [weak self] result in self?.didAnswer(name, result) }
        }
    }

    private func didAnswer(_ name: String, _ result: Answer) {
        running -= 1
        guard !isClosed, var entry = entries[name] else { return }
        entry.isAsked = false
        let waiters = entry.waiters
        entry.waiters = []
        switch result {
        case .success(let addresses):
            entry.addresses = addresses
            entry.answeredMs = loop.nowMs
            entries[name] = entry
        case .failure:
            // An old answer is better than none: the name server may be what is away.
            entries[name] = entry.addresses.isEmpty ? nil : entry
        }
        askNext()
        for waiter in waiters { waiter.onResult(result.map { Self.with(waiter.port, $0) }) }
    }

    private func forgetOldest() -> Bool {
        let idle = entries.filter { !$0.value.isAsked }
        guard let oldest = idle.min(by: { $0.value.answeredMs < $1.value.answeredMs }) else { return false }
        entries[oldest.key] = nil
        return true
    }

    private func answer(_ body: @escaping () -> Void) {
        ready.append(body)
        answerTimer.start(afterMs: 0)
    }

    private func answerReady() {
        let bodies = ready
        ready = []
        for body in bodies { body() }
    }

    private static func with(_ port: UInt16, _ addresses: [SocketAddress]) -> [SocketAddress] {
        addresses.map { SocketAddress(bytes: $0.bytes, port: port, scope: $0.scope) }
    }
}

@available(*, unavailable)
extension Resolver: Sendable {}
