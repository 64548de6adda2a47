/// Tokens of HTTP fields (RFC 9110 5.6.2).
enum Token {
    private static let separators = Array("\"(),/:;<=>?@[\\]{}".utf8)

    /// Visible ASCII without separators.
    static func isTokenByte(_ byte: UInt8) -> Bool { (0x21...0x7e).contains(byte) && !separators.contains(byte) }

    static func isToken(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy { isTokenByte($0) } }
}
