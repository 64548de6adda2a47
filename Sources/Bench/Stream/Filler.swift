/// The bytes that fill a video packet of the self-describing stream, between its headers and its mark.
///
/// A window into one fixed pattern, whose place follows from the packet's number: a checker compares memory and
/// computes nothing. No byte is below 0x80, so that there is no start code and no sync byte in it.
enum Filler {
    /// Places at which the window may begin.
    static let places: UInt64 = 256

    /// As long as the last window needs.
    static let pattern: [UInt8] = (0..<UInt64(188) + places).map { index in
        var value = (index &+ 1) &* 0x9e37_79b9_7f4a_7c15
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        return UInt8(truncatingIfNeeded: value >> 40) | 0x80
    }

    /// What is added to a byte's place in its packet to find it in the pattern.
    ///
    /// Numbers that follow one another lie far apart: eleven is odd, so all places are used.
    @inline(__always)
    static func shift(of number: UInt64) -> Int { Int(truncatingIfNeeded: (number &* 11) % places) }
}
