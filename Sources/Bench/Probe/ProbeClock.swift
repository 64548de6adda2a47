/// A program's clock references (ISO/IEC 13818-1 2.4.3.5): how far apart they are, and how evenly they arrive.
struct ProbeClock: Equatable {
    /// References further apart than this break ISO/IEC 13818-1 2.7.2.
    static let intervalMsMax = 100.0
    /// A step back, or one of more than this, is another clock.
    private static let stepTicksMax: UInt64 = 10 * 27_000_000
    /// Where the clock wraps: 2^33 times 300.
    private static let period: UInt64 = 1 << 33 * 300

    private(set) var count = 0
    /// Between two references that follow one another, in ticks of 27 MHz.
    private(set) var longestTicks: UInt64 = 0
    /// References more than 100 ms behind the one before.
    private(set) var lateCount = 0
    private(set) var discontinuities = 0
    /// The sum of the intervals: how long the stream lasts by its clock.
    private(set) var totalTicks: UInt64 = 0
    /// Bytes of the whole stream in these intervals.
    private(set) var totalBytes: UInt64 = 0

    private var intervals = 0
    private var last: (ticks: UInt64, position: UInt64)?
    /// Arrival minus clock since the last discontinuity, microseconds: the least and the greatest.
    private var offsets: (least: Int64, greatest: Int64)?
    private var offsetBase: (ticks: UInt64, us: Int64)?
    /// The greatest distance between the least and the greatest offset.
    private(set) var jitterUs: Int64?

    static func == (left: ProbeClock, right: ProbeClock) -> Bool {
        (left.count, left.totalTicks, left.longestTicks) == (right.count, right.totalTicks, right.longestTicks)
    }

    /// Takes a reference.
    ///
    /// - Parameters:
    ///   - ticks: of the 27 MHz clock.
    ///   - position: bytes of the stream before its packet.
    ///   - nowUs: when it arrived; nil for a file.
    ///   - isAnnounced: the packet says that the clock jumps here.
    mutating func take(ticks: UInt64, position: UInt64, nowUs: Int64?, isAnnounced: Bool) {
        count += 1
        defer { last = (ticks, position) }
        if let last {
            let step = (ticks &+ Self.period &- last.ticks) % Self.period
            if isAnnounced || step > Self.stepTicksMax {
                discontinuities += 1
                (offsets, offsetBase) = (nil, nil)
            } else {
                intervals += 1
                totalTicks += step
                totalBytes += position - last.position
                longestTicks = max(longestTicks, step)
                if Double(step) / 27_000 > Self.intervalMsMax { lateCount += 1 }
            }
        }
        if let nowUs { takeArrival(ticks, nowUs) }
    }

    private mutating func takeArrival(_ ticks: UInt64, _ nowUs: Int64) {
        let base = offsetBase ?? (ticks, nowUs)
        offsetBase = base
        let clockUs = Int64((ticks &+ Self.period &- base.ticks) % Self.period / 27)
        let offset = nowUs - base.us - clockUs
        let range = (min(offsets?.least ?? offset, offset), max(offsets?.greatest ?? offset, offset))
        offsets = (range.0, range.1)
        jitterUs = max(jitterUs ?? 0, range.1 - range.0)
    }

    var seconds: Double { Double(totalTicks) / 27_000_000 }

    /// Bits per second of the whole stream, by this clock; nil before two references.
    var bitsPerSecond: Double? { totalTicks > 0 ? Double(totalBytes) * 8 / seconds : nil }

    var averageMs: Double? { intervals > 0 ? Double(totalTicks) / 27_000 / Double(intervals) : nil }

    var longestMs: Double? { intervals > 0 ? Double(longestTicks) / 27_000 : nil }

    /// Reads the reference of a packet.
    ///
    /// - Returns: nil when it has none, or an extension that no clock has.
    static func ticks(_ run: Span<UInt8>, at offset: Int) -> UInt64? {
        guard run[offset + 3] & 0x20 != 0, run[offset + 4] >= 7, run[offset + 5] & 0x10 != 0 else { return nil }
        var base: UInt64 = 0
        for place in 6..<10 { base = base << 8 | UInt64(run[offset + place]) }
        base = base << 1 | UInt64(run[offset + 10] >> 7)
        let ticks = UInt64(run[offset + 10] & 1) << 8 | UInt64(run[offset + 11])
        return ticks < 300 ? base * 300 + ticks : nil
    }
}
