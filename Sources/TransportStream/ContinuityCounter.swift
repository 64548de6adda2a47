/// Follows the continuity counter of one PID (ISO/IEC 13818-1 2.4.3.3).
struct ContinuityCounter {
    enum Verdict {
        /// The first packet of the PID, the next one, or one without payload, which does not count.
        case follows

        /// Not the next one, as `discontinuity_indicator` announces: a splice, no error.
        case jumps

        /// The packet before it, sent again, as the standard allows once. It brings nothing new.
        case duplicate

        /// Sent a third time, which the standard does not allow. It brings nothing new either.
        case duplicateAgain

        /// Packets are missing before this one.
        case gap
    }

    /// 0 ... 15; nil before the first packet.
    private var last: UInt8?

    /// The end of the last packet with payload: equal counters and ends make a duplicate. A whole multiple of 16 lost
    /// packets gives equal counters too, but not the same bytes.
    private var lastEnd: UInt64 = 0
    private var sawDuplicate = false

    /// - Parameter end: the last eight bytes of the packet: `PacketHeader.lastBytes`.
    mutating func follow(_ header: PacketHeader, end: UInt64) -> Verdict {
        let counter = header.continuityCounter
        defer {
            last = counter
            if header.hasPayload { lastEnd = end }
        }
        guard let last else { return .follows }
        let broken: Verdict = header.announcesDiscontinuity ? .jumps : .gap
        guard header.hasPayload else { return counter == last ? .follows : broken }
        if counter == last, end == lastEnd, !header.announcesDiscontinuity {
            defer { sawDuplicate = true }
            return sawDuplicate ? .duplicateAgain : .duplicate
        }
        sawDuplicate = false
        return counter == (last &+ 1) & 0x0f ? .follows : broken
    }
}
