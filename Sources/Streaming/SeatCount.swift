import Synchronization

/// How many viewers were let in, over all loops.
///
/// A seat is taken before its viewer is answered: were it counted afterwards, two loops could give the last one away at the
/// same moment.
package final class SeatCount: Sendable {
    private let count = Atomic<Int>(0)

    package init() {}

    package var taken: Int { count.load(ordering: .relaxed) }

    /// - Returns: false when `max` are taken.
    package func take(upTo max: Int) -> Bool {
        var seen = taken
        while seen < max {
            let (isTaken, now) = count.compareExchange(expected: seen, desired: seen + 1, ordering: .relaxed)
            if isTaken { return true }
            seen = now
        }
        return false
    }

    package func giveBack(_ seats: Int = 1) {
        let left = count.subtract(seats, ordering: .relaxed).newValue
        precondition(left >= 0, "a seat is given back once")
    }
}
