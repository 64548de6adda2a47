package import TransportStream

/// Cuts a stream's packets into chunks at picture ends (DESIGN: the number of writes decides the cost).
///
/// A chunk begins at a PAT or at a picture's first packet, ends with a picture's last, and holds at most
/// `packetsMax` packets, so an index of chunks tells where every picture lies. Whole chunks of a run are handed on
/// without a copy; only what waits for more packets is kept.
package struct ChunkCutter {
    /// Most packets of one chunk, 8,084 bytes: what waits is flushed at 8 kB in any case.
    package static let packetsMax = 43
    /// PAT and PMT packets that are remembered for preambles, over all programs: 12,032 bytes, which fit into one frame.
    /// Those that come while so many are known are not sent ahead of a start.
    package static let tablePacketsMax = 64

    private var waiting: [UInt8] = []
    private var waitingTables = 0
    private var flags: ChunkFlags = []
    private var hasPAT = false
    private var hasPMT = false
    /// Number of the next packet in the stream.
    package private(set) var position: UInt64 = 0
    private var pat: [UInt8] = []
    private var pmts: [(pid: UInt16, packets: [UInt8])] = []
    /// Bytes of `pat` and `pmts`.
    private var tableBytes = 0
    /// A picture has begun and its end was not seen.
    package private(set) var isInPicture = false

    package init() { waiting.reserveCapacity(ChunkCutter.packetsMax * TSPacket.size) }

    package var waitingBytes: Int { waiting.count }

    /// The last PAT and PMT packets before the chunk that was emitted last, as they came.
    package var tables: [UInt8] { pat + pmts.flatMap(\.packets) }

    /// Takes a run of packets with its events and emits every chunk that is complete.
    ///
    /// - Parameters:
    ///   - run: whole packets.
    ///   - events: what the analyzer saw in this run, by packet index, ascending.
    ///   - emit: receives a chunk; `tables` holds what a start at it would need.
    package mutating func append(
        _ run: Span<UInt8>, events: [PacketEvent], nowMs: Int64,
        _ emit: (Span<UInt8>, ChunkMark, borrowing ChunkCutter) -> Void
    ) {
        let total = run.count / TSPacket.size
        var chunkStart = 0  // first packet of the run that was not emitted; `waiting` goes before it
        var next = 0
        for index in 0..<events.count {
            let event = events[index]
            let packet = Int(event.index)
            // Packets without an event fill chunks up to their limit.
            while packet - chunkStart + waitingPackets >= ChunkCutter.packetsMax {
                let end = chunkStart + ChunkCutter.packetsMax - waitingPackets
                close(run, &chunkStart, end, nowMs, emit)
            }
            next = packet
            let isOpen = next > chunkStart || !waiting.isEmpty
            let onlyTables = isOpen && next - chunkStart + waitingPackets == waitingTables
            if event.flags.contains(.pat), isOpen, startsSection(run, packet) {
                close(run, &chunkStart, packet, nowMs, emit)
            } else if event.flags.contains(.pictureStart), isOpen, !onlyTables {
                close(run, &chunkStart, packet, nowMs, emit)
            }
            if event.flags.contains(.pat) || event.flags.contains(.pmt) { remember(run, packet, event.flags) }
            if event.flags.contains(.pictureStart) {
                if hasPAT && hasPMT { flags.insert(.tables) }
                flags.insert(.startsPicture)
                isInPicture = true
            }
            if event.flags.contains(.randomAccess), flags.contains(.startsPicture) { flags.insert(.randomAccess) }
            if event.flags.contains(.pictureEnd) {
                flags.insert(.endsPicture)
                isInPicture = false
                close(run, &chunkStart, packet + 1, nowMs, emit)
            }
        }
        while total - chunkStart + waitingPackets >= ChunkCutter.packetsMax {
            close(run, &chunkStart, chunkStart + ChunkCutter.packetsMax - waitingPackets, nowMs, emit)
        }
        if chunkStart < total { keep(run.extracting(chunkStart * TSPacket.size..<total * TSPacket.size)) }
    }

    /// Emits what waits as a chunk.
    package mutating func flush(nowMs: Int64, _ emit: (Span<UInt8>, ChunkMark, borrowing ChunkCutter) -> Void) {
        let nothing: [UInt8] = []
        var chunkStart = 0
        close(nothing.span, &chunkStart, 0, nowMs, emit)
    }

    /// The source has changed: what waits is emitted, and nothing that was learned holds any more.
    package mutating func sourceChanged(
        nowMs: Int64, _ emit: (Span<UInt8>, ChunkMark, borrowing ChunkCutter) -> Void
    ) {
        flush(nowMs: nowMs, emit)
        isInPicture = false
        pat.removeAll()
        pmts.removeAll()
        tableBytes = 0
    }

    private var waitingPackets: Int { waiting.count / TSPacket.size }

    /// Emits what waits together with the packets `chunkStart ..< end` of the run.
    private mutating func close(
        _ run: Span<UInt8>, _ chunkStart: inout Int, _ end: Int, _ nowMs: Int64,
        _ emit: (Span<UInt8>, ChunkMark, borrowing ChunkCutter) -> Void
    ) {
        let part = run.extracting(chunkStart * TSPacket.size..<end * TSPacket.size)
        let packets = end - chunkStart + waitingPackets
        chunkStart = end
        guard packets > 0 else { return }
        let mark = ChunkMark(position: position, arrivalMs: nowMs, flags: flags)
        position += UInt64(packets)
        flags = []
        waitingTables = 0
        hasPAT = false
        hasPMT = false
        if waiting.isEmpty {
            emit(part, mark, self)
        } else {
            keep(part)
            var chunk: [UInt8] = []
            swap(&chunk, &waiting)
            emit(chunk.span, mark, self)
            swap(&chunk, &waiting)
            waiting.removeAll(keepingCapacity: true)
        }
    }

    private mutating func keep(_ part: Span<UInt8>) {
        // SAFETY: the buffer is only read inside the closure.
        unsafe part.withUnsafeBufferPointer { unsafe waiting.append(contentsOf: $0) }
    }

    /// `payload_unit_start_indicator` (ISO/IEC 13818-1 2.4.3.3).
    private func startsSection(_ run: Span<UInt8>, _ packet: Int) -> Bool {
        run[packet * TSPacket.size + 1] & 0x40 != 0
    }

    private mutating func remember(_ run: Span<UInt8>, _ packet: Int, _ eventFlags: PacketFlags) {
        waitingTables += 1
        let at = packet * TSPacket.size
        let pid = UInt16(run[at + 1] & 0x1f) << 8 | UInt16(run[at + 2])
        let starts = startsSection(run, packet)
        if eventFlags.contains(.pat) {
            hasPAT = true
            ChunkCutter.remember(run, at, startsSection: starts, in: &pat, &tableBytes)
        } else {
            hasPMT = true
            if let known = pmts.firstIndex(where: { $0.pid == pid }) {
                ChunkCutter.remember(run, at, startsSection: starts, in: &pmts[known].packets, &tableBytes)
            } else if tableBytes < ChunkCutter.tablePacketsMax * TSPacket.size {
                var packets: [UInt8] = []
                ChunkCutter.remember(run, at, startsSection: starts, in: &packets, &tableBytes)
                pmts.append((pid, packets))
            }
        }
    }

    private static func remember(
        _ run: Span<UInt8>, _ at: Int, startsSection: Bool, in table: inout [UInt8], _ tableBytes: inout Int
    ) {
        if startsSection {
            tableBytes -= table.count
            table.removeAll(keepingCapacity: true)
        }
        guard tableBytes < ChunkCutter.tablePacketsMax * TSPacket.size else { return }
        for index in at..<at + TSPacket.size { table.append(run[index]) }
        tableBytes += TSPacket.size
    }
}
