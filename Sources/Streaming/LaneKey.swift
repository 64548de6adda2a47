package import Fanout

/// What tells one framed form of a stream from another.
package struct LaneKey: Hashable, Sendable {
    package let framing: Framing
    /// Damaged pictures are dropped whole before they reach this lane.
    package let isGated: Bool

    /// The base lane: the packets as they came.
    package static let base = LaneKey(framing: .bare, isGated: false)
    package static let webSocket = LaneKey(framing: .webSocket, isGated: true)
    package static let httpChunks = LaneKey(framing: .httpChunk, isGated: false)
}
