/// The program association table: which programs there are, and on which PID each has its map
/// (ISO/IEC 13818-1 2.4.4.3).
struct ProgramAssociation: Equatable {
    struct Program: Equatable {
        let number: UInt16
        let mapPID: UInt16
    }

    /// In the table's order, without the network PID; those of its first section, at most 253.
    let programs: [Program]

    /// Reads a section whose checksum is right.
    ///
    /// - Returns: nil for another table, a section not yet in force (`current_next_indicator` 0), a later section of a
    ///   table with several, or wrong lengths.
    init?(parsing section: Span<UInt8>) {
        guard section.count >= 12, section[0] == 0x00, section[1] & 0x80 != 0, section[5] & 0x01 != 0, section[6] == 0
        else { return nil }
        var programs: [Program] = []
        for place in stride(from: 8, through: section.count - 8, by: 4) {
            let number = UInt16(section[place]) << 8 | UInt16(section[place + 1])
            let pid = UInt16(section[place + 2] & 0x1f) << 8 | UInt16(section[place + 3])
            if number != 0 { programs.append(Program(number: number, mapPID: pid)) }
        }
        self.programs = programs
    }
}
