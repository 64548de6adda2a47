import Configuration
package import LoopIO
package import Streaming
package import Telemetry
import TransportStream

/// Writes one line per stream every ten seconds, so that a log alone tells how the node fares.
package final class StatusReporter {
    package static let everyMs: Int64 = 10_000

    private let registry: StreamRegistry
    private let logger: Logger
    private var timer: LoopTimer?
    private var before: [String: StreamStatus] = [:]

    package init(registry: StreamRegistry, logger: Logger, everyMs: Int64 = StatusReporter.everyMs) throws(IOError) {
        self.registry = registry
        self.logger = logger
        timer = try LoopTimer(loop: registry.loop) { [unowned self] in self.report() }
        timer?.start(afterMs: everyMs, repeatMs: everyMs)
    }

    package func close() { timer?.close() }

    private func report() {
        var seen: [String: StreamStatus] = [:]
        for stream in registry.all {
            let status = stream.status
            let name = status.id.description
            seen[name] = status
            let last = before[name]
            // A stream that nobody sends and nobody watches has nothing to say twice.
            if status.state != .live, status.viewers == 0, last?.state == status.state, last?.viewers == 0 { continue }
            logger.info(
                "stream.status",
                [
                    "stream": name, "state": status.state.rawValue, "kbps": String(status.kbps),
                    "viewers": String(status.viewers), "video": status.info.videoCodec.description,
                    "out_mb": String((status.bytesOut &- (last?.bytesOut ?? 0)) / 1_000_000),
                    "skipped_pictures": String(status.picturesSkipped &- (last?.picturesSkipped ?? 0)),
                    "dropped_pictures": String(status.picturesDropped &- (last?.picturesDropped ?? 0)),
                    "continuity_errors": String(status.continuityErrors &- (last?.continuityErrors ?? 0)),
                    "transport_errors": String(status.transportErrors &- (last?.transportErrors ?? 0)),
                    "refused": String(status.publishersRefused &- (last?.publishersRefused ?? 0)),
                ])
        }
        before = seen
    }
}

@available(*, unavailable) extension StatusReporter: Sendable {}
