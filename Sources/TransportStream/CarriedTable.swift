/// One table as it is sent again and again: the section in force.
struct CarriedTable {
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
        _ run: Span<UInt8>, _ header: PacketHeader, isAfterGap: Bool, errors: inout UInt64,
        adopt: (Span<UInt8>) -> Bool
    ) {
        assembler.take(run, header, isAfterGap: isAfterGap) { newSection in
            guard !Self.areEqual(section, newSection) else { return }
            guard SectionChecksum.remainder(newSection) == 0 else {
                errors &+= 1
                return
            }
            guard adopt(newSection) else { return }
            section.removeAll(keepingCapacity: true)
            section.append(copying: newSection)
        }
    }

    private static func areEqual(_ first: [UInt8], _ second: Span<UInt8>) -> Bool {
        guard first.count == second.count else { return false }
        for index in first.indices where first[index] != second[index] { return false }
        return true
    }
}
