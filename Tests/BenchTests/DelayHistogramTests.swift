import TestSupport
import Testing

@testable import Bench

@Suite struct DelayHistogramTests {
    private static let shares = [0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1]

    private static func truth(_ sorted: [Int64], _ share: Double) -> Int64 {
        sorted[max(0, Int((Double(sorted.count) * share - 1e-9).rounded(.up)) - 1)]
    }

    @Test(arguments: [1, 2, 3, 10, 1000, 20_000])
    func `percentiles are exact below a millisecond`(_ count: Int) {
        var random = SeededRandom(seed: UInt64(count))
        let values = (0..<count).map { _ in Int64.random(in: 0..<1024, using: &random) }
        var histogram = DelayHistogram()
        for value in values { histogram.add(value) }
        let sorted = values.sorted()
        for share in Self.shares { #expect(histogram.percentile(share) == Self.truth(sorted, share)) }
        #expect(histogram.count == UInt64(count))
        #expect(histogram.maximum == sorted.last)
    }

    @Test(arguments: [1, 100, 20_000])
    func `percentiles are true to one in 128 above`(_ count: Int) {
        var random = SeededRandom(seed: UInt64(count))
        // As many in each doubling.
        let values = (0..<count).map { _ in
            Int64.random(in: 1...1 << Int.random(in: 1...25, using: &random), using: &random)
        }
        var histogram = DelayHistogram()
        for value in values { histogram.add(value) }
        let sorted = values.sorted()
        for share in Self.shares {
            let truth = Self.truth(sorted, share)
            let told = histogram.percentile(share)
            #expect(told >= truth && Double(told) <= Double(truth) * (1 + 1.0 / 128) + 1, "\(share): \(told), \(truth)")
        }
        #expect(histogram.percentile(1) == sorted.last)
    }

    @Test func `every edge of a bucket is in it`() {
        for value in (1...26).flatMap({ [1 << $0 - 2, 1 << $0 - 1, 1 << ($0 - 1)] as [Int64] }) {
            var histogram = DelayHistogram()
            histogram.add(value)
            histogram.add(1 << 40)
            let told = histogram.percentile(0.5)
            #expect(told >= value && Double(told) <= Double(value) * (1 + 1.0 / 128), "\(value): \(told)")
        }
    }

    @Test func `more than the last bucket, less than nothing, and nothing`() {
        var histogram = DelayHistogram()
        #expect(histogram.percentile(0.5) == 0)
        histogram.add(-5)
        #expect(histogram.percentile(1) == 0)
        histogram.add(.max)
        #expect(histogram.maximum == .max)
        #expect(histogram.percentile(1) > 60_000_000)
        histogram.removeAll()
        #expect(histogram.count == 0 && histogram.maximum == 0 && histogram.percentile(1) == 0)
    }

    @Test func `two merged are one with all values`() {
        var random = SeededRandom(seed: 9)
        var parts = [DelayHistogram(), DelayHistogram()]
        var whole = DelayHistogram()
        for index in 0..<5000 {
            let value = Int64.random(in: 0...300_000, using: &random)
            parts[index % 2].add(value)
            whole.add(value)
        }
        parts[1].add(400_000)
        whole.add(400_000)
        parts[0].merge(parts[1])
        #expect(parts[0].count == whole.count && parts[0].maximum == whole.maximum)
        for share in Self.shares { #expect(parts[0].percentile(share) == whole.percentile(share)) }
    }
}
