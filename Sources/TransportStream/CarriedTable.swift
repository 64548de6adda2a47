/// One table as it is sent again and again: the section in force, and the packets that brought it last.
struct CarriedTable {
    /// The whole packets in which the table in force came last; empty before it came.
    private(set) var packets: [UInt8] = []

    private var assembler = SectionAssembler()

    /// The section in force. Tables are repeated ten times a second: one that is the same is not read again.
    private var section: [UInt8] = []

    /// Takes the next packet of the table's PID.
    ///
    /// - Parameters:
    ///   - isAfterGap: packets are missing before it.
    ///   - errors: counts sections with a wrong checksum.
    ///   - adopt: reads a new section with the right checksum, and says whether it is the table and in force.
    mutating func take(
        _ run: Span<UInt8>, at offset: Int, _ header: PacketHeader, isAfterGap: Bool, errors: inout UInt64,
        adopt: (Span<UInt8>) -> Bool
    ) {
        assembler.take(run, at: offset, header, isAfterGap: isAfterGap) { newSection, newPackets in
            if !Self.areEqual(section, newSection) {
                guard SectionChecksum.remainder(newSection) == 0 else {
                    errors &+= 1
                    return
                }
                guard adopt(newSection) else { return }
                section.removeAll(keepingCapacity: true)
                section.append(copying: newSection)
            }
            packets.removeAll(keepingCapacity: true)
            packets.append(copying: newPackets)
        }
    }

    private static func areEqual(_ first: [UInt8], _ second: Span<UInt8>) -> Bool {
        guard first.count == second.count else { return false }
        for index in first.indices where first[index] != second[index] { return false }
        return true
    }
}
