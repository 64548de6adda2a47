/// The last 24 bytes of every video packet of the self-describing stream: when it was sent, a seal, and its number.
///
/// Each of the three is a number of 56 bits, spread over eight bytes of which seven bits carry it and the highest is
/// set. So there is no zero byte behind a slice's first bytes, and no start code that an analyzer could find there.
package struct PacketMark: Equatable, Sendable {
    package static let byteCount = 24
    /// Where it begins in its packet.
    package static let offset = 188 - byteCount
    /// Numbers and times are below this: microseconds of 2283 years.
    package static let limit: UInt64 = 1 << 56

    /// Of the video packets, from 0; the continuity counter is its last four bits.
    package var number: UInt64
    /// Microseconds of the sender's monotonic clock when the packet was handed to the kernel.
    package var sentUs: UInt64

    package init(number: UInt64, sentUs: UInt64) {
        self.number = number
        self.sentUs = sentUs
    }

    /// What stands between time and number, so that a flipped bit in one of them shows, and in what stands before the
    /// filler.
    ///
    /// - Parameter head: of `HeadHash`, 0 for a packet that has its four header bytes alone.
    @inline(__always)
    func seal(head: UInt64) -> UInt64 {
        var hash = number &* 0x9e37_79b9_7f4a_7c15 ^ sentUs &* 0xc2b2_ae3d_27d4_eb4f ^ head
        hash ^= hash >> 29
        return hash &* 0xbf58_476d_1ce4_e5b9 >> 8
    }

    /// Spreads the lower 56 bits over eight bytes with their highest bits set.
    @inline(__always)
    static func spread(_ value: UInt64) -> UInt64 {
        var word = (value & 0x00ff_ffff_f000_0000) << 4 | (value & 0x0fff_ffff)
        word = (word & 0x0fff_c000_0fff_c000) << 2 | (word & 0x0000_3fff_0000_3fff)
        word = (word & 0x3f80_3f80_3f80_3f80) << 1 | (word & 0x007f_007f_007f_007f)
        return word | highBits
    }

    /// The highest bits of the bytes of a spread number.
    static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// The inverse of `spread`; the highest bits of the bytes, all set, are the caller's to check.
    @inline(__always)
    static func gather(_ word: UInt64) -> UInt64 {
        var value = (word & 0x7f00_7f00_7f00_7f00) >> 1 | (word & 0x007f_007f_007f_007f)
        value = (value & 0x3fff_0000_3fff_0000) >> 2 | (value & 0x0000_3fff_0000_3fff)
        return (value & 0x0fff_ffff_0000_0000) >> 4 | (value & 0x0fff_ffff)
    }

    /// The 24 bytes.
    func bytes(head: UInt64) -> [UInt8] {
        [sentUs, seal(head: head), number].flatMap { value in
            withUnsafeBytes(of: Self.spread(value).littleEndian) { Array($0) }
        }
    }
}
