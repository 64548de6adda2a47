/// The middle of figures that were measured several times.
package enum Median {
    /// - Returns: of an even number of values the mean of the two in the middle; nil of none.
    package static func of(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// - Returns: nil when one is missing or the base is 0.
    package static func ratio(_ value: Double?, to base: Double?) -> Double? {
        guard let value, let base, base != 0 else { return nil }
        return value / base
    }
}
