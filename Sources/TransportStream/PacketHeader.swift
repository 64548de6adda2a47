/// The header of one transport packet with its adaptation field (ISO/IEC 13818-1 2.4.3.2 to 2.4.3.5), read in place.
package struct PacketHeader {
    /// 0 ... 0x1fff.
    package let pid: UInt16

    /// 0 ... 15.
    package let continuityCounter: UInt8

    /// The second and the fourth byte of the packet: the flags that the properties below name.
    private let second: UInt8
    private let fourth: UInt8

    /// The flags byte of the adaptation field; 0 without one, or when the field has no room for it.
    private let adaptationFlags: UInt8

    /// The adaptation field holds bytes that none of its flags explains: the packet was filled up.
    let isStuffed: Bool

    /// The adaptation field does not fit into the packet, or `adaptation_field_control` is the reserved 0.
    let isMalformed: Bool

    /// Where the payload lies in the run; empty when the packet has none.
    package let payload: Range<Int>

    /// Reads the packet that begins at `offset` of `run`.
    ///
    /// - Precondition: a whole packet lies there: `offset + TSPacket.size <= run.count`.
    @inline(__always)
    package init(_ run: Span<UInt8>, at offset: Int) {
        let end = offset &+ TSPacket.size
        second = run[offset &+ 1]
        fourth = run[offset &+ 3]
        pid = UInt16(second & 0x1f) << 8 | UInt16(run[offset &+ 2])
        continuityCounter = fourth & 0x0f

        switch fourth & 0x30 {
        case 0x10:
            adaptationFlags = 0
            isStuffed = false
            isMalformed = false
            payload = offset &+ 4..<end
        case 0x00:
            adaptationFlags = 0
            isStuffed = false
            isMalformed = true
            payload = end..<end
        default:
            let field = AdaptationField(run, at: offset &+ 4, end: end)
            let fits = field.end <= end
            adaptationFlags = fits ? field.flags : 0
            isStuffed = fits && field.isStuffed
            isMalformed = !fits
            payload = fits && fourth & 0x10 != 0 ? field.end..<end : end..<end
        }
    }

    package var hasTransportError: Bool { second & 0x80 != 0 }

    /// A PES packet or a section begins in this packet; false without payload, where the bit has no meaning.
    package var startsPayload: Bool { second & 0x40 != 0 && hasPayload }

    package var hasAdaptationField: Bool { fourth & 0x20 != 0 }

    package var isScrambled: Bool { fourth & 0xc0 != 0 }

    package var hasPayload: Bool { !payload.isEmpty }

    /// The continuity counter and the clock may jump at this packet.
    package var announcesDiscontinuity: Bool { adaptationFlags & 0x80 != 0 }

    /// `random_access_indicator`: decoding can start here.
    var isRandomAccess: Bool { adaptationFlags & 0x40 != 0 }

    /// The last eight bytes of the packet that begins at `offset`, by which a duplicate is known.
    @inline(__always)
    static func lastBytes(_ run: Span<UInt8>, at offset: Int) -> UInt64 {
        let end = offset &+ TSPacket.size
        var bytes: UInt64 = 0
        for place in end &- 8..<end {
            bytes = bytes << 8 | UInt64(run[place])
        }
        return bytes
    }
}

/// What the relay wants from an adaptation field (ISO/IEC 13818-1 2.4.3.4): its flags, its end, and whether it is filled.
private struct AdaptationField {
    let flags: UInt8
    let isStuffed: Bool

    /// The first byte after the field; beyond the packet when the length is wrong.
    let end: Int

    /// - Precondition: `offset < end <= run.count`, `end` being the packet's.
    init(_ run: Span<UInt8>, at offset: Int, end packetEnd: Int) {
        let length = Int(run[offset])
        end = offset &+ 1 &+ length
        guard length > 0, end <= packetEnd else {
            // A length of 0 is how a single byte is filled.
            flags = 0
            isStuffed = length == 0
            return
        }
        flags = run[offset &+ 1]
        // 0x80, 0x40 and 0x20 have no bytes of their own. The others announce fields, in this order.
        var used = 1
        if flags & 0x10 != 0 { used &+= 6 }  // PCR
        if flags & 0x08 != 0 { used &+= 6 }  // OPCR
        if flags & 0x04 != 0 { used &+= 1 }  // splice countdown
        // Private data, then the extension: each begins with its own length.
        if flags & 0x02 != 0, used < length { used &+= 1 &+ Int(run[offset &+ 1 &+ used]) }
        if flags & 0x01 != 0, used < length { used &+= 1 &+ Int(run[offset &+ 1 &+ used]) }
        // Flags of 0 are two bytes of filling: nothing else needed them.
        isStuffed = used < length || flags == 0
    }
}
