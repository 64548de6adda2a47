/// A session that waits for the end of the old source's picture before it takes the stream over, and what it sent.
struct Newcomer {
    /// More than this does not wait: the stream changes hands in mid-picture then.
    static let heldBytesMax = 512 << 10

    let session: SourceSession
    let sinceMs: Int64
    private(set) var held: [UInt8] = []

    init(session: SourceSession, sinceMs: Int64) {
        self.session = session
        self.sinceMs = sinceMs
    }

    var isFull: Bool { held.count >= Newcomer.heldBytesMax }

    mutating func hold(_ run: Span<UInt8>) {
        // SAFETY: the buffer is only read inside the closure.
        run.withUnsafeBufferPointer { held.append(contentsOf: $0) }
    }
}
