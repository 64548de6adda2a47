/// Looks at each packet of a stream once and names those that matter: tables, where pictures start and end, and where
/// decoding can start (ISO/IEC 13818-1 2.4).
///
/// Pictures are those of one PID, the reference: the first video of the first program of the PAT. A stream without
/// PAT is taken by its first PID with a video PES; in a program without video each PES of the first audio is a picture
/// where decoding can start.
package struct StreamAnalyzer {
    package private(set) var info = StreamInfo()
    package private(set) var counters = StreamCounters()

    private var pids = PIDTable()
    private var tables = ProgramTables()
    private var pictures = PictureTracker()

    package init() {}

    /// Forgets the stream, not the counters: another source begins.
    package mutating func reset() {
        info = StreamInfo()
        pids = PIDTable()
        tables = ProgramTables()
        pictures = PictureTracker()
    }

    /// Looks at the packets of a run.
    ///
    /// - Parameters:
    ///   - run: whole packets; what is left over at the end is not looked at.
    ///   - events: gets one event for each packet that has a flag, in the order of the packets. It is appended to, so
    ///     that its memory can be used again.
    package mutating func analyze(_ run: Span<UInt8>, into events: inout [PacketEvent]) {
        var offset = 0
        var index: Int32 = 0
        while run.count &- offset >= TSPacket.size {
            let flags = inspect(run, at: offset)
            if !flags.isEmpty {
                events.append(PacketEvent(index: index, flags: flags))
            }
            offset &+= TSPacket.size
            index &+= 1
        }
    }

    private mutating func inspect(_ run: Span<UInt8>, at offset: Int) -> PacketFlags {
        let header = PacketHeader(run, at: offset)
        counters.packets &+= 1
        guard header.pid != TSPacket.nullPID else {
            counters.nullPackets &+= 1
            return []
        }
        if header.isMalformed {
            counters.malformedPackets &+= 1
            return header.pid == info.referencePID ? .damaged : []
        }

        let slot = pids.slot(of: header.pid)
        var isAfterGap = false
        switch pids.entries[slot].continuity.follow(header, end: PacketHeader.lastBytes(run, at: offset)) {
        case .follows, .jumps:
            break
        case .gap:
            counters.continuityErrors &+= 1
            isAfterGap = true
        case .duplicate:
            counters.duplicates &+= 1
            return []
        case .duplicateAgain:
            counters.continuityErrors &+= 1
            return []
        }
        if header.hasTransportError {
            counters.transportErrors &+= 1
        }

        if header.pid == info.referencePID {
            return pictures.take(run, header, isAfterGap: isAfterGap, &info, &counters)
        }
        if header.pid == TSPacket.patPID || pids.entries[slot].carriesProgramMap {
            takeTables(run, header, isAfterGap: isAfterGap)
            return header.pid == TSPacket.patPID ? [.tables, .pat] : [.tables, .pmt]
        }
        if info.referencePID == nil, tables.map == nil, startsVideo(run, header) {
            info.referencePID = header.pid
            info.videoPID = header.pid
            return pictures.take(run, header, isAfterGap: false, &info, &counters)
        }
        return []
    }

    private func startsVideo(_ run: Span<UInt8>, _ header: PacketHeader) -> Bool {
        guard header.startsPayload, !header.isScrambled, !header.hasTransportError else { return false }
        return PESHeader(parsing: run, header.payload)?.isVideo ?? false
    }

    private mutating func takeTables(
        _ run: Span<UInt8>, _ header: PacketHeader, isAfterGap: Bool
    ) {
        guard !header.hasTransportError else { return }
        switch tables.take(run, header, isAfterGap: isAfterGap, &counters) {
        case .nothing:
            break
        case .newPrograms(let association):
            pids.setProgramMaps(association.programs.map(\.mapPID))
            info.programs = association.programs.count
        case .newMap(let map):
            adopt(map)
        }
    }

    private mutating func adopt(_ map: ProgramMap) {
        info.videoPID = map.videoPID
        info.audioCodecs = map.audio
        info.pcrPID = map.pcrPID
        // A map that says no more than "MPEG-1 or MPEG-2" takes nothing back of what the sequence header said.
        let isKnown = info.videoCodec == .mpeg1 || info.videoCodec == .mpeg2
        if !(map.video == .unknown && isKnown && info.referencePID == map.videoPID) {
            info.videoCodec = map.video
        }
        let reference = map.videoPID ?? map.audioPID
        if reference != info.referencePID {
            info.referencePID = reference
            info.width = nil
            info.height = nil
            info.frameRate = nil
            pictures = PictureTracker()
        }
    }
}
