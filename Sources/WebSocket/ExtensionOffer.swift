/// Reads offers of extensions (RFC 6455 9.1) to find out whether they have a form at all.
///
/// ```
/// permessage-deflate; client_max_window_bits, x-other; mode="fast"
/// ```
/// None is ever accepted, but an offer that cannot be read fails the handshake: the standard wants it so, and who cannot
/// write an offer may not understand either that it was declined.
struct ExtensionOffer {
    private let bytes: [UInt8]
    private var index = 0

    /// Whether a field's value is a list of extensions; empty elements count for nothing (RFC 9110 5.6.1).
    static func isWellFormed(_ value: String) -> Bool {
        var offer = ExtensionOffer(bytes: Array(value.utf8))
        return offer.takeList()
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func takeList() -> Bool {
        repeat {
            skipBlanks()
            if index == bytes.count || bytes[index] == UInt8(ascii: ",") { continue }
            guard takeExtension() else { return false }
        } while take(",")
        return index == bytes.count
    }

    /// A name and its parameters; the blanks behind it too.
    private mutating func takeExtension() -> Bool {
        guard takeToken() else { return false }
        skipBlanks()
        while take(";") {
            skipBlanks()
            guard takeToken() else { return false }
            skipBlanks()
            guard take("=") else { continue }
            skipBlanks()
            guard take("\"") ? takeRestOfQuotedToken() : takeToken() else { return false }
            skipBlanks()
        }
        return true
    }

    private mutating func takeToken() -> Bool {
        let start = index
        while index < bytes.count, Token.isTokenByte(bytes[index]) { index += 1 }
        return index > start
    }

    /// What stands between quotes must be a token once its backslashes are gone.
    private mutating func takeRestOfQuotedToken() -> Bool {
        var count = 0
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            if bytes[index] == UInt8(ascii: "\\") { index += 1 }
            guard index < bytes.count, Token.isTokenByte(bytes[index]) else { return false }
            (index, count) = (index + 1, count + 1)
        }
        return count > 0 && take("\"")
    }

    private mutating func take(_ separator: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: separator) else { return false }
        index += 1
        return true
    }

    private mutating func skipBlanks() {
        while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
    }
}
