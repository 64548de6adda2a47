/// Delays in microseconds, counted in buckets that grow with the delay: fixed memory (26 KiB), any number of values.
///
/// Exact to a microsecond below 1,024, to 0.8 % above; from 67 s on everything is in the last bucket. The greatest
/// value is kept as it is.
package struct DelayHistogram: Sendable {
    /// Values below this have a bucket each.
    private static let exactBelow = 1024
    /// Buckets for each doubling above.
    private static let bucketsPerOctave = 128
    private static let octaves = 16

    package private(set) var count: UInt64 = 0
    /// The greatest value, 0 when empty.
    package private(set) var maximum: Int64 = 0
    private var buckets = [UInt64](repeating: 0, count: exactBelow + bucketsPerOctave * octaves)

    package init() {}

    /// Takes one value; one below zero, of clocks that differ, counts as 0.
    @inline(__always)
    package mutating func add(_ us: Int64) {
        let us = max(0, us)
        count &+= 1
        maximum = max(maximum, us)
        buckets[Self.bucket(of: us)] &+= 1
    }

    /// Adds all values of another.
    package mutating func merge(_ other: DelayHistogram) {
        count &+= other.count
        maximum = max(maximum, other.maximum)
        for index in buckets.indices { buckets[index] &+= other.buckets[index] }
    }

    package mutating func removeAll() {
        count = 0
        maximum = 0
        for index in buckets.indices { buckets[index] = 0 }
    }

    /// The smallest delay that so large a share of the values does not exceed, nearest rank.
    ///
    /// - Parameter share: 0 ... 1; 0.99 for the 99th percentile.
    /// - Returns: microseconds, the upper end of the bucket but at most `maximum`; 0 when empty.
    package func percentile(_ share: Double) -> Int64 {
        guard count > 0 else { return 0 }
        // The small number is for shares whose product is a whole number but for the last bit.
        let rank = UInt64(max(1, (Double(count) * min(max(share, 0), 1) - 1e-9).rounded(.up)))
        var seen: UInt64 = 0
        for index in buckets.indices {
            seen &+= buckets[index]
            if seen >= rank { return min(Self.upperEnd(of: index), maximum) }
        }
        return maximum
    }

    @inline(__always)
    private static func bucket(of us: Int64) -> Int {
        if us < exactBelow { return Int(us) }
        // 1024 has ten bits behind its first: octave 0.
        let octave = 53 - us.leadingZeroBitCount
        guard octave < octaves else { return exactBelow + bucketsPerOctave * octaves - 1 }
        let place = Int(us >> (octave + 3)) & (bucketsPerOctave - 1)
        return exactBelow + octave * bucketsPerOctave + place
    }

    /// The greatest value that falls into the bucket.
    private static func upperEnd(of bucket: Int) -> Int64 {
        guard bucket >= exactBelow else { return Int64(bucket) }
        let (octave, place) = (bucket - exactBelow).quotientAndRemainder(dividingBy: bucketsPerOctave)
        return Int64(bucketsPerOctave + place + 1) << (octave + 3) - 1
    }
}
