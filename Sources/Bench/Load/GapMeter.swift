/// The longest time without a packet, of one viewer that watches; reads no clock.
struct GapMeter: Equatable, Sendable {
    /// In microseconds; 0 before the second packet.
    private(set) var greatestUs: Int64 = 0
    private var lastUs: Int64?
    private var hasEnded = false

    /// Forgets what was longest; the time since the last packet goes on counting.
    mutating func begin() {
        greatestUs = 0
        hasEnded = false
    }

    /// - Parameter nowUs: of the monotonic clock.
    mutating func packetsCame(nowUs: Int64) {
        guard !hasEnded else { return }
        if let lastUs { greatestUs = max(greatestUs, nowUs - lastUs) }
        lastUs = nowUs
    }

    /// What has been missing until here counts, too; what comes later does not.
    mutating func end(nowUs: Int64) {
        packetsCame(nowUs: nowUs)
        hasEnded = true
    }
}
