/// Sizes as configurations write them: plain bytes, or `512K`, `4M`, `1G` in steps of 1024.
enum SizeText {
    static func parse(_ text: String) throws(ValueError) -> Int {
        let lowered = text.lowercased()
        let number = lowered.prefix { $0.isASCII && $0.isNumber }
        let unit = lowered.dropFirst(number.count).drop { $0 == " " }
        guard (1...15).contains(number.utf8.count), let count = Int(number) else {
            throw ValueError(message: "is \(printable(text)), which is no size: write 65536, 512K, 4M or 1G")
        }
        let shift: Int
        switch unit {
        case "", "b": shift = 0
        case "k", "kb", "kib": shift = 10
        case "m", "mb", "mib": shift = 20
        case "g", "gb", "gib": shift = 30
        default:
            throw ValueError(message: "is \(printable(text)), and \(printable(String(unit))) is no unit: K, M or G")
        }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: 1 << shift)
        guard !overflow else { throw ValueError(message: "is \(printable(text)), which is too large") }
        return bytes
    }

    /// The shortest exact form.
    static func format(_ bytes: Int) -> String {
        guard bytes > 0 else { return String(bytes) }
        for (shift, unit) in [(30, "G"), (20, "M"), (10, "K")] where bytes % (1 << shift) == 0 {
            return String(bytes >> shift) + unit
        }
        return String(bytes)
    }
}
