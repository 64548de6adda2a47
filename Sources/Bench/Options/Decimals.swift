/// Numbers as people read them.
package enum Decimals {
    /// With so many digits behind the point, rounded: `12.30`.
    package static func text(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "-" }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int64((abs(value) * scale).rounded())
        var text = String(scaled)
        if text.count <= digits { text = String(repeating: "0", count: digits + 1 - text.count) + text }
        if digits > 0 { text.insert(".", at: text.index(text.endIndex, offsetBy: -digits)) }
        return (value < 0 && scaled != 0 ? "-" : "") + text
    }

    /// With as few digits behind the point as it needs, at most so many: `2.5`, `10`.
    package static func text(_ value: Double, atMost digits: Int) -> String {
        var text = Decimals.text(value, digits)
        guard text.contains(".") else { return text }
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    /// A whole number in groups of three: `12,811`.
    package static func grouped(_ value: Double) -> String {
        var digits = Decimals.text(value, 0)
        guard digits != "-" else { return digits }
        let sign = digits.hasPrefix("-") ? "-" : ""
        digits.removeFirst(sign.count)
        var groups: [Substring] = []
        var rest = digits[...]
        while rest.count > 3 {
            groups.insert(rest.suffix(3), at: 0)
            rest = rest.dropLast(3)
        }
        return sign + ([rest] + groups).joined(separator: ",")
    }
}
