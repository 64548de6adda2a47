/// A hash over what stands before the filler of a packet, for its seal: fast, not secret.
enum HeadHash {
    /// - Parameter end: where the filler begins, at most the count of the packet.
    static func of(_ packet: RawSpan, end: Int) -> UInt64 {
        var hash: UInt64 = 0x27d4_eb2f_1656_67c5
        var offset = 0
        while offset &+ 8 <= end {
            // SAFETY: every bit pattern is a number, and the load is checked against the bounds.
            hash = mixed(hash, unsafe packet.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset &+= 8
        }
        var rest: UInt64 = 1
        while offset < end {
            rest = rest << 8 | UInt64(unsafe packet.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt8.self))
            offset &+= 1
        }
        return mixed(hash, rest)
    }

    @inline(__always)
    private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word) &* 0x9fb2_1c65_1e98_df25
        return product ^ product >> 32
    }
}
