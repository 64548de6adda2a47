/// The checksum of tables: CRC-32 with polynomial 0x04c11db7, not reflected (ISO/IEC 13818-1 Annex A).
package enum SectionChecksum {
    /// The checksum over a whole section with its CRC_32 field: 0 when the section is sound.
    package static func remainder(_ section: Span<UInt8>) -> UInt32 {
        var register: UInt32 = 0xffff_ffff
        for index in section.indices {
            register = register << 8 ^ table[Int(UInt8(register >> 24) ^ section[index])]
        }
        return register
    }

    private static let table: [UInt32] = (0..<256).map { byte in
        var register = UInt32(byte) << 24
        for _ in 0..<8 {
            register = register & 0x8000_0000 != 0 ? register << 1 ^ 0x04c1_1db7 : register << 1
        }
        return register
    }
}
