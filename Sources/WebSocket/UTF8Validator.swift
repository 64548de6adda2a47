/// Checks UTF-8 (RFC 3629) in any cut and refuses at the first byte that no valid text can have there.
///
/// Overlong forms, surrogates and code points above U+10FFFF are refused at the byte that makes them.
package struct UTF8Validator: Sendable {
    /// Continuation bytes still missing, 0 ... 3.
    private var missing: UInt8 = 0
    /// What the next continuation byte must lie in; narrower than 80 ... BF only behind E0, ED, F0 and F4.
    private var lower: UInt8 = 0x80
    private var upper: UInt8 = 0xbf

    package init() {}

    /// Whether the text may end here.
    package var isComplete: Bool { missing == 0 }

    /// - Returns: whether the text can still be valid.
    package mutating func push(_ byte: UInt8) -> Bool {
        if missing > 0 {
            guard byte >= lower, byte <= upper else { return false }
            (lower, upper) = (0x80, 0xbf)
            missing -= 1
            return true
        }
        switch byte {
        case 0x00...0x7f: return true
        case 0xc2...0xdf: missing = 1
        case 0xe0: (missing, lower) = (2, 0xa0)
        case 0xed: (missing, upper) = (2, 0x9f)
        case 0xe1...0xef: missing = 2
        case 0xf0: (missing, lower) = (3, 0x90)
        case 0xf1...0xf3: missing = 3
        case 0xf4: (missing, upper) = (3, 0x8f)
        default: return false
        }
        return true
    }
}
