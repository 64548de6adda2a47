/// Why a text is not an address, or not a block of them.
package enum IPAddressError: Error, Equatable, CustomStringConvertible {
    case empty
    case malformed
    case leadingZero
    case partTooLarge(Int)
    case zone
    case twoGaps
    case wrongLength
    case badPrefix(String)
    /// An address behind the prefix length is not zero; holds the block that was probably meant.
    case hostBits(String)

    package var description: String {
        switch self {
        case .empty: "is empty"
        case .malformed: "is not an IP address, such as 10.0.0.2 or 2001:db8::2"
        case .leadingZero: "has a number with a leading zero, which some readers take as octal"
        case .partTooLarge(let part): "has the part \(part), and 255 is the largest"
        case .zone: "has a zone (%), which means nothing here: leave it out"
        case .twoGaps: "has more than one ::"
        case .wrongLength: "has not eight groups"
        case .badPrefix(let prefix): "has the prefix length \(printable(prefix)): 0 to 32 for IPv4, 0 to 128 for IPv6"
        case .hostBits(let block): "has bits set behind its prefix: write \(block)"
        }
    }
}
