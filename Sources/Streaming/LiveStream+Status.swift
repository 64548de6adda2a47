import Fanout
import LoopIO
import TransportStream

extension LiveStream {
    /// The whole stream, with the viewers of other loops as they were a quarter of a second ago.
    package var status: StreamStatus {
        let nowMs = loop.nowMs
        let counters = analyzer.counters
        let elsewhere = far.figures
        let state: StreamStatus.State = isLive ? .live : hadSource && source == nil ? .gone : .waiting
        let sinceMs: Int64 =
            switch state {
            case .live: nowMs - firstPacketMs
            case .gone: nowMs - idleSinceMs
            case .waiting: nowMs - (source == nil ? idleSinceMs : lastPacketsMs)
            }
        return StreamStatus(
            id: id, state: state, sinceMs: sinceMs,
            publisher: source.map {
                StreamStatus.Publisher(kind: $0.kind, peer: $0.peer.description, connectedMs: nowMs - $0.startedMs)
            },
            kbps: rate.kbps, info: analyzer.info, viewers: audience.viewers + elsewhere.viewers,
            viewersByLoop: [audience.viewers] + far.viewers, children: audience.children, packets: packets,
            picturesDropped: lanes.picturesDropped, packetsDropped: lanes.packetsDropped,
            picturesSkipped: audience.skips(nowMs: nowMs).pictures + elsewhere.skips.pictures,
            continuityErrors: counters.continuityErrors,
            transportErrors: counters.transportErrors, bytesSkipped: source?.aligner.bytesSkipped ?? 0,
            publishersRefused: publishersRefused, sourceChanges: sourceChanges, bytesIn: bytesIn,
            bytesOut: audience.bytesSent + elsewhere.bytesSent)
    }
}
