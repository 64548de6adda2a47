import Configuration
import LoopIO
import Telemetry

/// Writes which publishers came and went, and which streams ended; what repeats is a few lines with a count, whatever
/// its rate.
struct PublisherLog {
    /// How often is looked for counts that are due.
    static let lookMs: Int64 = 1000

    /// A sender may come from another port each time.
    struct Key: Hashable {
        let stream: StreamID
        let host: SocketAddress.Bytes
    }

    private let logger: Logger
    private var flaps = FlapCounter<Key>()
    private var removals = RepeatCounter<StreamID>()
    private var lookedMs: Int64 = 0

    init(logger: Logger) { self.logger = logger }

    /// A session became the source of its stream.
    mutating func started(_ session: SourceSession, _ stream: StreamID, nowMs: Int64) {
        guard flaps.admits(Key(stream: stream, host: session.peer.bytes), .came, nowMs: nowMs) else { return }
        logger.info(
            "publisher.started",
            [
                "stream": stream.description, "from": session.peer.description, "by": session.kind.rawValue,
                "section": session.section,
            ])
    }

    /// The source of a stream has gone by itself, or is stopped.
    mutating func gone(_ session: SourceSession, _ stream: StreamID, isComplete: Bool, nowMs: Int64) {
        guard flaps.admits(Key(stream: stream, host: session.peer.bytes), .went, nowMs: nowMs) else { return }
        logger.info(
            "publisher.gone",
            [
                "stream": stream.description, "from": session.peer.description, "by": session.kind.rawValue,
                "bytes": String(session.bytesIn), "complete": String(isComplete),
            ])
    }

    /// A stream that no file names is over: neither publisher nor viewer is left. Whoever may push makes such streams at
    /// will.
    mutating func removed(_ stream: StreamID, nowMs: Int64) {
        guard removals.admits(stream, nowMs: nowMs) else { return }
        logger.info("stream.removed", ["stream": stream.description])
    }

    /// Called a few times a second.
    ///
    /// - Parameter isSource: whether the stream takes its bytes from that host.
    mutating func tick(nowMs: Int64, isSource: (Key) -> Bool) {
        guard nowMs - lookedMs >= PublisherLog.lookMs else { return }
        lookedMs = nowMs
        tell(flaps.due(nowMs: nowMs), isSource)
        tell(removals.due(nowMs: nowMs))
    }

    /// Tells what was counted and not yet told. Called once all sources have ended.
    mutating func close() {
        tell(flaps.drain()) { _ in false }
        tell(removals.drain())
    }

    private func tell(_ counts: [(key: StreamID?, times: UInt64)]) {
        for (stream, times) in counts {
            logger.info("stream.removed", ["stream": stream?.description ?? "others", "times": String(times)])
        }
    }

    private func tell(_ counts: [(key: Key?, times: UInt64)], _ isSource: (Key) -> Bool) {
        for (key, times) in counts {
            guard let key else {
                logger.warn("publisher.flapping", ["stream": "others", "times": String(times)])
                continue
            }
            logger.warn(
                "publisher.flapping",
                [
                    "stream": key.stream.description,
                    "from": SocketAddress(bytes: key.host, port: 0).hostDescription, "times": String(times),
                    "state": isSource(key) ? "live" : "gone",
                ])
        }
    }
}
