/// Follows the continuity counter of one PID (ISO/IEC 13818-1 2.4.3.3).
struct ContinuityCounter {
    enum Verdict {
        /// The first packet of the PID, the next one, one without payload, or one that announces a jump.
        case follows

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

    /// - Parameter end: the last eight bytes of the packet.
    mutating func follow(_ header: PacketHeader, end: UInt64) -> Verdict {
        let counter = header.continuityCounter
        defer {
            last = counter
            if header.hasPayload { lastEnd = end }
        }
        guard let last, !header.announcesDiscontinuity else {
            sawDuplicate = false
            return .follows
        }
        guard header.hasPayload else { return counter == last ? .follows : .gap }
        if counter == last, end == lastEnd {
            defer { sawDuplicate = true }
            return sawDuplicate ? .duplicateAgain : .duplicate
        }
        sawDuplicate = false
        return counter == (last &+ 1) & 0x0f ? .follows : .gap
    }
}
