import TransportStream

/// What one viewer got of the self-describing stream: packet for packet lost, out of order, twice or damaged.
///
/// 100 bytes of state and no memory of its own. A damaged packet's number is not believed; it explains one number that
/// does not come, so it counts as damaged and not as lost.
package struct StreamChecker: Sendable {
    /// Whole packets, tables and null packets included.
    package private(set) var packets: UInt64 = 0
    /// Video packets that came intact and in order, or late.
    package private(set) var intact: UInt64 = 0
    /// Packets between the first and the last one that did not come: video by its numbers, tables by their place before
    /// each random access point.
    package private(set) var lost: UInt64 = 0
    /// Of `intact`, those that came after a later one.
    package private(set) var outOfOrder: UInt64 = 0
    package private(set) var duplicates: UInt64 = 0
    package private(set) var damaged: UInt64 = 0
    package private(set) var tables: UInt64 = 0
    /// Of the first video packet; nil before it.
    package private(set) var firstNumber: UInt64?
    /// The time at which the first picture was whole that began at a random access point; nil before.
    package private(set) var firstPictureUs: Int64?

    /// The number behind the greatest that came.
    private var next: UInt64 = 0
    /// Which of the 64 numbers before `next` came, the newest in the lowest bit.
    private var window: UInt64 = 0
    /// Damaged packets since the last intact one.
    private var unexplained: UInt64 = 0
    /// Tables since the last random access point; nil before the first, when nobody knows how many there should be.
    private var tablesInGOP: UInt64?
    /// A random access point began, and nothing of its picture was missing so far.
    private var isPictureOpen = false

    package init() {}

    /// The greatest number that came; nil before the first.
    package var lastNumber: UInt64? { firstNumber == nil ? nil : next &- 1 }

    /// Packets behind the last one, up to the sender's last, that should have come.
    ///
    /// - Parameter lastSent: the number of the last packet that was sent in time.
    /// - Returns: 0 for a viewer that never began.
    package func missing(upTo lastSent: UInt64) -> UInt64 {
        guard firstNumber != nil, lastSent >= next else { return 0 }
        let behind = lastSent - next + 1
        return behind - min(behind, unexplained)
    }

    /// Takes whole packets.
    ///
    /// - Parameters:
    ///   - run: a multiple of 188 bytes.
    ///   - nowUs: when they were read, on the sender's clock.
    ///   - delays: gets the delay of each intact video packet; nil when they do not count, as in the warm-up.
    package mutating func take(_ run: Span<UInt8>, nowUs: Int64, delays: inout DelayHistogram, counts: Bool = true) {
        let bytes = run.bytes
        let filler = Filler.pattern
        let pattern = filler.span.bytes
        var offset = 0
        while offset &+ TSPacket.size <= bytes.byteCount {
            let finding = PacketInspector.inspect(bytes, at: offset, pattern: pattern)
            if case .video(let mark, let place) = finding {
                let damagedBefore = unexplained
                if firstNumber != nil, mark.number == next {
                    next &+= 1
                    window = window << 1 | 1
                    intact &+= 1
                    unexplained = 0
                } else {
                    takeUnexpected(mark.number)
                }
                if counts { delays.add(nowUs &- Int64(truncatingIfNeeded: mark.sentUs)) }
                if place != .inside { placeFound(place, damagedBefore: damagedBefore, nowUs: nowUs) }
            } else {
                takeOther(finding)
            }
            offset &+= TSPacket.size
        }
        packets &+= UInt64(offset / TSPacket.size)
    }

    private mutating func takeUnexpected(_ number: UInt64) {
        if firstNumber == nil {
            // What stood before the first packet is not this viewer's: as if it had come.
            (firstNumber, next, window, unexplained) = (number, number &+ 1, .max, 0)
            intact &+= 1
            return
        }
        if number > next {
            let gap = number - next
            let explained = min(gap, unexplained)
            lost &+= gap - explained
            window = gap < 63 ? window << (gap + 1) | 1 : 1
            next = number &+ 1
            unexplained = 0
            intact &+= 1
            isPictureOpen = false
            return
        }
        let age = next - number - 1
        guard age < 64, window >> age & 1 == 0 else {
            duplicates &+= 1
            return
        }
        window |= 1 << age
        outOfOrder &+= 1
        intact &+= 1
        lost &-= min(lost, 1)
    }

    private mutating func takeOther(_ finding: PacketInspector.Finding) {
        switch finding {
        case .table:
            tables &+= 1
            tablesInGOP = tablesInGOP.map { $0 &+ 1 }
        case .null, .video: break
        case .damaged:
            damaged &+= 1
            unexplained &+= 1
            isPictureOpen = false
        }
    }

    /// - Parameter damagedBefore: damaged packets directly before this one, which may have been tables.
    private mutating func placeFound(_ place: PacketInspector.Place, damagedBefore: UInt64, nowUs: Int64) {
        if place == .randomAccessStart {
            let due = UInt64(StreamShape.tablePackets)
            if let tablesInGOP, tablesInGOP < due {
                let missing = due - tablesInGOP
                lost &+= missing - min(missing, damagedBefore)
            }
            tablesInGOP = 0
        }
        guard firstPictureUs == nil else { return }
        switch place {
        case .randomAccessStart: isPictureOpen = true
        case .otherStart: isPictureOpen = false
        case .end: if isPictureOpen { firstPictureUs = nowUs }
        case .inside: break
        }
    }
}
