/// Why a text is not the name of a stream.
package enum StreamIDError: Error, Equatable {
    case notTwoParts(String)
    case emptyPart
    case partTooLong(Int)
    case leadingDot(String)
    case badCharacter(String)
    case reservedApp(String)
    case reservedSuffix(String)

    /// What to say to the one who wrote it.
    package var explanation: String {
        switch self {
        case .notTwoParts: "write app/name, such as live/main"
        case .emptyPart: "app and name must not be empty"
        case .partTooLong(let bytes): "a part has \(bytes) bytes, and \(StreamID.partBytesMax) are the most"
        case .leadingDot: "no part may begin with a dot"
        case .badCharacter: "letters, digits, dot, underscore and hyphen are allowed"
        case .reservedApp(let app): "\(app) is the node's own, take another first part"
        case .reservedSuffix: "no part may end in " + StreamID.reservedSuffixes.joined(separator: ", ")
        }
    }
}
