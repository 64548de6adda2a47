/// Looks for a recovery point in the SEI messages of an H.264 NAL unit (ISO/IEC 14496-10 7.3.2.3.1, D.1.7).
struct SupplementReader {
    private enum State {
        case type(sum: Int)
        case size(sum: Int, type: Int)
        case payload(left: Int)
    }

    private static let recoveryPoint = 6

    private var state = State.type(sum: 0)

    /// Takes the next byte of the NAL unit, behind its first.
    ///
    /// - Parameter window: the last four bytes, this one in the lowest bits; of no interest is the third byte of
    ///   00 00 03, which only keeps start codes apart.
    /// - Returns: true when a recovery point message begins.
    mutating func take(_ byte: UInt8, window: UInt32) -> Bool {
        guard window & 0xff_ffff != 0x03 else { return false }
        switch state {
        case .type(let sum):
            // Both numbers are sums of bytes, of which all but the last are 0xff. What is longer than any message is
            // not added up further.
            let total = min(sum + Int(byte), 1 << 20)
            state = byte == 0xff ? .type(sum: total) : .size(sum: 0, type: total)
        case .size(let sum, let type):
            let total = min(sum + Int(byte), 1 << 30)
            if byte == 0xff {
                state = .size(sum: total, type: type)
            } else {
                state = total > 0 ? .payload(left: total) : .type(sum: 0)
                return type == Self.recoveryPoint
            }
        case .payload(let left):
            state = left > 1 ? .payload(left: left - 1) : .type(sum: 0)
        }
        return false
    }
}
