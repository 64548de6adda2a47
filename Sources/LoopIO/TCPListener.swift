import CUV
import Glibc

/// A listening TCP socket that hands out connections.
///
/// It accepts by itself on a poll handle, since libuv's own way closes newcomers in silence when descriptors run out,
/// and turns in an endless loop once another thread took its reserve. Here a spare descriptor is given up to accept and
/// close the newcomer, which is counted and reported; when even the spare is lost, the listener rests for a moment.
package final class TCPListener: LoopHandle {
    package struct Counters: Equatable, Sendable {
        /// Connections that were handed out.
        package var accepted: UInt64 = 0
        /// Newcomers that were closed since no descriptor was left for them.
        package var shedForDescriptors: UInt64 = 0
        /// Other failures of accept.
        package var failed: UInt64 = 0
        /// Times that newcomers had to wait in the kernel since `acceptsPerSecondMax` was reached.
        package var delayed: UInt64 = 0
    }

    /// Connections that are accepted in one turn of the loop; the rest waits for the next turn.
    package static let acceptsPerTurnMax = 64
    /// Newcomers who are lost one after another before the listener rests.
    static let lossesPerTurnMax = 4
    /// How long to rest when the kernel cannot accept and the newcomer cannot be closed either.
    static let restMs: Int64 = 100
    static let reportIntervalMs: Int64 = 1000
    /// The time over which accepts are counted.
    static let rateWindowMs: Int64 = 100

    /// Connections that are accepted in a second; more wait in the kernel. When a whole audience comes back at once,
    /// those who are here already must not notice.
    package static let acceptsPerSecondMax = 4000
    package var acceptsPerSecondMax = TCPListener.acceptsPerSecondMax
    package let localAddress: SocketAddress
    package private(set) var counters = Counters()
    /// Called at most once a second with the number of newcomers that were closed for want of descriptors since the
    /// last call.
    package var onDescriptorsExhausted: ((_ newcomers: UInt64) -> Void)?

    /// Called at most once a second, with the last failure that kept a newcomer out but for want of descriptors.
    package var onAcceptFailed: ((IOError) -> Void)?

    /// Called at most once a second with the number of times that newcomers had to wait since the last call, since
    /// `acceptsPerSecondMax` was reached.
    package var onAcceptsDelayed: ((_ times: UInt64) -> Void)?

    /// Held for an accept, and while a spare descriptor is away: else another loop's newcomer takes it, and this loop's
    /// newcomers hang.
    private static let descriptorLock = Lock()
    private let socket: Int32
    private var spare: Int32
    private var onAccept: ((TCPConnection) -> Void)?
    private let restTimer: LoopTimer
    private let reportTimer: LoopTimer
    private var unreported: UInt64 = 0
    private var unreportedDelays: UInt64 = 0
    private var unreportedFailure: IOError?
    private var lastReportMs: Int64?
    private var windowEndMs: Int64 = 0
    private var acceptedInWindow = 0

    /// Binds and listens.
    ///
    /// - Parameters:
    ///   - address: port 0 takes any free one; see `localAddress`.
    ///   - backlog: connections that wait in the kernel; it cuts at `somaxconn`.
    ///   - exclusive: false lets the other loops of this process bind the same port (SO_REUSEPORT); call `probe` before.
    /// - Throws: `.addressInUse`, `.addressNotAvailable`, `.portNotAllowed`, or `.failed`.
    package init(
        loop: EventLoop, address: SocketAddress, backlog: Int32 = 4096, exclusive: Bool = true,
        onAccept: @escaping (TCPConnection) -> Void
    ) throws(IOError) {
        let socket = try Self.bound(to: address, reusingPort: !exclusive)
        guard listen(socket, backlog) == 0, let local = SocketOptions.localAddress(of: socket) else {
            let code = -errno
            _ = Glibc.close(socket)  // the failure that is thrown says more
            throw .whileBinding(.tcp, address, code: code, operation: .listen)
        }
        let spare = Self.openSpare()
        var timers: [LoopTimer] = []
        do throws(IOError) {
            for _ in 0..<2 { timers.append(try LoopTimer(loop: loop, onFire: {})) }
            self.socket = socket
            self.localAddress = local
            self.spare = spare
            self.onAccept = onAccept
            self.restTimer = timers[0]
            self.reportTimer = timers[1]
            try super.init(loop: loop, type: UV_POLL) { loop, raw in
                uv_poll_init(loop, raw.assumingMemoryBound(to: uv_poll_t.self), socket)
            }
        } catch {
            for timer in timers { timer.close() }
            if spare >= 0 { _ = Glibc.close(spare) }  // /dev/null has nothing to lose
            _ = Glibc.close(socket)  // the failure that is thrown says more
            throw error
        }
        restTimer.onFire = { [unowned self] in startAgain() }
        reportTimer.onFire = { [unowned self] in report() }
        do throws(IOError) {
            try startPolling()
        } catch {
            close()
            throw error
        }
    }

    /// Finds out whether a second start of the same configuration is under way: binds without SO_REUSEPORT, which fails
    /// while any other socket listens there, and lets go.
    ///
    /// - Returns: the address with the port that stands behind port 0, for the listeners that follow.
    /// - Throws: as `init`.
    package static func probe(_ address: SocketAddress) throws(IOError) -> SocketAddress {
        let socket = try bound(to: address, reusingPort: false)
        defer { _ = Glibc.close(socket) }  // nothing was sent or received
        guard let local = SocketOptions.localAddress(of: socket) else {
            throw .failed(.bind, code: -errno, address)
        }
        return local
    }

    private static func bound(to address: SocketAddress, reusingPort: Bool) throws(IOError) -> Int32 {
        let socket = try SocketOptions.makeSocket(.tcp, for: address)
        do throws(IOError) {
            // Connections of the last run in TIME_WAIT must not hold up the next start.
            try SocketOptions.set(socket, level: SOL_SOCKET, option: SO_REUSEADDR, to: 1)
            try SocketOptions.boundSegments(of: socket)
            if reusingPort { try SocketOptions.set(socket, level: SOL_SOCKET, option: SO_REUSEPORT, to: 1) }
            try SocketOptions.bindSocket(socket, .tcp, to: address)
        } catch {
            _ = Glibc.close(socket)  // the failure that is thrown says more
            throw error
        }
        return socket
    }

    private func startPolling() throws(IOError) {
        guard !isClosed else { return }
        let status = uv_poll_start(
            raw.assumingMemoryBound(to: uv_poll_t.self), Int32(UV_READABLE.rawValue),
            { poll, _, _ in
                // A status tells of a failed poll; accept then says the same with more words.
                TCPListener.from(poll)?.acceptPending()
            })
        guard status == 0 else { throw .failed(.listen, code: status, localAddress) }
    }

    /// After a rest. A port that could not be watched again would take newcomers in and never answer them.
    private func startAgain() {
        do throws(IOError) {
            try startPolling()
        } catch {
            failed(error)
            restTimer.start(afterMs: Self.restMs)
        }
    }

    private func acceptPending() {
        let nowMs = loop.nowMs
        if nowMs >= windowEndMs {
            windowEndMs = nowMs + Self.rateWindowMs
            acceptedInWindow = 0
        }
        let perWindowMax = max(1, acceptsPerSecondMax / Int(1000 / Self.rateWindowMs))
        var losses = 0
        for _ in 0..<Self.acceptsPerTurnMax {
            guard !isClosed else { return }
            guard acceptedInWindow < perWindowMax else {
                counters.delayed += 1
                unreportedDelays += 1
                startReport()
                return rest(ms: windowEndMs - nowMs)
            }
            var storage = sockaddr_storage()
            var bytes = socklen_t(MemoryLayout<sockaddr_storage>.size)
            // SAFETY: a sockaddr_storage has room for every address, and its size goes with it.
            let (descriptor, failure) = Self.descriptorLock.withLock {
                let descriptor = withUnsafeMutablePointer(to: &storage) { pointer in
                    accept4(
                        socket, UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), &bytes,
                        Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
                }
                return (descriptor, errno)
            }
            if descriptor >= 0 {
                acceptedInWindow += 1
                losses = 0
                handOut(descriptor, storage)
                continue
            }
            switch failure {
            case EAGAIN: return
            case EINTR, ECONNABORTED, EPROTO, EPERM:
                losses += 1
                // It is this newcomer only. Where something forbids all of them, the kernel keeps the first for the next
                // call, and the loop would ask again and again.
                guard losses < Self.lossesPerTurnMax else { return rest(after: failure) }
                counters.failed += 1
            case EMFILE, ENFILE:
                switch shedNewcomer() {
                case .shed: continue
                case .nobody: return
                case .failed: return rest(after: failure)
                }
            default: return rest(after: failure)
            }
        }
    }

    private func handOut(_ descriptor: Int32, _ storage: sockaddr_storage) {
        do throws(IOError) {
            guard let peer = SocketAddress(storage) else { throw .failed(.accept, code: -EAFNOSUPPORT, localAddress) }
            let connection = try TCPConnection(loop: loop, adopting: descriptor, peer: peer)
            counters.accepted += 1
            onAccept?(connection)
        } catch {
            _ = Glibc.close(descriptor)  // nobody has seen it
            failed(error)
        }
    }

    private func failed(_ error: IOError) {
        counters.failed += 1
        unreportedFailure = error
        startReport()
    }

    private enum Shedding {
        case shed
        /// Without a descriptor the kernel does not look whether somebody waits.
        case nobody
        /// Another took the spare descriptor, or the newcomer stays where it is for another reason.
        case failed
    }

    /// Gives up the spare descriptor to accept and close one newcomer, so that it does not hang and the loop not spin.
    private func shedNewcomer() -> Shedding {
        let outcome: Shedding = Self.descriptorLock.withLock {
            guard spare >= 0 else { return .failed }
            _ = Glibc.close(spare)  // /dev/null has nothing to lose
            let newcomer = accept(socket, nil, nil)
            let failure = errno
            if newcomer >= 0 { _ = Glibc.close(newcomer) }  // the close is all that we have to say to it
            spare = Self.openSpare()
            return newcomer >= 0 ? .shed : failure == EAGAIN ? .nobody : .failed
        }
        if outcome == .shed {
            counters.shedForDescriptors += 1
            unreported += 1
            startReport()
        }
        return outcome
    }

    private func rest(after failure: Int32) {
        failed(.failed(.accept, code: -failure, localAddress))
        rest()
    }

    private func rest(ms: Int64 = TCPListener.restMs) {
        _ = uv_poll_stop(raw.assumingMemoryBound(to: uv_poll_t.self))  // has no failure
        if spare < 0 { spare = Self.openSpare() }
        restTimer.start(afterMs: ms)
    }

    private func startReport() {
        guard !reportTimer.isActive else { return }
        reportTimer.start(afterMs: lastReportMs.map { $0 + Self.reportIntervalMs - loop.nowMs } ?? 0)
    }

    private func report() {
        lastReportMs = loop.nowMs
        let (newcomers, delays, failure) = (unreported, unreportedDelays, unreportedFailure)
        (unreported, unreportedDelays, unreportedFailure) = (0, 0, nil)
        if newcomers > 0 { onDescriptorsExhausted?(newcomers) }
        if delays > 0 { onAcceptsDelayed?(delays) }
        if let failure { onAcceptFailed?(failure) }
    }

    private static func openSpare() -> Int32 { open("/dev/null", O_RDONLY | O_CLOEXEC) }

    override func willClose() {
        onAccept = nil
        onDescriptorsExhausted = nil
        onAcceptFailed = nil
        onAcceptsDelayed = nil
        restTimer.close()
        reportTimer.close()
    }

    override func afterClose() {
        _ = Glibc.close(socket)  // the port is free from here on
        if spare >= 0 { _ = Glibc.close(spare) }  // /dev/null has nothing to lose
        spare = -1
    }
}
