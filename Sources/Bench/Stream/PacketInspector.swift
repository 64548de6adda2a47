import TransportStream

/// What one packet of 188 bytes is, by its own bytes alone.
enum PacketInspector {
    enum Finding: Equatable {
        /// An intact video packet.
        case video(PacketMark, Place)
        /// PAT or PMT as the maker makes them.
        case table
        /// A null packet, which means nothing.
        case null
        /// Nothing that the maker made.
        case damaged
    }

    /// Where in its picture a video packet stands.
    enum Place: Equatable {
        case randomAccessStart, otherStart, inside, end
    }

    /// Judges the packet that begins at `offset`: about 25 ns.
    ///
    /// - Precondition: a whole packet lies there.
    @inline(__always)
    static func inspect(_ run: RawSpan, at offset: Int, pattern: RawSpan) -> Finding {
        precondition(offset >= 0 && offset <= run.byteCount &- TSPacket.size, "a whole packet")
        // SAFETY: this and the loads of the mark lie inside the packet; every bit pattern is a number.
        let header = UInt32(
            littleEndian: unsafe run.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self))
        // 0x47 0x01 0x00 without the flag of a payload's start: most packets are these.
        let place: Place
        let fillerOffset: Int
        var head: UInt64 = 0
        if header & 0x30ff_ffff == 0x1000_0147 {
            place = .inside
            fillerOffset = 4
        } else {
            guard header & 0x30ff_bfff == 0x3000_0147 else { return other(run, at: offset) }
            let startsPicture = header & 0x4000 != 0
            let length = unsafe run.unsafeLoadUnaligned(fromUncheckedByteOffset: offset &+ 4, as: UInt8.self)
            let flags = unsafe run.unsafeLoadUnaligned(fromUncheckedByteOffset: offset &+ 5, as: UInt8.self)
            guard let end = PacketForm.fillerOffset(startsPicture: startsPicture, fieldLength: length) else {
                return .damaged
            }
            place = startsPicture ? (flags & 0x40 != 0 ? .randomAccessStart : .otherStart) : .end
            fillerOffset = end
            head = HeadHash.of(run.extracting(offset..<offset &+ TSPacket.size), end: end)
        }
        return judge(run, at: offset, header, place, fillerOffset: fillerOffset, head: head, pattern)
    }

    @inline(__always)
    private static func judge(
        _ run: RawSpan, at offset: Int, _ header: UInt32, _ place: Place, fillerOffset: Int, head: UInt64,
        _ pattern: RawSpan
    ) -> Finding {
        let mark = offset &+ PacketMark.offset
        // SAFETY: as above.
        let sent = UInt64(littleEndian: unsafe run.unsafeLoadUnaligned(fromUncheckedByteOffset: mark, as: UInt64.self))
        let seal = UInt64(
            littleEndian: unsafe run.unsafeLoadUnaligned(fromUncheckedByteOffset: mark &+ 8, as: UInt64.self))
        let number = UInt64(
            littleEndian: unsafe run.unsafeLoadUnaligned(fromUncheckedByteOffset: mark &+ 16, as: UInt64.self))
        guard sent & seal & number & PacketMark.highBits == PacketMark.highBits else { return .damaged }
        let found = PacketMark(number: PacketMark.gather(number), sentUs: PacketMark.gather(sent))
        guard PacketMark.spread(found.seal(head: head)) == seal,
            header >> 24 & 0xcf == UInt32(truncatingIfNeeded: found.number & 0xf)
        else { return .damaged }
        let shift = Filler.shift(of: found.number)
        return isFiller(run, at: offset, from: fillerOffset, pattern, shift) ? .video(found, place) : .damaged
    }

    /// Whether the bytes between headers and mark are those of the pattern.
    @inline(__always)
    private static func isFiller(_ run: RawSpan, at packet: Int, from start: Int, _ pattern: RawSpan, _ shift: Int)
        -> Bool
    {
        let last = PacketMark.offset &- 32
        precondition(start >= 4 && start <= last && shift >= 0 && shift &+ TSPacket.size <= pattern.byteCount)
        var difference = SIMD4<UInt64>()
        // The last step overlaps the one before it, so that no byte needs a loop of its own.
        var place = start
        while place < last {
            // SAFETY: `place + 32` is below the packet's end and, by the precondition, the pattern's.
            difference |=
                unsafe run.unsafeLoadUnaligned(fromUncheckedByteOffset: packet &+ place, as: SIMD4<UInt64>.self)
                ^ pattern.unsafeLoadUnaligned(fromUncheckedByteOffset: place &+ shift, as: SIMD4<UInt64>.self)
            place &+= 32
        }
        difference |=
            unsafe run.unsafeLoadUnaligned(fromUncheckedByteOffset: packet &+ last, as: SIMD4<UInt64>.self)
            ^ pattern.unsafeLoadUnaligned(fromUncheckedByteOffset: last &+ shift, as: SIMD4<UInt64>.self)
        return difference == SIMD4<UInt64>()
    }

    /// Tables, null packets, and what is none of these: a few in a second.
    @inline(never)
    private static func other(_ run: RawSpan, at offset: Int) -> Finding {
        let packet = run.extracting(offset..<offset &+ TSPacket.size)
        if isEqual(packet, StreamTables.pat) || isEqual(packet, StreamTables.pmt) { return .table }
        let first = unsafe packet.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt8.self)
        let second = unsafe packet.unsafeLoadUnaligned(fromByteOffset: 1, as: UInt8.self)
        let third = unsafe packet.unsafeLoadUnaligned(fromByteOffset: 2, as: UInt8.self)
        let isNull = first == TSPacket.syncByte && second & 0x9f == 0x1f && third == 0xff
        return isNull ? .null : .damaged
    }

    /// Whether a packet is the table, whatever its continuity counter.
    private static func isEqual(_ packet: RawSpan, _ table: [UInt8]) -> Bool {
        for index in 0..<TSPacket.size {
            // SAFETY: checked against the bounds; every bit pattern is a number.
            let byte = unsafe packet.unsafeLoadUnaligned(fromByteOffset: index, as: UInt8.self)
            guard (index == 3 ? byte & 0xf0 : byte) == table[index] else { return false }
        }
        return true
    }
}
