/// The size and rate of MPEG-1 or MPEG-2 video (ISO/IEC 11172-2 2.4.2.3, ISO/IEC 13818-2 6.2.2.1).
struct SequenceHeader: Equatable {
    /// In pixels; 0 before the first header. The two more bits that MPEG-2 has for each are not read.
    private(set) var width = 0
    private(set) var height = 0

    /// Pictures per second; nil for a reserved code.
    private(set) var frameRate: Double?

    /// A sequence extension stands behind the header.
    var isMPEG2 = false

    init() {}

    /// - Parameter firstBytes: the four bytes behind the start code, the first in the highest bits.
    init(firstBytes: UInt32) {
        width = Int(firstBytes >> 20)
        height = Int(firstBytes >> 8 & 0xfff)
        frameRate =
            switch firstBytes & 0x0f {
            case 1: 24000.0 / 1001
            case 2: 24
            case 3: 25
            case 4: 30000.0 / 1001
            case 5: 30
            case 6: 50
            case 7: 60000.0 / 1001
            case 8: 60
            default: nil
            }
    }
}
