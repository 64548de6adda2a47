/// The form of `host[:port]` in the Host field and in targets (RFC 9110 7.2, RFC 3986 3.2).
enum Authority {
    /// Whether `text[range]` is a host name, IPv4 address or bracketed IPv6 address, with or without a port 0 ... 65535.
    ///
    /// An empty host passes only where `range` is empty (RFC 9112 3.2: a Host field without authority is empty).
    static func isValid(_ text: Span<UInt8>, _ range: Range<Int>, needsPort: Bool) -> Bool {
        guard !range.isEmpty else { return !needsPort }
        var index = range.lowerBound
        if text[index] == UInt8(ascii: "[") {
            index += 1
            let start = index
            while index < range.upperBound, isAddressLiteral(text[index]) { index += 1 }
            guard index > start, index < range.upperBound, text[index] == UInt8(ascii: "]") else { return false }
            index += 1
        } else {
            while index < range.upperBound, ByteClass.isHostName(text[index]) {
                if text[index] == UInt8(ascii: "%") {
                    guard range.upperBound - index > 2, ByteClass.hexValue(text[index + 1]) != nil,
                        ByteClass.hexValue(text[index + 2]) != nil
                    else { return false }
                }
                index += 1
            }
            guard index > range.lowerBound else { return false }
        }
        guard index < range.upperBound else { return !needsPort }
        guard text[index] == UInt8(ascii: ":") else { return false }
        return isPort(text, (index + 1)..<range.upperBound, mayBeEmpty: !needsPort)
    }

    private static func isPort(_ text: Span<UInt8>, _ range: Range<Int>, mayBeEmpty: Bool) -> Bool {
        guard !range.isEmpty else { return mayBeEmpty }
        var port = 0
        for index in range {
            guard ByteClass.isDigit(text[index]) else { return false }
            port = port * 10 + Int(text[index] - UInt8(ascii: "0"))
            guard port <= 65535 else { return false }
        }
        return true
    }

    /// Inside brackets: IPv6 with an embedded IPv4 address; no zone and no future form.
    private static func isAddressLiteral(_ byte: UInt8) -> Bool {
        ByteClass.hexValue(byte) != nil || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }
}
