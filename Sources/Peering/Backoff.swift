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

    private var attempts = 0
    private var lostMs: Int64?
    private var connectedMs: Int64?

    package init() {}

    /// The link stands.
    package mutating func connected(nowMs: Int64) { connectedMs = nowMs }

    /// The link is gone, or the dial has failed.
    ///
    /// - Parameter random: 0 ..< 1.
    /// - Returns: milliseconds to wait before the next dial.
    package mutating func lost(nowMs: Int64, random: Double) -> Int64 {
        if let connectedMs, nowMs - connectedMs >= Backoff.healthyMs {
            attempts = 0
            lostMs = nil
        }
        connectedMs = nil
        let since = lostMs ?? nowMs
        lostMs = since
        let capMs = nowMs - since < Backoff.freshForMs ? Backoff.freshMsMax : Backoff.msMax
        let ceilingMs = min(capMs, Backoff.firstMs << Int64(min(attempts, 16)))
        attempts += 1
        return Int64(Double(ceilingMs) * min(max(random, 0), 1))
    }
}
