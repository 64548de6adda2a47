/// One percent-decoding of a part of a target (RFC 3986 2.1), with what must never come out of it refused.
enum PercentDecoding {
    /// Decodes `text[range]`; `+` stays a plus, since secrets are often Base64 and paths know no other meaning.
    ///
    /// - Parameters:
    ///   - refusesSlash: whether a decoded `/` is refused; in a path segment it would move the borders between segments.
    ///   - offset: where `text` stands, for errors.
    /// - Throws: `.badPercentEncoding`, `.encodedSlash`, `.encodedControlCharacter`, `.notUTF8` (overlong forms and
    ///   surrogates too).
    static func decode(
        _ text: Span<UInt8>, _ range: Range<Int>, refusesSlash: Bool, offset: Int
    ) throws(HTTPError) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            var byte = text[index]
            let here = offset + index
            if byte == UInt8(ascii: "%") {
                guard range.upperBound - index > 2, let high = ByteClass.hexValue(text[index + 1]),
                    let low = ByteClass.hexValue(text[index + 2])
                else { throw HTTPError(.badPercentEncoding, offset: here) }
                byte = high << 4 | low
                if byte == UInt8(ascii: "/"), refusesSlash { throw HTTPError(.encodedSlash, offset: here) }
                index += 2
            }
            guard byte >= 0x20, byte != 0x7f else { throw HTTPError(.encodedControlCharacter, offset: here) }
            bytes.append(byte)
            index += 1
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw HTTPError(.notUTF8, offset: offset + range.lowerBound)
        }
        return decoded
    }
}
