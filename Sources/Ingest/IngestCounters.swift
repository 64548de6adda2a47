import Streaming

/// What a way in has seen; every refusal is in one of them.
package struct IngestCounters: Equatable, Sendable {
    /// Connections, bodies or senders that were let in.
    package var accepted: UInt64 = 0
    /// Connections or bodies that came to another loop than their stream's, and were handed over to that.
    package var handedOver: UInt64 = 0
    /// The address is not on the allowlist.
    package var refusedAddress: UInt64 = 0
    /// No secret, or a wrong one.
    package var refusedSecret: UInt64 = 0
    /// The path names no stream.
    package var refusedPath: UInt64 = 0
    /// The stream was taken.
    package var refusedTaken: UInt64 = 0
    /// What came was no transport stream, or its coding was broken.
    package var refusedGarbage: UInt64 = 0
    /// Bytes came for a while, and no packet.
    package var refusedSlow: UInt64 = 0
    /// More connections, bodies, senders or streams than the limit.
    package var refusedLimit: UInt64 = 0
    /// Idle connections that were closed to make room.
    package var idleClosed: UInt64 = 0
    /// Half-open heads that were closed to make room.
    package var headsClosed: UInt64 = 0
    /// Datagrams of senders that do not hold the stream.
    package var datagramsIgnored: UInt64 = 0

    package init() {}

    /// A stream wants no more of a publisher: what it did is counted, not that it was replaced or the node stops.
    mutating func count(_ end: SourceSession.End) {
        switch end {
        case .refused: refusedTaken += 1
        case .notTransportStream: refusedGarbage += 1
        case .replaced, .stopping: break
        }
    }
}
