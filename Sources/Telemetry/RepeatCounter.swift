/// Folds events that repeat, so that a flood of them is a few log lines: the first of a kind is written at once, its
/// repeats as a count, first after a window and then after windows that double.
///
/// ```swift
/// if repeats.admits(key, nowMs: nowMs) { logger.warn("publisher.refused", ...) }
/// for (key, times) in repeats.due(nowMs: nowMs) { logger.warn("publisher.refused", ["times": String(times), ...]) }
/// ```
///
/// A value; the clock comes in as an argument.
package struct RepeatCounter<Key: Hashable> {
    /// Kinds that are told apart at once; those of more are counted together.
    package static var keysMax: Int { 64 }
    /// The first window, in milliseconds.
    package static var windowMsMin: Int64 { 10_000 }
    /// The longest window.
    package static var windowMsMax: Int64 { 600_000 }

    private struct Entry {
        var times: UInt64 = 0
        var windowMs: Int64
        var dueMs: Int64

        /// The window after this one; nil when nothing came in this one.
        func next(nowMs: Int64) -> Entry? {
            guard times > 0 else { return nil }
            let window = min(windowMs * 2, RepeatCounter.windowMsMax)
            return Entry(windowMs: window, dueMs: nowMs + window)
        }
    }

    private let firstWindowMs: Int64
    private var entries: [Key: Entry] = [:]
    private var others: Entry?

    package init(windowMs: Int64 = RepeatCounter.windowMsMin) { firstWindowMs = max(1, windowMs) }

    /// Nothing is counted and no window runs.
    package var isEmpty: Bool { entries.isEmpty && others == nil }

    /// Takes one event.
    ///
    /// - Returns: whether it is to be written now; else it was counted.
    package mutating func admits(_ key: Key, nowMs: Int64) -> Bool {
        if entries[key] != nil {
            entries[key]?.times += 1
            return false
        }
        if entries.count < RepeatCounter.keysMax {
            entries[key] = Entry(windowMs: firstWindowMs, dueMs: nowMs + firstWindowMs)
            return true
        }
        if others == nil { others = Entry(windowMs: firstWindowMs, dueMs: nowMs + firstWindowMs) }
        others?.times += 1
        return false
    }

    /// The kinds whose window is over, each with how often it came in it; those that did not come again are forgotten.
    ///
    /// - Returns: a nil key stands for all that were too many to tell apart.
    package mutating func due(nowMs: Int64) -> [(key: Key?, times: UInt64)] {
        var told: [(key: Key?, times: UInt64)] = []
        for (key, entry) in entries where nowMs >= entry.dueMs {
            if entry.times > 0 { told.append((key, entry.times)) }
            entries[key] = entry.next(nowMs: nowMs)
        }
        if let entry = others, nowMs >= entry.dueMs {
            if entry.times > 0 { told.append((nil, entry.times)) }
            others = entry.next(nowMs: nowMs)
        }
        return told
    }

    /// Everything that was counted and not told; all kinds are forgotten.
    package mutating func drain() -> [(key: Key?, times: UInt64)] {
        var told = entries.filter { $0.value.times > 0 }.map { (key: Optional($0.key), times: $0.value.times) }
        if let others, others.times > 0 { told.append((nil, others.times)) }
        entries.removeAll()
        others = nil
        return told
    }
}
