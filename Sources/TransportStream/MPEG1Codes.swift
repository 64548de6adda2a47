/// The variable length codes of MPEG-1 video (ISO/IEC 11172-2 Annex B), as far as reading past them needs.
struct MPEG1Codes {
    /// What a macroblock has (Table B.2).
    struct Parts: OptionSet {
        let rawValue: UInt8

        static let intra = Parts(rawValue: 1)
        static let pattern = Parts(rawValue: 2)
        static let backward = Parts(rawValue: 4)
        static let forward = Parts(rawValue: 8)
        static let quantizer = Parts(rawValue: 16)
    }

    /// Values of `increments` that are no increments.
    static let stuffing: UInt8 = 0
    static let incrementEscape: UInt8 = 34

    /// Values of `coefficients` that are no runs.
    static let escape: UInt8 = 64
    static let endOfBlock: UInt8 = 65

    /// Table B.1.
    let increments = CodeTable([
        .init(1, 0b1, [1]), .init(3, 0b010, [3, 2]), .init(4, 0b0010, [5, 4]), .init(5, 0b00010, [7, 6]),
        .init(7, 0b0000110, [9, 8]), .init(8, 0b0000_0110, [15, 14, 13, 12, 11, 10]),
        .init(10, 0b00_0001_0010, [21, 20, 19, 18, 17, 16]), .init(11, 0b000_0000_1000, [incrementEscape]),
        .init(11, 0b000_0000_1111, [stuffing]),
        .init(11, 0b000_0001_1000, [33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22]),
    ])

    /// Table B.2, by the picture's type: I, P, B. The values are `Parts`.
    let intraTypes = CodeTable([.init(1, 1, [1]), .init(2, 1, [17])])
    let predictedTypes = CodeTable([
        .init(1, 1, [10]), .init(2, 1, [2]), .init(3, 1, [8]), .init(5, 1, [18, 26, 1]), .init(6, 1, [17]),
    ])
    let bidirectionalTypes = CodeTable([
        .init(2, 0b10, [12, 14]), .init(3, 0b010, [4, 6]), .init(4, 0b0010, [8, 10]), .init(5, 0b00010, [30, 1]),
        .init(6, 0b000001, [17, 22, 26]),
    ])

    /// Table B.3: which of the six blocks are coded, the first block highest.
    let patterns = CodeTable([
        .init(3, 0b111, [60]), .init(4, 0b1010, [32, 16, 8, 4]),
        .init(5, 0b01000, [62, 2, 61, 1, 56, 52, 44, 28, 40, 20, 48, 12]), .init(6, 0b001100, [63, 3, 36, 24]),
        .init(7, 0b0010000, [34, 18, 10, 6, 33, 17, 9, 5]),
        .init(8, 0b0000_0100, [58, 54, 46, 30, 57, 53, 45, 29, 38, 26, 37, 25]),
        .init(8, 0b0001_0000, [43, 23, 51, 15, 42, 22, 50, 14, 41, 21, 49, 13, 35, 19, 11, 7]),
        .init(9, 0b0_0000_0010, [39, 27, 59, 55, 47, 31]),
    ])

    /// Table B.4, magnitudes; the sign counts to the length.
    let motions = CodeTable(
        [
            .init(1, 1, [0]), .init(2, 1, [1]), .init(3, 1, [2]), .init(4, 1, [3]), .init(6, 0b000011, [4]),
            .init(7, 0b0000011, [7, 6, 5]), .init(9, 0b0_0000_1001, [10, 9, 8]),
            .init(10, 0b00_0000_1100, [16, 15, 14, 13, 12, 11]),
        ], following: { $0 == 0 ? 0 : 1 })

    /// Table B.5a and b: bits of a DC difference.
    let luminanceSizes = CodeTable([
        .init(2, 0, [1, 2]), .init(3, 0b100, [0, 3, 4]), .init(4, 0b1110, [5]), .init(5, 0b11110, [6]),
        .init(6, 0b111110, [7]), .init(7, 0b1111110, [8]),
    ])
    let chrominanceSizes = CodeTable([
        .init(2, 0, [0, 1, 2]), .init(3, 0b110, [3]), .init(4, 0b1110, [4]), .init(5, 0b11110, [5]),
        .init(6, 0b111110, [6]), .init(7, 0b1111110, [7]), .init(8, 0b11111110, [8]),
    ])

    /// Table B.5c to f, runs of zeros; levels matter only by their sign, which counts to the length. This is the code of
    /// all coefficients but the first of a block without DC, where a 1 alone means run 0.
    let coefficients = CodeTable(
        [
            .init(2, 0b10, [endOfBlock, 0]), .init(3, 0b011, [1]), .init(4, 0b0100, [0, 2]),
            .init(5, 0b00101, [0, 4, 3]), .init(6, 0b000001, [escape]), .init(6, 0b000100, [7, 6, 1, 5]),
            .init(7, 0b0000100, [2, 9, 0, 8]), .init(8, 0b0010_0000, [13, 0, 12, 11, 3, 1, 0, 10]),
            .init(10, 0b00_0000_1000, [16, 5, 0, 2, 1, 15, 14, 4]),
            .init(12, 0x10, [0, 8, 4, 0, 2, 7, 21, 20, 0, 19, 18, 1, 3, 0, 6, 17]),
            .init(13, 0x10, [10, 9, 5, 3, 2, 1, 1, 0, 0, 0, 0, 26, 25, 24, 23, 22]),
            .init(14, 0x10, [UInt8](repeating: 0, count: 16)),
            .init(15, 0x10, [UInt8](repeating: 0, count: 9) + [UInt8](repeating: 1, count: 7)),
            .init(16, 0x10, [1, 1, 1, 1, 6, 16, 15, 14, 13, 12, 11, 31, 30, 29, 28, 27]),
        ], following: { $0 >= escape ? 0 : 1 })

    /// Made once: the tables are shared by all readers.
    static let shared = MPEG1Codes()
}
