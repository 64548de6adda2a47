/// The tables in force: the PAT, and the PMT of the reference program, which is the first of the PAT.
struct ProgramTables {
    enum Change {
        case nothing
        case newPrograms(ProgramAssociation)
        case newMap(ProgramMap)
    }

    private(set) var map: ProgramMap?
    private var association: ProgramAssociation?

    private var patSections = SectionAssembler()
    private var pmtSections = SectionAssembler()

    /// The whole packets in which the tables in force came last.
    private var patPackets: [UInt8] = []
    private var pmtPackets: [UInt8] = []

    func append(to bytes: inout [UInt8]) {
        guard !patPackets.isEmpty, !pmtPackets.isEmpty else { return }
        bytes.append(contentsOf: patPackets)
        bytes.append(contentsOf: pmtPackets)
    }

    /// Takes a packet of the PAT or of any PMT.
    mutating func take(
        _ run: Span<UInt8>, at offset: Int, _ header: PacketHeader, isAfterGap: Bool, _ counters: inout StreamCounters
    ) -> Change {
        if header.pid == TSPacket.patPID {
            return takePAT(run, at: offset, header, isAfterGap: isAfterGap, &counters)
        }
        if header.pid == association?.programs.first?.mapPID {
            return takePMT(run, at: offset, header, isAfterGap: isAfterGap, &counters)
        }
        return .nothing
    }

    private mutating func takePAT(
        _ run: Span<UInt8>, at offset: Int, _ header: PacketHeader, isAfterGap: Bool, _ counters: inout StreamCounters
    ) -> Change {
        var next = association
        patSections.take(run, at: offset, header, isAfterGap: isAfterGap) { section, packets in
            guard SectionChecksum.remainder(section) == 0 else {
                counters.patErrors &+= 1
                return
            }
            guard let parsed = ProgramAssociation(parsing: section) else { return }
            next = parsed
            Self.replace(&patPackets, by: packets)
        }
        guard let next, next != association else { return .nothing }
        if next.programs.first != association?.programs.first {
            // The pictures of the old program go on until the new map says where the new ones are.
            map = nil
            pmtPackets.removeAll(keepingCapacity: true)
            pmtSections = SectionAssembler()
        }
        association = next
        return .newPrograms(next)
    }

    private mutating func takePMT(
        _ run: Span<UInt8>, at offset: Int, _ header: PacketHeader, isAfterGap: Bool, _ counters: inout StreamCounters
    ) -> Change {
        var next = map
        let number = association?.programs.first?.number
        pmtSections.take(run, at: offset, header, isAfterGap: isAfterGap) { section, packets in
            guard SectionChecksum.remainder(section) == 0 else {
                counters.pmtErrors &+= 1
                return
            }
            // Several programs may share one PID.
            guard let parsed = ProgramMap(parsing: section), parsed.programNumber == number else { return }
            next = parsed
            Self.replace(&pmtPackets, by: packets)
        }
        guard let next, next != map else { return .nothing }
        map = next
        return .newMap(next)
    }

    private static func replace(_ bytes: inout [UInt8], by packets: Span<UInt8>) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(copying: packets)
    }
}
