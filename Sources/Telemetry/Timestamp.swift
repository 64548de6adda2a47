/// A moment in UTC, written as RFC 3339 5.6 with milliseconds.
package struct Timestamp: CustomStringConvertible, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package let unixMs: Int64

    package init(unixMs: Int64) { self.unixMs = unixMs }

    package var description: String {
        let (days, msOfDay) = unixMs.floorDivided(by: 86_400_000)
        let (year, month, day) = Timestamp.civil(daysSince1970: days)
        let second = msOfDay / 1000
        return Timestamp.padded(year, 4) + "-" + Timestamp.padded(month, 2) + "-" + Timestamp.padded(day, 2) + "T"
            + Timestamp.padded(second / 3600, 2) + ":" + Timestamp.padded(second / 60 % 60, 2) + ":"
            + Timestamp.padded(second % 60, 2) + "." + Timestamp.padded(msOfDay % 1000, 3) + "Z"
    }

    /// The proleptic Gregorian date of a day number, reckoned in eras of 400 years that begin on 1 March.
    private static func civil(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (daysSince1970 + 719_468).floorDivided(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Int64 {
    /// Quotient and remainder with a remainder that is never negative; `divisor` is positive.
    fileprivate func floorDivided(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
