import Configuration
package import LoopIO
package import Streaming
package import Telemetry
import TransportStream

/// Writes one line per stream that is at home on this loop every ten seconds, so that a log alone tells how the node fares.
///
/// Rates and counts are those of the time since the line before.
package final class StatusReporter {
    package static let everyMs: Int64 = 10_000

    private let registry: StreamRegistry
    private let logger: Logger
    private var timer: LoopTimer?
    private var before: [StreamID: StreamStatus] = [:]
    private var reportedMs: Int64

    package init(registry: StreamRegistry, logger: Logger, everyMs: Int64 = StatusReporter.everyMs) throws(IOError) {
        self.registry = registry
        self.logger = logger
        reportedMs = registry.loop.nowMs
        timer = try LoopTimer(loop: registry.loop) { [unowned self] in self.report() }
        timer?.start(afterMs: everyMs, repeatMs: everyMs)
    }

    package func close() {
        timer?.close()
        timer = nil
    }

    private func report() {
        let nowMs = registry.loop.nowMs
        let elapsedMs = UInt64(max(1, nowMs - reportedMs))
        reportedMs = nowMs
        var seen: [StreamID: StreamStatus] = [:]
        for stream in registry.all {
            let status = stream.status
            seen[status.id] = status
            let last = before[status.id]
            if StatusReporter.hasNews(status, since: last) { log(status, since: last, elapsedMs: elapsedMs) }
        }
        before = seen
    }

    /// A stream that nobody sends and nobody watches has nothing to say twice.
    private static func hasNews(_ status: StreamStatus, since last: StreamStatus?) -> Bool {
        guard let last else { return true }
        return status.state == .live || status.viewers + status.children > 0 || last.state != status.state
            || last.viewers + last.children > 0 || last.publishersRefused != status.publishersRefused
    }

    private func log(_ status: StreamStatus, since last: StreamStatus?, elapsedMs: UInt64) {
        // A count that is smaller than before is that of a new stream of the same name.
        func grown(_ count: KeyPath<StreamStatus, UInt64>) -> UInt64 {
            let now = status[keyPath: count]
            guard let then = last?[keyPath: count], then <= now else { return now }
            return now - then
        }
        logger.info(
            "stream.status",
            [
                "stream": status.id.description, "state": status.state.rawValue,
                "in_kbps": String(StatusReporter.kbps(grown(\.bytesIn), elapsedMs)),
                "out_kbps": String(StatusReporter.kbps(grown(\.bytesOut), elapsedMs)),
                "viewers": String(status.viewers),
                "loop": String(registry.index),
                "by_loop": status.viewersByLoop.map(String.init).joined(separator: "+"),
                "children": String(status.children),
                "video": status.info.videoCodec.description,
                "skipped_pictures": String(grown(\.picturesSkipped)),
                "dropped_pictures": String(grown(\.picturesDropped)),
                "continuity_errors": String(grown(\.continuityErrors)),
                "transport_errors": String(grown(\.transportErrors)),
                "refused": String(grown(\.publishersRefused)),
            ])
    }

    private static func kbps(_ bytes: UInt64, _ elapsedMs: UInt64) -> UInt64 {
        let (bits, overflow) = bytes.multipliedReportingOverflow(by: 8)
        return overflow ? .max : bits / elapsedMs
    }
}

@available(*, unavailable) extension StatusReporter: Sendable {}
