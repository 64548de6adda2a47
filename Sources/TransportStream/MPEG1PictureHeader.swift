/// What a picture header says about how its macroblocks are coded (ISO/IEC 11172-2 2.4.2.5).
struct MPEG1PictureHeader {
    enum Kind { case intra, predicted, bidirectional }

    let kind: Kind

    /// Bits behind a motion code, 0 ... 6.
    let forwardBits: Int
    let backwardBits: Int

    /// Reads the header behind its start code.
    ///
    /// - Parameter place: of the first byte; afterwards of the first byte behind the header.
    /// - Returns: nil when it is cut, of a type that does not exist or that nobody sends (D pictures), or forbidden.
    init?(parsing bytes: Span<UInt8>, _ place: inout Int) {
        var reader = BitReader(at: place)
        reader.fill(bytes)
        reader.skip(10)  // temporal_reference
        switch reader.take(3) {
        case 1: kind = .intra
        case 2: kind = .predicted
        case 3: kind = .bidirectional
        default: return nil
        }
        reader.skip(16)  // vbv_delay
        var codes = [1, 1]
        for direction in 0..<(kind == .intra ? 0 : kind == .predicted ? 1 : 2) {
            reader.skip(1)  // full_pel_vector
            codes[direction] = reader.take(3)
            guard codes[direction] > 0 else { return nil }
        }
        forwardBits = codes[0] - 1
        backwardBits = codes[1] - 1
        guard reader.skipExtraInformation(bytes) else { return nil }
        place = reader.byteIndex
    }
}
