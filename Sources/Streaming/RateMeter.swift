/// The bit rate of the last whole second.
struct RateMeter {
    private(set) var kbps = 0
    private var lastBytes: UInt64 = 0
    private var lastMs: Int64?

    /// Called a few times a second with a count that only grows.
    mutating func tick(bytes: UInt64, nowMs: Int64) {
        guard let since = lastMs else {
            lastMs = nowMs
            lastBytes = bytes
            return
        }
        let elapsedMs = nowMs - since
        guard elapsedMs >= 1000 else { return }
        kbps = Int(clamping: (bytes &- lastBytes) * 8 / UInt64(elapsedMs))
        lastMs = nowMs
        lastBytes = bytes
    }
}
