/// Where the parts of a video packet of the self-describing stream lie.
///
/// Three kinds of packets: the first of a picture (adaptation field with the clock, PES header, the first bytes of
/// the slice), the last (an adaptation field that is stuffed, as every encoder's), and those between (four bytes of
/// header). Then the filler, then the mark, which ends the packet.
enum PacketForm {
    static let videoPID: UInt16 = 0x0100
    static let mapPID: UInt16 = 0x1000

    /// The adaptation field of a first packet, its length byte included: flags and the clock reference.
    static let clockFieldBytes = 8
    /// Start code, stream id, no length, flags, and a PTS.
    static let pesHeaderBytes = 14
    /// An access unit delimiter, and the start code and header of a slice (ISO/IEC 14496-10 Annex B).
    static let sliceStartBytes = 10
    /// Where the filler of a first packet begins.
    static let firstFillerOffset = 4 + clockFieldBytes + pesHeaderBytes + sliceStartBytes

    /// The length byte of the adaptation field of a last packet says 2 ... this: real streams have any.
    static let stuffingMax = 63

    /// The four header bytes of a packet without adaptation field, as they are loaded from memory.
    @inline(__always)
    static func plainHeader(of number: UInt64) -> UInt32 {
        // Little endian: sync byte, PID 0x100, payload alone.
        0x1000_0147 | UInt32(truncatingIfNeeded: number & 0xf) << 24
    }

    /// Where the filler of a packet with adaptation field begins, by bytes that came from outside.
    ///
    /// - Returns: nil when such a packet is not of this stream.
    @inline(__always)
    static func fillerOffset(startsPicture: Bool, fieldLength: UInt8) -> Int? {
        if startsPicture { return Int(fieldLength) == clockFieldBytes - 1 ? firstFillerOffset : nil }
        return 2...stuffingMax ~= Int(fieldLength) ? 5 + Int(fieldLength) : nil
    }
}
