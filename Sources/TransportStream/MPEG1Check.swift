/// Reads coded MPEG-1 pictures to their last bit, as a decoder would, to learn whether a decoder can (ISO/IEC 11172-2).
///
/// A picture is sound when every code in it exists, no block has more than 64 coefficients, and its slices cover all
/// macroblocks in order. One that lacks bytes, or has flipped bits, is almost never sound: codes fall out of step. What
/// still reads well decodes, if to a wrong image. Motion vectors are read, and not judged by where they point.
struct MPEG1Check {
    enum Verdict { case sound, unsound, unknown }

    /// In macroblocks; 0 before the first sequence header.
    private var width = 0
    private var height = 0
    private let slices = MPEG1SliceReader()

    /// Reads the elementary stream of one PES packet: headers and one or more pictures, each whole.
    ///
    /// - Returns: whether all of it is sound; `.unknown` before the first sequence header of MPEG-1.
    mutating func judge(_ bytes: Span<UInt8>) -> Verdict {
        if isSound(bytes) { return .sound }
        return width > 0 || Self.beginsWithSequence(bytes) ? .unsound : .unknown
    }

    /// A sequence header stands at the beginning, and none of MPEG-2, which has an extension behind it.
    private static func beginsWithSequence(_ bytes: Span<UInt8>) -> Bool {
        var place = 0
        guard nextCode(bytes, &place) == 0xb3, bytes.count - place >= 8, skipMatrices(bytes, &place) else {
            return false
        }
        return nextCode(bytes, &place) != 0xb5
    }

    private mutating func isSound(_ bytes: Span<UInt8>) -> Bool {
        // A sequence header counts for the pictures behind it only if all is sound.
        var width = width
        var height = height
        var picture: MPEG1PictureHeader?
        var nextMacroblock = 0
        var hasPicture = false
        var place = 0
        while let code = Self.nextCode(bytes, &place) {
            if picture != nil, !(0x01...0xaf ~= code), code != 0xb2 || nextMacroblock > 0 {
                // Something new begins: the picture must be complete.
                guard nextMacroblock == width * height else { return false }
                picture = nil
            }
            switch code {
            case 0x00:
                picture = MPEG1PictureHeader(parsing: bytes, &place)
                nextMacroblock = 0
                hasPicture = true
                guard picture != nil else { return false }
            case 0x01...0xaf:
                guard let picture, width > 0, Int(code) <= height else { return false }
                let row = (Int(code) - 1) * width
                guard
                    let slice = slices.read(
                        bytes, &place, picture, from: row, expected: nextMacroblock, macroblocks: width * height)
                else { return false }
                nextMacroblock = slice
            case 0xb3:
                guard bytes.count - place >= 8 else { return false }
                width = ((Int(bytes[place]) << 4 | Int(bytes[place + 1] >> 4)) + 15) / 16
                height = ((Int(bytes[place + 1] & 0x0f) << 8 | Int(bytes[place + 2])) + 15) / 16
                guard Self.skipMatrices(bytes, &place) else { return false }
            case 0xb8:
                guard bytes.count - place >= 4 else { return false }
                place += 4
            case 0xb2:
                Self.skipUserData(bytes, &place)
            case 0xb7:
                break
            default:
                return false
            }
        }
        guard hasPicture, place == bytes.count, picture == nil || nextMacroblock == width * height else { return false }
        self.width = width
        self.height = height
        return true
    }

    /// Steps over zeros to the next start code.
    ///
    /// - Returns: its value, `place` being behind it; nil, `place` being where something else stands, or the end.
    private static func nextCode(_ bytes: Span<UInt8>, _ place: inout Int) -> UInt8? {
        var zeros = 0
        while place < bytes.count, bytes[place] == 0 {
            place += 1
            zeros += 1
        }
        guard zeros >= 2, bytes.count - place >= 2, bytes[place] == 1 else { return nil }
        place += 2
        return bytes[place - 1]
    }

    /// Steps over the rest of a sequence header: eight bytes with two flags in the last bits, each with its matrix.
    private static func skipMatrices(_ bytes: Span<UInt8>, _ place: inout Int) -> Bool {
        let hasIntra = bytes[place + 7] & 0x02 != 0
        // With the first matrix the flag of the second moves behind it, by 64 bytes.
        let second = place + 7 + (hasIntra ? 64 : 0)
        guard second < bytes.count else { return false }
        place = second + 1 + (bytes[second] & 0x01 != 0 ? 64 : 0)
        return place <= bytes.count
    }

    private static func skipUserData(_ bytes: Span<UInt8>, _ place: inout Int) {
        while place < bytes.count {
            if bytes.count - place >= 3, bytes[place] == 0, bytes[place + 1] == 0, bytes[place + 2] <= 1 { return }
            place += 1
        }
    }
}
