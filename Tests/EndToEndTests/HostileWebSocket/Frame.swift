/// A client's frame of which every part can be wrong.
enum Frame {
    static let mask: [UInt8] = [0x3a, 0x91, 0x5c, 0xe7]

    /// - Parameters:
    ///   - first: FIN, reserved bits and opcode.
    ///   - lengthBytes: 0, 2 or 8 bytes of length; nil: the fewest.
    ///   - says: the length that is written; nil: the right one.
    ///   - mask: nil: none.
    static func make(
        _ first: UInt8, _ payload: [UInt8] = [], lengthBytes: Int? = nil, says: UInt64? = nil, mask: [UInt8]? = mask
    ) -> [UInt8] {
        let length = says ?? UInt64(payload.count)
        let bit: UInt8 = mask == nil ? 0 : 0x80
        var frame = [first]
        switch lengthBytes ?? (length < 126 ? 0 : length < 65_536 ? 2 : 8) {
        case 0: frame.append(bit | UInt8(truncatingIfNeeded: length))
        case 2: frame += [bit | 126, UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length)]
        default: frame += [bit | 127] + (0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) }
        }
        guard let mask else { return frame + payload }
        return frame + mask + payload.indices.map { payload[$0] ^ mask[$0 & 3] }
    }

    static func text(_ text: String) -> [UInt8] { make(0x81, Array(text.utf8)) }
    static func text(_ bytes: [UInt8]) -> [UInt8] { make(0x81, bytes) }
    static func binary(_ count: Int) -> [UInt8] { make(0x82, [UInt8](repeating: 7, count: count)) }
    static func ping(_ text: String) -> [UInt8] { make(0x89, Array(text.utf8)) }

    static func close(_ code: UInt16, _ reason: [UInt8] = []) -> [UInt8] {
        make(0x88, [UInt8(code >> 8), UInt8(code & 0xff)] + reason)
    }
}
