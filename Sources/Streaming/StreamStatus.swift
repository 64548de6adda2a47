package import Configuration
package import TransportStream

/// What is known of a stream at one moment, for log lines and for `/<app>/<stream>.json`.
package struct StreamStatus: Sendable {
    package enum State: String, Sendable {
        /// Bytes came within the last two seconds.
        case live
        /// Viewers may join and wait for a publisher.
        case waiting
        /// The last publisher has gone and Grace is running.
        case gone
    }

    package struct Publisher: Sendable {
        package let kind: SourceKind
        package let peer: String
        package let connectedMs: Int64
    }

    package let id: StreamID
    package let state: State
    /// Milliseconds that the state has lasted.
    package let sinceMs: Int64
    package let publisher: Publisher?
    /// Of the last whole second.
    package let kbps: Int
    package let info: StreamInfo
    package let viewers: Int
    /// The same by loops: the stream's home first, then those that follow it, which are the ones with viewers.
    package let viewersByLoop: [Int]
    package let children: Int
    /// Packets that came in.
    package let packets: UInt64
    /// Pictures that a gate dropped since they were damaged.
    package let picturesDropped: UInt64
    package let packetsDropped: UInt64
    /// Pictures that viewers did not get since they were too slow.
    package let picturesSkipped: UInt64
    package let continuityErrors: UInt64
    package let transportErrors: UInt64
    /// Bytes that belonged to no packet.
    package let bytesSkipped: UInt64
    package let publishersRefused: UInt64
    package let sourceChanges: UInt64
    package let bytesIn: UInt64
    package let bytesOut: UInt64
}
