/// Where a cursor begins.
package enum StartRule: Sendable, Equatable {
    /// At the last random access point if it is at most so many bytes back, else at the next.
    case gop(bytesMax: Int)
    /// At the next random access point.
    case live
    /// At the next packet.
    case raw
}
