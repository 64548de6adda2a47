/// Why a text is not Base64.
package enum Base64Error: Error, Equatable, Sendable {
    /// The length is no multiple of four.
    case badLength(Int)
    /// A byte outside the alphabet, or padding before the end.
    case badCharacter(offset: Int)
    /// The bits that the last character has beyond the data are not zero (RFC 4648 3.5).
    case nonzeroTail
}
