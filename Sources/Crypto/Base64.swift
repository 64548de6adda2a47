/// Base64 with the standard alphabet and padding (RFC 4648 4); no line breaks, no blanks.
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    /// - Returns: four characters for every three bytes begun.
    package static func encode(_ bytes: Span<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count / 3 + 1) * 4)
        var index = 0
        while index < bytes.count {
            let taken = min(3, bytes.count - index)
            var group = UInt32(bytes[index]) << 16
            if taken > 1 { group |= UInt32(bytes[index + 1]) << 8 }
            if taken > 2 { group |= UInt32(bytes[index + 2]) }
            text.append(alphabet[Int(group >> 18 & 63)])
            text.append(alphabet[Int(group >> 12 & 63)])
            text.append(taken > 1 ? alphabet[Int(group >> 6 & 63)] : padding)
            text.append(taken > 2 ? alphabet[Int(group & 63)] : padding)
            index += taken
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads a padded text.
    ///
    /// - Parameter allowsNonzeroTail: accept a last character whose unused bits are set, as hand-written WebSocket keys have.
    /// - Returns: the bytes; none for an empty text.
    /// - Throws: the first fault; see `Base64Error`.
    package static func decode(_ text: Span<UInt8>, allowsNonzeroTail: Bool = false) throws(Base64Error) -> [UInt8] {
        guard text.count % 4 == 0 else { throw .badLength(text.count) }
        guard text.count > 0 else { return [] }
        var padded = 0
        if text[text.count - 1] == padding { padded = text[text.count - 2] == padding ? 2 : 1 }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var bits: UInt32 = 0
        var bitCount = 0
        for offset in 0..<(text.count - padded) {
            guard let value = value(of: text[offset]) else { throw .badCharacter(offset: offset) }
            bits = (bits << 6 | value) & 0xffff
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
            }
        }
        let tail = bits & ((1 << UInt32(bitCount)) - 1)
        guard tail == 0 || allowsNonzeroTail else { throw .nonzeroTail }
        return bytes
    }

    /// The same for a text.
    package static func decode(_ text: String, allowsNonzeroTail: Bool = false) throws(Base64Error) -> [UInt8] {
        let bytes = Array(text.utf8)
        return try decode(bytes.span, allowsNonzeroTail: allowsNonzeroTail)
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character) - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character) + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
