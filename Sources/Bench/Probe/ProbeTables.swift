import TransportStream

/// What each PID of a stream is, by PAT and all PMTs (ISO/IEC 13818-1 2.4.4).
struct ProbeTables {
    /// What a PID carries.
    enum Content: Equatable {
        case pat
        case pmt(program: UInt16)
        case stream(ElementaryStream, type: UInt8, program: UInt16)
    }

    private(set) var contents: [UInt16: Content] = [TSPacket.patPID: .pat]
    /// The PIDs of programs' clocks.
    private(set) var clockPIDs: Set<UInt16> = []
    private(set) var programs: [UInt16] = []
    /// Sections with a wrong checksum.
    private(set) var errors: UInt64 = 0

    private var assemblers: [UInt16: SectionAssembler] = [TSPacket.patPID: SectionAssembler()]

    /// Takes a packet of `run`, of any PID.
    mutating func take(_ run: Span<UInt8>, _ header: PacketHeader) {
        guard var assembler = assemblers[header.pid] else { return }
        var sections: [[UInt8]] = []
        assembler.take(run, header, isAfterGap: false) { section in
            var copy: [UInt8] = []
            for index in 0..<section.count { copy.append(section[index]) }
            sections.append(copy)
        }
        assemblers[header.pid] = assembler
        for section in sections {
            guard SectionChecksum.remainder(section.span) == 0 else {
                errors += 1
                continue
            }
            // `current_next_indicator` 0: not yet in force.
            guard section.count >= 12, section[5] & 1 != 0 else { continue }
            switch section[0] {
            case 0x00: takePAT(section)
            case 0x02: takePMT(section)
            default: break
            }
        }
    }

    private mutating func takePAT(_ section: [UInt8]) {
        for place in stride(from: 8, through: section.count - 8, by: 4) {
            let number = UInt16(section[place]) << 8 | UInt16(section[place + 1])
            let pid = Self.pid(section, at: place + 2)
            guard number != 0, contents[pid] == nil else { continue }
            contents[pid] = .pmt(program: number)
            assemblers[pid] = SectionAssembler()
            programs.append(number)
        }
    }

    private mutating func takePMT(_ section: [UInt8]) {
        guard section.count >= 16 else { return }
        let program = UInt16(section[3]) << 8 | UInt16(section[4])
        let clock = Self.pid(section, at: 8)
        if clock != TSPacket.nullPID { clockPIDs.insert(clock) }
        let end = section.count - 4
        var place = 12 + Self.length(section, at: 10)
        while place + 5 <= end {
            let next = place + 5 + Self.length(section, at: place + 3)
            guard next <= end else { return }
            let kind = ElementaryStream(
                streamType: section[place], descriptors: section.span.extracting(place + 5..<next))
            contents[Self.pid(section, at: place + 1)] = .stream(kind, type: section[place], program: program)
            place = next
        }
    }

    private static func pid(_ section: [UInt8], at place: Int) -> UInt16 {
        UInt16(section[place] & 0x1f) << 8 | UInt16(section[place + 1])
    }

    private static func length(_ section: [UInt8], at place: Int) -> Int {
        Int(section[place] & 0x0f) << 8 | Int(section[place + 1])
    }
}
