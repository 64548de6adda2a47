/// When to dial again: at once after the first loss, then more and more rarely, with full jitter so that the children of
/// one parent do not come back in step.
package struct Backoff: Equatable {
    /// Longest wait before the first retry.
    package static let firstMs: Int64 = 250
    /// Longest wait while the loss is fresh.
    package static let freshMsMax: Int64 = 1000
    /// How long a loss is fresh.
    package static let freshForMs: Int64 = 10_000
    /// Longest wait later.
    package static let msMax: Int64 = 5000
    /// A link that held so long starts from the first again.
    package static let healthyMs: Int64 = 10_000
    /// A link that held so long was one: its loss is fresh. One that closes at once is no loss but a failed dial.
    /// A child that refuses us sends its FIN right behind its answer, within a few milliseconds on any line.
    package static let standsMs: Int64 = 50

    private var attempts = 0
    private var lostMs: Int64?
    private var connectedMs: Int64?

    package init() {}

    /// The link stands.
    package mutating func connected(nowMs: Int64) { connectedMs = nowMs }

    /// The link is gone, or the dial has failed.
    ///
    /// - Parameter random: 0 ..< 1; what lies outside is taken as the nearer end.
    /// - Returns: milliseconds to wait before the next dial, 0 ... 5000.
    package mutating func lost(nowMs: Int64, random: Double) -> Int64 {
        if let connectedMs {
            let heldMs = nowMs - connectedMs
            if heldMs >= Backoff.healthyMs { attempts = 0 }
            if heldMs >= Backoff.standsMs { lostMs = nil }
        }
        connectedMs = nil
        let since = lostMs ?? nowMs
        lostMs = since
        let capMs = nowMs - since < Backoff.freshForMs ? Backoff.freshMsMax : Backoff.msMax
        let ceilingMs = min(capMs, Backoff.firstMs << Int64(min(attempts, 16)))
        attempts += 1
        return Int64(Double(ceilingMs) * (random.isNaN ? 0 : min(max(random, 0), 1)))
    }
}
