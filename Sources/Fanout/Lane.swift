package import TransportStream

/// A stream's bytes in one framing, written on the stream's home loop.
///
/// ```swift
/// var lane = Lane(framing: .webSocket)
/// lane.append(packets.span, mark, tables: [])       // one frame; split only where a segment ends
/// lane.trim(keepingSince: nowMs - 2000, bytes: 4 << 20, startBytes: 16 << 20)
/// let view = lane.view                              // a value for whichever loop writes to viewers
/// ```
package struct Lane {
    package let framing: Framing
    package private(set) var view = LaneView()
    /// Starts that were given up since the GOP had outgrown its limit.
    package private(set) var startsDropped: UInt64 = 0

    package init(framing: Framing) { self.framing = framing }

    /// Bytes of memory that the lane's segments take.
    package var memoryBytes: Int { view.segments.count * Segment.memoryBytes }

    /// Appends one chunk of whole packets as one frame, or as two where it crosses a segment's end.
    ///
    /// - Parameter tables: PAT and PMT packets to send ahead of a start at this chunk; empty when the chunk brings them.
    package mutating func append(_ packets: Span<UInt8>, _ mark: ChunkMark, tables: [UInt8]) {
        if mark.flags.contains(.randomAccess) {
            var preamble: [UInt8] = []
            framing.append(frame: tables, to: &preamble)
            view.start = LaneView.Start(offset: view.headOffset, arrivalMs: mark.arrivalMs, preamble: preamble)
        }
        let total = packets.count / TSPacket.size
        var done = 0
        while done < total {
            let segment = tailWithRoom()
            let count = min(total - done, segment.packetsThatFit(framing: framing))
            var part = mark
            part.position += UInt64(done)
            // Whatever a chunk begins with lies in its first part.
            if done > 0 { part.flags.formIntersection(.endsPicture) }
            if done + count < total { part.flags.remove(.endsPicture) }
            segment.append(
                packets.extracting(done * TSPacket.size..<(done + count) * TSPacket.size), framing: framing, mark: part,
                picturesBefore: view.pictures)
            if part.flags.contains(.startsPicture) { view.pictures += 1 }
            done += count
            view.headOffset = segment.endOffset
            view.tailEntryCount = segment.entryCount
        }
        view.headArrivalMs = mark.arrivalMs
    }

    /// No viewer may start at what is held now: the source has changed.
    package mutating func forgetStart() { view.start = nil }

    /// Says that no start can be known, or that it can after all.
    package mutating func setOpaque(_ isOpaque: Bool) { view.isOpaque = isOpaque }

    /// Says that the source has fallen silent, or sends again.
    package mutating func setSilent(_ isSilent: Bool) { view.isSilent = isSilent }

    /// Gives back the segments that neither a start nor a viewer within its lag can still need.
    ///
    /// - Parameters:
    ///   - arrivalMs: chunks that arrived at or after this moment stay, as long as they are within `bytes` of the head.
    ///   - bytes: the largest lag in bytes of any viewer.
    ///   - startBytes: a random access point further back than this is given up.
    package mutating func trim(keepingSince arrivalMs: Int64, bytes: Int, startBytes: Int) {
        if let start = view.start, view.headOffset - start.offset > Int64(startBytes) {
            view.start = nil
            startsDropped += 1
        }
        let oldestForLag = view.headOffset - Int64(bytes)
        var drop = 0
        while drop + 1 < view.segments.count {
            let end = view.segments[drop + 1].startOffset
            if let start = view.start, start.offset < end { break }
            let nextArrivalMs = view.segments[drop + 1].entry(0).mark.arrivalMs
            if end > oldestForLag && nextArrivalMs >= arrivalMs { break }
            drop += 1
        }
        if drop > 0 { view.segments.removeFirst(drop) }
    }

    /// Calls `body` with the packets and mark of each chunk from the start on; for lanes that are framed later.
    package func forEachChunkFromStart(_ body: (Span<UInt8>, ChunkMark) -> Void) {
        precondition(framing == .bare, "only bare packets can be framed again")
        guard let start = view.start else { return }
        view.forEachEntry(from: start.offset) { entry, end in
            let segment = view.segments[view.segmentIndex(of: entry.offset)]
            segment.withBytes(from: entry.offset, to: end) { packets in body(packets, entry.mark) }
            return true
        }
    }

    private mutating func tailWithRoom() -> Segment {
        let last = view.segments.count - 1
        if last >= 0, view.segments[last].packetsThatFit(framing: framing) > 0 { return view.segments[last] }
        let segment = Segment(startOffset: view.headOffset)
        view.segments.append(segment)
        view.tailEntryCount = 0
        return segment
    }
}
