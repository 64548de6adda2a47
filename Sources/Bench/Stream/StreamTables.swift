import TransportStream

/// PAT and PMT of the self-describing stream: one program with one H.264 video (ISO/IEC 13818-1 2.4.4).
enum StreamTables {
    /// A packet each, with continuity counter 0.
    static let pat = packet(
        pid: TSPacket.patPID, tableID: 0x00, transportStreamID: 1, body: [0x00, 0x01, 0xe0 | 0x10, 0x00])
    static let pmt = packet(
        pid: PacketForm.mapPID, tableID: 0x02, transportStreamID: 1,
        // The clock's PID, no descriptors; stream type 0x1b, PID, no descriptors.
        body: [0xe1, 0x00, 0xf0, 0x00, 0x1b, 0xe1, 0x00, 0xf0, 0x00])

    private static func packet(pid: UInt16, tableID: UInt8, transportStreamID: UInt16, body: [UInt8]) -> [UInt8] {
        let length = 5 + body.count + 4
        var section: [UInt8] = [tableID, 0xb0, UInt8(length)]
        section += [UInt8(transportStreamID >> 8), UInt8(transportStreamID & 0xff), 0xc1, 0, 0]
        section += body
        let checksum = SectionChecksum.remainder(section.span)
        section += (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (24 - 8 * $0)) }
        let header: [UInt8] = [TSPacket.syncByte, 0x40 | UInt8(pid >> 8), UInt8(pid & 0xff), 0x10, 0]
        let stuffing = [UInt8](repeating: 0xff, count: TSPacket.size - header.count - section.count)
        return header + section + stuffing
    }
}
