import Testing

@testable import TransportStream

@Suite struct CodeTableTests {
    /// How many of the 65,536 windows a code begins.
    private static func covered(_ table: CodeTable) -> Int {
        (0...UInt16.max).count { table.lookup($0).length > 0 }
    }

    @Test func `codes are found by the bits they begin with`() {
        let table = CodeTable([.init(1, 1, [7]), .init(3, 0b010, [1, 2]), .init(9, 0b0_0000_0010, [3])])
        #expect(table.lookup(0xffff) == .init(length: 1, value: 7))
        #expect(table.lookup(0x8000) == .init(length: 1, value: 7))
        #expect(table.lookup(0b0101_1111_0000_0000) == .init(length: 3, value: 1))
        #expect(table.lookup(0b0110_0000_0000_0000) == .init(length: 3, value: 2))
        #expect(table.lookup(0b0000_0001_0111_1111) == .init(length: 9, value: 3))
        #expect(table.lookup(0b0000_0001_1000_0000).length == 0)
        #expect(table.lookup(0).length == 0)
    }

    @Test func `bits that follow count to the length`() {
        let table = CodeTable([.init(2, 0b10, [0, 5])], following: { Int($0) })
        #expect(table.lookup(0x8000).length == 2)
        #expect(table.lookup(0xc000).length == 7)
    }

    @Test func `the codes of the standard leave exactly the gaps of the standard`() {
        // A code of n bits begins 2^(16 - n) windows. A wrong length or a code twice would show in the sum.
        let codes = MPEG1Codes.shared
        // Below 0000 0011 000 only the escape and the stuffing are codes.
        #expect(Self.covered(codes.increments) == 65_536 - (24 - 2) * 32)
        #expect(Self.covered(codes.intraTypes) == 65_536 - (1 << 14))
        #expect(Self.covered(codes.predictedTypes) == 65_536 - (1 << 10))
        #expect(Self.covered(codes.bidirectionalTypes) == 65_536 - (1 << 10))
        #expect(Self.covered(codes.patterns) == 65_536 - 2 * 128)
        #expect(Self.covered(codes.motions) == 65_536 - 12 * 64)
        #expect(Self.covered(codes.luminanceSizes) == 65_536 - (1 << 9))
        #expect(Self.covered(codes.chrominanceSizes) == 65_536 - (1 << 8))
        #expect(Self.covered(codes.coefficients) == 65_536 - 16)
    }
}
