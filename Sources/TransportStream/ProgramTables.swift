/// The tables in force: the PAT, and the PMT of the reference program, which is the first of the PAT.
struct ProgramTables {
    enum Change {
        case nothing
        case newPrograms(ProgramAssociation)
        case newMap(ProgramMap)
    }

    private(set) var map: ProgramMap?
    private var association: ProgramAssociation?
    private var pat = CarriedTable()
    private var pmt = CarriedTable()

    /// Takes a packet of the PAT or of any PMT.
    mutating func take(
        _ run: Span<UInt8>, _ header: PacketHeader, isAfterGap: Bool, _ counters: inout StreamCounters
    ) -> Change {
        if header.pid == TSPacket.patPID {
            return takePAT(run, header, isAfterGap: isAfterGap, &counters)
        }
        if header.pid == association?.programs.first?.mapPID {
            return takePMT(run, header, isAfterGap: isAfterGap, &counters)
        }
        return .nothing
    }

    private mutating func takePAT(
        _ run: Span<UInt8>, _ header: PacketHeader, isAfterGap: Bool, _ counters: inout StreamCounters
    ) -> Change {
        var next: ProgramAssociation?
        pat.take(run, header, isAfterGap: isAfterGap, errors: &counters.patErrors) { section in
            guard let parsed = ProgramAssociation(parsing: section) else { return false }
            next = parsed
            return true
        }
        guard let next, next != association else { return .nothing }
        if next.programs.first != association?.programs.first {
            // The pictures of the old program go on until the new map says where the new ones are.
            map = nil
            pmt = CarriedTable()
        }
        association = next
        return .newPrograms(next)
    }

    private mutating func takePMT(
        _ run: Span<UInt8>, _ header: PacketHeader, isAfterGap: Bool, _ counters: inout StreamCounters
    ) -> Change {
        var next: ProgramMap?
        let number = association?.programs.first?.number
        pmt.take(run, header, isAfterGap: isAfterGap, errors: &counters.pmtErrors) { section in
            // Several programs may share one PID.
            guard let parsed = ProgramMap(parsing: section), parsed.programNumber == number else { return false }
            next = parsed
            return true
        }
        guard let next, next != map else { return .nothing }
        map = next
        return .newMap(next)
    }
}
