/// Why what a viewer reads cannot be the stream; the connection is of no use from there on.
package enum StreamFault: Error, Equatable, Sendable {
    /// RFC 6455 5.1: a server does not mask.
    case maskedFrame
    /// Reserved bits, an unknown opcode, a long or fragmented control frame, a length that begins with a set bit.
    case badFrame
    /// Text, where a stream is binary.
    case textFrame
    /// RFC 9112 7.1.
    case badChunk
}
