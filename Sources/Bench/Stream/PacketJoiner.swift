import TransportStream

/// Cuts bytes into runs of whole packets and keeps the part of a packet at the end, 187 bytes at most.
///
/// Unlike `PacketAligner`, it allocates nothing and believes in 188 bytes: a byte that is no sync byte where one is due
/// is counted and skipped, up to the next one. No other byte of the self-describing stream looks like one but in clocks.
struct PacketJoiner: Sendable {
    private(set) var bytesSkipped: UInt64 = 0
    private var kept: InlineArray<188, UInt8> = .init(repeating: 0)
    private var keptCount = 0

    /// Bytes of a packet that has not ended.
    var openBytes: Int { keptCount }

    /// Completes the kept packet.
    ///
    /// - Returns: whether it is whole now and to be taken, by `takeKept`, before anything else.
    mutating func complete(_ input: Span<UInt8>, at offset: inout Int) -> Bool {
        guard keptCount > 0 else { return false }
        while keptCount < TSPacket.size, offset < input.count {
            kept[keptCount] = input[offset]
            keptCount &+= 1
            offset &+= 1
        }
        return keptCount == TSPacket.size
    }

    /// The packet that `complete` made whole; forgotten here.
    mutating func takeKept() -> InlineArray<188, UInt8> {
        keptCount = 0
        return kept
    }

    /// The next run of whole packets, each with its sync byte; what is left behind the last is kept.
    ///
    /// - Returns: a range of the input, never empty; nil when the input is used up.
    mutating func nextRun(_ input: Span<UInt8>, at offset: inout Int) -> Range<Int>? {
        while offset < input.count {
            let start = offset
            while input.count &- offset >= TSPacket.size, input[offset] == TSPacket.syncByte {
                offset &+= TSPacket.size
            }
            if offset > start { return start..<offset }
            if input[offset] == TSPacket.syncByte {
                while offset < input.count {
                    kept[keptCount] = input[offset]
                    keptCount &+= 1
                    offset &+= 1
                }
                return nil
            }
            while offset < input.count, input[offset] != TSPacket.syncByte {
                offset &+= 1
                bytesSkipped &+= 1
            }
        }
        return nil
    }
}
