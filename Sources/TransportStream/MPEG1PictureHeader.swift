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
        let forward = kind == .intra ? 1 : MPEG1PictureHeader.motionCode(&reader)
        let backward = kind == .bidirectional ? MPEG1PictureHeader.motionCode(&reader) : 1
        guard forward > 0, backward > 0 else { return nil }
        forwardBits = forward - 1
        backwardBits = backward - 1
        guard reader.skipExtraInformation(bytes) else { return nil }
        place = reader.byteIndex
    }

    /// `forward_f_code` or `backward_f_code`, behind its `full_pel_vector` bit; 0 is forbidden.
    private static func motionCode(_ reader: inout BitReader) -> Int {
        reader.skip(1)
        return reader.take(3)
    }
}
