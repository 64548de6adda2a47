import Fanout
import LoopIO
import TransportStream

extension LiveStream {
    package var status: StreamStatus {
        let nowMs = loop.nowMs
        let counters = analyzer.counters
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
            kbps: rate.kbps, info: analyzer.info, viewers: audience.viewers, children: audience.children,
            packets: packets,
            picturesDropped: framed.reduce(droppedBefore.pictures) { $0 + $1.picturesDropped },
            packetsDropped: framed.reduce(droppedBefore.packets) { $0 + $1.packetsDropped },
            picturesSkipped: audience.skips(nowMs: nowMs).pictures, continuityErrors: counters.continuityErrors,
            transportErrors: counters.transportErrors, bytesSkipped: source?.aligner.bytesSkipped ?? 0,
            publishersRefused: publishersRefused, sourceChanges: sourceChanges, bytesIn: bytesIn,
            bytesOut: audience.bytesSent)
    }
}
