import LoopIO

/// What a worker tells of itself, as of the last time it was asked.
struct WorkerStatus: Sendable {
    /// Connections that stood at least once, and that are standing.
    var connected = 0
    var standing = 0
    /// Dials that failed.
    var refused = 0
    /// Quick viewers that got their first packet.
    var began = 0
    /// Quick viewers whose connection ended without our doing, and others.
    var ended = 0
    var slowEnded = 0
    /// Why, with how often; the first few reasons.
    var reasons: [String: Int] = [:]
    var joins = 0
    var leaves = 0

    var quick = ViewerTotals()
    var slow = ViewerTotals()
    /// Packets that all viewers got while it was measured.
    var packetsMeasured: UInt64 = 0
    var delays = DelayHistogram()
    var firstPictures = DelayHistogram()
    /// The longest time without a packet of each quick viewer that watched from before the measuring on.
    var gaps = DelayHistogram()
    var storm = StormStatus()

    /// The greatest number that a viewer got; nil before the first packet.
    var lastNumber: UInt64?
    /// The number that quick viewers should have, as it was asked for; nil while it was not.
    var lastSent: UInt64?
    /// Quick viewers that have not got it.
    var behind = 0
    /// Of viewers that stood for seconds and never got a packet.
    var neverBegan = 0

    /// Nanoseconds while it was measured: of the clock, of the processor, of waiting for it, and at work.
    var wallNs: Int64 = 0
    var cpuNs: Int64 = 0
    var waitedNs: Int64 = 0
    var busyNs: Int64 = 0
    var publisher: PublisherStatus?

    /// How much of its thread's time was taken, 0 ... 1: by work, and by others on its processor while there was some.
    func share(neverSleeps: Bool) -> Double {
        guard wallNs > 0 else { return 0 }
        let taken = neverSleeps ? busyNs + max(0, wallNs - cpuNs) : cpuNs + waitedNs
        return min(1, Double(taken) / Double(wallNs))
    }
}

/// What the publisher tells.
struct PublisherStatus: Sendable {
    var lastNumber: UInt64?
    var hasDelivered = false
    var failure: String?
    var changes = 0
    var blockedUs: Int64 = 0
    var lateness = DelayHistogram()
}

/// Where a worker leaves its status for the thread that runs the whole.
final class WorkerBoard: Sendable {
    private let lock = Lock()
    // SAFETY: used under the lock alone.
    private nonisolated(unsafe) var current = WorkerStatus()
    private nonisolated(unsafe) var writes = 0

    func write(_ status: WorkerStatus) {
        lock.withLock {
            current = status
            writes += 1
        }
    }

    /// The newest status and how many there were.
    func read() -> (status: WorkerStatus, writes: Int) {
        lock.withLock { (current, writes) }
    }
}
