package import LoopIO
package import Telemetry

/// Writes who was refused and why, so that a flood of refusals does not flood the log.
///
/// The first of a kind from an address is one line; its repeats follow as a count, at last every ten minutes.
package final class RefusalLog {
    /// How often windows are looked at while one runs.
    static let lookMs: Int64 = 1000
    /// Least time between two lines about descriptors, or about failures of accept.
    static let shedMs: Int64 = 60_000

    private struct Key: Hashable {
        let host: SocketAddress.Bytes
        let kind: String
    }

    private let loop: EventLoop
    private let logger: Logger
    private let level: LogLevel
    private let event: String
    private let section: String
    private let lookMs: Int64
    private var repeats: RepeatCounter<Key>
    private var timer: LoopTimer?
    private var shed: UInt64 = 0
    private var lastShedMs: Int64?
    private var delayed: UInt64 = 0
    private var lastDelayedMs: Int64?
    private var lastFailedMs: [String: Int64] = [:]

    /// - Parameters:
    ///   - event: such as `publisher.refused`.
    ///   - section: of the way in or the door.
    ///   - windowMs: the first window of repeats; tests shorten it.
    package init(
        loop: EventLoop, logger: Logger, level: LogLevel, event: String, section: String, windowMs: Int64 = 10_000
    ) throws(IOError) {
        self.loop = loop
        self.logger = logger
        self.level = level
        self.event = event
        self.section = section
        lookMs = min(RefusalLog.lookMs, windowMs)
        repeats = RepeatCounter(windowMs: windowMs)
        timer = try LoopTimer(loop: loop) { [unowned self] in self.tellDue() }
    }

    /// Tells what was counted and not yet told.
    package func close() {
        guard let timer else { return }
        timer.close()
        self.timer = nil
        tell(repeats.drain())
    }

    /// Someone was refused.
    ///
    /// - Parameters:
    ///   - kind: a word that tells reasons apart; repeats are of one kind and one host.
    ///   - why: what happened and what to do; asked for only when it is written.
    package func refused(_ peer: SocketAddress, kind: String, _ why: @autoclosure () -> String) {
        if repeats.admits(Key(host: peer.bytes, kind: kind), nowMs: loop.nowMs) {
            logger.log(level, event, ["section": section, "from": peer.description, "why": why()])
        }
        if let timer, !timer.isActive { timer.start(afterMs: lookMs, repeatMs: lookMs) }
    }

    /// Newcomers were closed since no descriptor was left: one line a minute at most, with the sum since the last.
    package func descriptorsExhausted(_ newcomers: UInt64) {
        shed += newcomers
        if let lastShedMs, loop.nowMs - lastShedMs < RefusalLog.shedMs { return }
        lastShedMs = loop.nowMs
        logger.error(
            "descriptors.exhausted", ["section": section, "closed": String(shed), "remedy": "raise ulimit -n"])
        shed = 0
    }

    /// Newcomers had to wait since so many came at once: one line a minute at most, with the sum since the last.
    package func acceptsDelayed(_ times: UInt64) {
        delayed += times
        if let lastDelayedMs, loop.nowMs - lastDelayedMs < RefusalLog.shedMs { return }
        lastDelayedMs = loop.nowMs
        logger.warn("accept.delayed", ["section": section, "times": String(delayed)])
        delayed = 0
    }

    /// A newcomer could not be taken in: one line a minute at most.
    package func acceptFailed(_ error: IOError) { failed("accept.failed", error) }

    /// Datagrams could not be received: one line a minute at most.
    package func receiveFailed(_ error: IOError) { failed("receive.failed", error) }

    private func failed(_ event: String, _ error: IOError) {
        if let last = lastFailedMs[event], loop.nowMs - last < RefusalLog.shedMs { return }
        lastFailedMs[event] = loop.nowMs
        logger.error(event, ["section": section, "why": error.description])
    }

    private func tellDue() {
        tell(repeats.due(nowMs: loop.nowMs))
        if repeats.isEmpty { timer?.stop() }
    }

    private func tell(_ counts: [(key: Key?, times: UInt64)]) {
        for (key, times) in counts {
            let from = key.map { SocketAddress(bytes: $0.host, port: 0).hostDescription } ?? "others"
            logger.log(
                level, event + ".again",
                ["section": section, "from": from, "kind": key?.kind ?? "any", "times": String(times)])
        }
    }
}

@available(*, unavailable) extension RefusalLog: Sendable {}
