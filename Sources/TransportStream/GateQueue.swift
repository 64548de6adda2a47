/// The packets that wait behind an undecided picture, and those of the chunk that is being taken.
///
/// Bytes are copied only when their chunk goes and they still have to wait; the memory is used again.
struct GateQueue {
    /// Packets that followed each other in one chunk and share a fate.
    private struct Piece {
        /// In the chunk that is being taken, or in `held`.
        var start: Int
        var byteCount: Int
        var isHeld: Bool

        /// Of its first packet.
        var position: UInt64
        var flags: ChunkFlags

        let arrivalMs: Int64
        let chunkNumber: UInt64
        let isVideo: Bool
    }

    private var held: [UInt8] = []
    private var pieces: [Piece] = []

    /// Where the pieces of the undecided picture begin; the pieces of other PIDs among them and behind them wait.
    private var firstUndecided: Int?

    private var mark = ChunkMark(position: 0, arrivalMs: 0, flags: [])
    private var chunkNumber: UInt64 = 0

    /// No video packet of the chunk that is being taken is in the queue yet.
    private var awaitsVideo = true

    /// A new chunk is taken.
    mutating func begin(_ mark: ChunkMark) {
        self.mark = mark
        chunkNumber &+= 1
        awaitsVideo = true
    }

    /// Appends the packet at `offset` of the chunk.
    mutating func append(packetAt offset: Int, isVideo: Bool, isUndecided: Bool) {
        var flags: ChunkFlags = offset == 0 ? mark.flags.intersection(.tables) : []
        if isVideo, awaitsVideo {
            flags.formUnion(mark.flags.intersection([.startsPicture, .randomAccess]))
            awaitsVideo = false
        }
        let opensPicture = isUndecided && firstUndecided == nil
        let last = pieces.count - 1
        if last >= 0, !opensPicture, pieces[last].chunkNumber == chunkNumber,
            pieces[last].isVideo == isVideo, pieces[last].start + pieces[last].byteCount == offset
        {
            pieces[last].byteCount += TSPacket.size
            pieces[last].flags.formUnion(flags)
            return
        }
        if opensPicture { firstUndecided = pieces.count }
        pieces.append(
            Piece(
                start: offset, byteCount: TSPacket.size, isHeld: false,
                position: mark.position &+ UInt64(offset / TSPacket.size), flags: flags, arrivalMs: mark.arrivalMs,
                chunkNumber: chunkNumber, isVideo: isVideo))
    }

    /// The undecided picture is sound.
    mutating func passUndecided() {
        firstUndecided = nil
    }

    /// The undecided picture is not to pass.
    ///
    /// - Returns: how many packets it had.
    mutating func dropUndecided() -> UInt64 {
        guard let first = firstUndecided else { return 0 }
        firstUndecided = nil
        var bytes = 0
        for index in first..<pieces.count where pieces[index].isVideo {
            bytes += pieces[index].byteCount
            pieces[index].byteCount = 0
        }
        return UInt64(bytes / TSPacket.size)
    }

    /// Bytes that would be held if the chunk went.
    func bytesWaiting(_ chunk: Span<UInt8>) -> Int {
        firstUndecided == nil ? 0 : held.count + chunk.count
    }

    /// Hands out what is decided when the chunk has been taken, and copies the rest.
    mutating func release(_ chunk: Span<UInt8>, _ out: (Span<UInt8>, ChunkMark) -> Void) {
        if mark.flags.contains(.endsPicture),
            let last = pieces.lastIndex(where: { $0.isVideo && $0.byteCount > 0 }),
            pieces[last].chunkNumber == chunkNumber
        {
            pieces[last].flags.insert(.endsPicture)
        }
        let end = decidedEnd
        emit(until: end, chunk, out)
        drop(until: end)
        for index in pieces.indices where !pieces[index].isHeld {
            let piece = pieces[index]
            pieces[index].start = held.count
            pieces[index].isHeld = true
            held.append(copying: chunk.extracting(piece.start..<piece.start + piece.byteCount))
        }
    }

    /// Hands out what is decided between two chunks.
    mutating func release(_ out: (Span<UInt8>, ChunkMark) -> Void) {
        let end = decidedEnd
        emit(until: end, held.span, out)
        drop(until: end)
    }

    /// Pieces before this one may go. What stands before an undecided picture in its own chunk waits with it, so that
    /// tables stay with the picture that they introduce.
    private var decidedEnd: Int {
        guard var end = firstUndecided else { return pieces.count }
        while end > 0, !pieces[end - 1].isVideo, pieces[end - 1].chunkNumber == pieces[end].chunkNumber {
            end -= 1
        }
        return end
    }

    private func emit(until end: Int, _ chunk: Span<UInt8>, _ out: (Span<UInt8>, ChunkMark) -> Void) {
        var index = 0
        while index < end {
            var joined = pieces[index]
            index += 1
            guard joined.byteCount > 0 else { continue }
            while index < end, pieces[index].byteCount > 0, pieces[index].chunkNumber == joined.chunkNumber,
                pieces[index].position == joined.position &+ UInt64(joined.byteCount / TSPacket.size)
            {
                joined.byteCount += pieces[index].byteCount
                joined.flags.formUnion(pieces[index].flags)
                index += 1
            }
            let range = joined.start..<joined.start + joined.byteCount
            let mark = ChunkMark(position: joined.position, arrivalMs: joined.arrivalMs, flags: joined.flags)
            out(joined.isHeld ? held.span.extracting(range) : chunk.extracting(range), mark)
        }
    }

    private mutating func drop(until end: Int) {
        pieces.removeSubrange(0..<end)
        if let first = firstUndecided { firstUndecided = first - end }
        // Held bytes are those of one undecided picture and what came with it: they go together, or not at all.
        if !pieces.contains(where: { $0.isHeld }) { held.removeAll(keepingCapacity: true) }
    }
}
