import Testing

@testable import TransportStream

@Suite struct PacketHeaderTests {
    private static func header(_ start: [UInt8]) -> PacketHeader {
        let packet = start + [UInt8](repeating: 0xff, count: TSPacket.size - start.count)
        return PacketHeader(packet.span, at: 0)
    }

    @Test func `the fields of a plain packet`() {
        let header = Self.header([0x47, 0x5f, 0xfe, 0x1a])
        #expect(header.pid == 0x1ffe)
        #expect(header.continuityCounter == 10)
        #expect(header.startsPayload)
        #expect(header.payload == 4..<188)
        #expect(!header.hasTransportError && !header.isScrambled && !header.isStuffed && !header.isMalformed)
        #expect(!header.isRandomAccess && !header.announcesDiscontinuity)
    }

    @Test(
        arguments: [
            ([0], true),  // a single byte of filling
            ([1, 0x00], true),  // two
            ([1, 0x40], false),  // a flag that has no bytes
            ([2, 0x40], true),
            ([7, 0x10], false),  // PCR
            ([8, 0x10], true),
            ([13, 0x18], false),  // PCR and OPCR
            ([14, 0x1c], false),  // and splice countdown
            ([5, 0x02, 3, 0, 0, 0], false),  // private data
            ([6, 0x02, 3, 0, 0, 0], true),
            ([6, 0x03, 1, 0, 2, 0, 0], false),  // private data and extension
            ([7, 0x03, 1, 0, 2, 0, 0], true),
            ([2, 0x02, 0xff], false),  // a length beyond the field
            ([1, 0x03], false),  // announced fields that are not there
        ] as [([UInt8], Bool)])
    func `filling is what no flag explains`(field: [UInt8], isStuffed: Bool) {
        let header = Self.header([0x47, 0, 0x20, 0x30] + field)
        #expect(header.isStuffed == isStuffed)
        #expect(header.payload == 5 + Int(field[0])..<188)
    }

    @Test(arguments: [([0x30, 183], false), ([0x30, 182], true), ([0x20, 183], false)] as [([UInt8], Bool)])
    func `an adaptation field may fill the packet`(bytes: [UInt8], hasPayload: Bool) {
        let header = Self.header([0x47, 0x40, 0x20] + bytes)
        #expect(!header.isMalformed)
        #expect(header.hasPayload == hasPayload)
        #expect(header.startsPayload == hasPayload)
    }

    @Test(arguments: [[0x30, 184], [0x20, 255], [0x00, 0]] as [[UInt8]])
    func `an adaptation field beyond the packet, or the reserved value, is malformed`(bytes: [UInt8]) {
        let header = Self.header([0x47, 0x40, 0x20] + bytes)
        #expect(header.isMalformed)
        #expect(!header.hasPayload)
        #expect(!header.isRandomAccess)
    }
}
