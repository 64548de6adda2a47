/// Durations as configurations write them: `250ms`, `1.5s`, `2m`, `1h`, and `0`.
enum DurationText {
    /// Longest duration that can be written.
    static let secondsMax: Int64 = 86_400 * 365

    static func parse(_ text: String) throws(ValueError) -> Duration {
        let lowered = text.lowercased()
        let number = lowered.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = lowered.dropFirst(number.count).drop { $0 == " " }
        guard let parts = decimal(number) else {
            throw ValueError(message: "is \(printable(text)), which is no duration: write 250ms, 5s, 2m or 1h")
        }
        let unitMicroseconds: Int64
        switch unit {
        case "ms": unitMicroseconds = 1_000
        case "s": unitMicroseconds = 1_000_000
        case "m", "min": unitMicroseconds = 60_000_000
        case "h": unitMicroseconds = 3_600_000_000
        case "" where parts.whole == 0 && parts.millionths == 0: return .zero
        case "":
            throw ValueError(message: "is \(printable(text)), which lacks its unit: write \(number)ms or \(number)s")
        default:
            throw ValueError(
                message: "is \(printable(text)), and \(printable(String(unit))) is no unit: ms, s, m or h")
        }
        let limitMicroseconds = secondsMax * 1_000_000
        let (whole, overflow) = parts.whole.multipliedReportingOverflow(by: unitMicroseconds)
        guard !overflow, whole <= limitMicroseconds else {
            throw ValueError(message: "is \(printable(text)), which is longer than a year")
        }
        // A millionth of an hour is 3.6 ms, so this product is at most 3.6e15.
        return .microseconds(whole + parts.millionths * unitMicroseconds / 1_000_000)
    }

    /// The shortest exact form: `250ms`, `5s`, `2m`, `1h`.
    static func format(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        if milliseconds != 0 {
            if seconds == 0 { return "\(milliseconds)ms" }
            let fraction = String(1_000 + milliseconds).dropFirst()
            return "\(seconds)." + String(fraction.reversed().drop { $0 == "0" }.reversed()) + "s"
        }
        if seconds != 0, seconds % 3_600 == 0 { return "\(seconds / 3_600)h" }
        if seconds != 0, seconds % 60 == 0 { return "\(seconds / 60)m" }
        return "\(seconds)s"
    }

    /// `1.25` as 1 and 250,000; at most twelve digits in front and six behind the point.
    private static func decimal(_ text: Substring) -> (whole: Int64, millionths: Int64)? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let first = parts.first, (1...12).contains(first.utf8.count), let whole = Int64(first) else { return nil }
        switch parts.count {
        case 1: return (whole, 0)
        case 2:
            guard (1...6).contains(parts[1].utf8.count) else { return nil }
            let padded = parts[1] + String(repeating: "0", count: 6 - parts[1].utf8.count)
            guard let millionths = Int64(padded) else { return nil }
            return (whole, millionths)
        default: return nil
        }
    }
}
