import TransportStream

/// Tables with right checksums: what a mutation of packets alone would hardly ever reach.
///
/// The input is a row of tables, each a byte of options (bit 0: the PMT, else the PAT; bit 1: the section's length is put
/// right; bit 2: it is sent in packets that begin with a pointer field of 3), a byte of length, and so many bytes of its
/// section without the checksum.
enum SectionFuzz {
    static let target = FuzzTarget(
        name: "psi", reads: "PAT and PMT sections, to which the checksum is added",
        covers: [
            "SectionAssembler", "SectionChecksum", "CarriedTable", "ProgramTables", "ProgramAssociation", "ProgramMap",
            "ElementaryStream", "AudioCodec", "VideoCodec",
        ], bytesMax: 1100
    ) { input throws(FuzzFinding) in
        var packets: [UInt8] = []
        var counters: [UInt16: UInt8] = [:]
        var place = 0
        while place + 2 <= input.count {
            let options = input[place]
            let end = min(input.count, place + 2 + 4 * Int(input[place + 1]))
            let section = section([UInt8](copying: input.extracting(place + 2..<end)), isMended: options & 2 != 0)
            let pid: UInt16 = options & 1 == 0 ? TSPacket.patPID : mapPID
            append(section, pid: pid, pointer: options & 4 == 0 ? 0 : 3, &counters, to: &packets)
            place = end
        }
        try check(packets.span)
    }

    /// The PID of the map that the seeds name.
    private static let mapPID: UInt16 = 0x1000

    private static func check(_ packets: Span<UInt8>) throws(FuzzFinding) {
        var assembler = SectionAssembler()
        var wrong: Int?
        for offset in stride(from: 0, to: packets.count, by: TSPacket.size) {
            assembler.take(packets, PacketHeader(packets, at: offset), isAfterGap: false) { section in
                let length = 3 + (Int(section[1] & 0x0f) << 8 | Int(section[2]))
                if section.count != length || length > 1024 { wrong = section.count }
            }
        }
        try require(wrong == nil, "a section of \(wrong ?? 0) bytes")

        var analyzer = StreamAnalyzer()
        var events: [PacketEvent] = []
        analyzer.analyze(packets, into: &events)
        let info = analyzer.info
        try require(info.programs <= 253, "\(info.programs) programs")
        try require(info.audioCodecs.count <= 202, "\(info.audioCodecs.count) audio streams")
        for pid in [info.referencePID, info.videoPID, info.pcrPID] {
            try require(pid.map { $0 <= TSPacket.nullPID } ?? true, "a PID of more than 13 bits")
        }
    }

    /// The section with its checksum, and with its true length where asked.
    private static func section(_ bytes: [UInt8], isMended: Bool) -> [UInt8] {
        var section = Array(bytes.prefix(1020))
        if isMended, section.count >= 3 {
            let length = section.count + 4 - 3
            section[1] = section[1] & 0xf0 | UInt8(length >> 8)
            section[2] = UInt8(length & 0xff)
        }
        let sum = SectionChecksum.remainder(section.span)
        for shift in [24, 16, 8, 0] as [UInt32] { section.append(UInt8(truncatingIfNeeded: sum >> shift)) }
        return section
    }

    private static func append(
        _ section: [UInt8], pid: UInt16, pointer: Int, _ counters: inout [UInt16: UInt8], to packets: inout [UInt8]
    ) {
        var rest = ([UInt8(pointer)] + [UInt8](repeating: 0, count: pointer) + section)[...]
        var isFirst = true
        while !rest.isEmpty {
            let counter = counters[pid, default: 0]
            counters[pid] = (counter + 1) & 0x0f
            let start: UInt8 = isFirst ? 0x40 : 0
            packets += [TSPacket.syncByte, start | UInt8(pid >> 8), UInt8(pid & 0xff), 0x10 | counter]
            packets += rest.prefix(184)
            packets += [UInt8](repeating: 0xff, count: max(0, 184 - rest.count))
            rest = rest.dropFirst(184)
            isFirst = false
        }
    }
}
