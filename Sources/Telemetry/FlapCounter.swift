/// Folds the comings and goings of those who do not stay: the first coming and the first going of each are written, what
/// follows soon is counted. The count is told after windows that double, and as soon as nothing changes any more, so that
/// the last state is known within one first window.
///
/// ```swift
/// if flaps.admits(key, .came, nowMs: nowMs) { logger.info("publisher.started", ...) }
/// for (key, times) in flaps.due(nowMs: nowMs) { logger.warn("publisher.flapping", ["times": String(times), ...]) }
/// ```
///
/// A value; the clock comes in as an argument.
package struct FlapCounter<Key: Hashable> {
    package enum Change { case came, went }

    /// Keys that are told apart at once; those of more are counted together.
    package static var keysMax: Int { 1024 }
    /// The first window, in milliseconds; also how long nothing must change for the count to be told before its window
    /// is over.
    package static var windowMsMin: Int64 { 10_000 }
    /// The longest window.
    package static var windowMsMax: Int64 { 600_000 }

    private struct Entry {
        var hasCome = false
        var hasGone = false
        /// Since the last telling.
        var comings: UInt64 = 0
        var goings: UInt64 = 0
        var lastMs: Int64
        var windowMs = FlapCounter.windowMsMin
        var dueMs: Int64

        init(nowMs: Int64) {
            lastMs = nowMs
            dueMs = nowMs + FlapCounter.windowMsMin
        }

        var times: UInt64 { max(comings, goings) }

        /// - Returns: whether it is the first of its kind.
        mutating func take(_ change: Change, nowMs: Int64) -> Bool {
            lastMs = nowMs
            switch change {
            case .came where !hasCome: hasCome = true
            case .went where !hasGone: hasGone = true
            case .came:
                comings += 1
                return false
            case .went:
                goings += 1
                return false
            }
            return true
        }

        mutating func wasTold(nowMs: Int64) {
            comings = 0
            goings = 0
            guard nowMs >= dueMs else { return }
            windowMs = min(windowMs * 2, FlapCounter.windowMsMax)
            dueMs = nowMs + windowMs
        }
    }

    private var entries: [Key: Entry] = [:]
    private var others: Entry?

    package init() {}

    /// Takes one change.
    ///
    /// - Returns: whether it is to be written now; else it was counted.
    package mutating func admits(_ key: Key, _ change: Change, nowMs: Int64) -> Bool {
        if entries[key] != nil || entries.count < FlapCounter.keysMax {
            return entries[key, default: Entry(nowMs: nowMs)].take(change, nowMs: nowMs)
        }
        var entry = others ?? Entry(nowMs: nowMs)
        entry.hasCome = true
        entry.hasGone = true
        _ = entry.take(change, nowMs: nowMs)  // counted in any case
        others = entry
        return false
    }

    /// Those whose window is over, or who have changed and then stayed as they are, each with how often it came and went
    /// unwritten; whoever did not change in a whole window is forgotten.
    ///
    /// - Returns: a nil key stands for all that were too many to tell apart.
    package mutating func due(nowMs: Int64) -> [(key: Key?, times: UInt64)] {
        var told: [(key: Key?, times: UInt64)] = []
        for (key, entry) in entries {
            entries[key] = FlapCounter.look(at: entry, key, nowMs: nowMs, &told)
        }
        if let entry = others { others = FlapCounter.look(at: entry, nil, nowMs: nowMs, &told) }
        return told
    }

    /// Everything that was counted and not told; all keys are forgotten.
    package mutating func drain() -> [(key: Key?, times: UInt64)] {
        var told = entries.filter { $0.value.times > 0 }.map { (key: Optional($0.key), times: $0.value.times) }
        if let others, others.times > 0 { told.append((nil, others.times)) }
        entries.removeAll()
        others = nil
        return told
    }

    /// - Returns: the entry as it is kept; nil when it is forgotten.
    private static func look(
        at entry: Entry, _ key: Key?, nowMs: Int64, _ told: inout [(key: Key?, times: UInt64)]
    ) -> Entry? {
        let isOver = nowMs >= entry.dueMs
        guard entry.times > 0 else { return isOver ? nil : entry }
        guard isOver || nowMs - entry.lastMs >= FlapCounter.windowMsMin else { return entry }
        told.append((key, entry.times))
        var next = entry
        next.wasTold(nowMs: nowMs)
        return next
    }
}
