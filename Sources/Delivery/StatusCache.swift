import Configuration
import Streaming

/// Keeps what `.json` says of a stream for a moment: to sum it up means a look at each of its viewers, and each of them
/// asks every few seconds.
struct StatusCache {
    /// How old an answer may be.
    static let freshMs: Int64 = 250

    private var known: [StreamID: (status: StreamStatus, atMs: Int64)] = [:]

    mutating func status(of stream: WatchedStream, nowMs: Int64) -> StreamStatus {
        if let (status, atMs) = known[stream.id], nowMs - atMs < StatusCache.freshMs { return status }
        // Streams come and go: what is old is thrown away before it can add up.
        if known.count >= 64 { known = known.filter { nowMs - $0.value.atMs < StatusCache.freshMs } }
        let status = stream.status
        known[stream.id] = (status, nowMs)
        return status
    }
}
