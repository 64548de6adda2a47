import TransportStream

/// What one loop knows of a lane at one moment: its segments and how far they are written.
///
/// The home loop shows its view with every flush, and whoever keeps one brings it up to date by `follow`. A cursor is a
/// lane offset that is resolved against the view, so reference counts are touched once per segment and loop, not once
/// per viewer.
package struct LaneView: Sendable {
    /// Where a viewer may start: at the last random access point.
    package struct Start: Sendable {
        package let offset: Int64
        package let arrivalMs: Int64
        /// Frames to send before it: the PAT and PMT, framed; empty when they directly precede the picture anyway.
        package let preamble: [UInt8]
    }

    package internal(set) var segments: [Segment] = []
    /// Lane offset behind the last whole frame.
    package internal(set) var headOffset: Int64 = 0
    /// Lines in the index of the last segment.
    var tailEntryCount = 0
    /// The last random access point, if the lane still holds it.
    package internal(set) var start: Start?
    /// Arrival of the newest chunk.
    package internal(set) var headArrivalMs: Int64 = 0
    /// Pictures that began in this lane so far.
    package internal(set) var pictures: UInt64 = 0
    /// Nothing in the stream tells where a picture begins, so that a start anywhere is as good.
    package internal(set) var isOpaque = false

    /// The source sends nothing at present: whoever comes waits for it, instead of getting a picture that stands still.
    package internal(set) var isSilent = false

    package init() {}

    /// Oldest lane offset that is still held.
    package var startOffset: Int64 { segments.isEmpty ? headOffset : segments[0].startOffset }

    /// Becomes what `newer` is, in an array of its own that is used again: a lane that goes on costs its followers no
    /// allocation, and no array is shared between loops.
    ///
    /// - Parameters:
    ///   - newer: a later view of the same lane, or a view of another one.
    ///   - keptBytesMax: what this view holds ahead of the newer one stays, if there are no more bytes of it, for a reader
    ///     that has not seen this view yet: it must not find a hole between the head that it knows and the newer start.
    ///     Above 0 on the lane's home loop only.
    package mutating func follow(_ newer: LaneView, keeping keptBytesMax: Int = 0) {
        var own: [Segment] = []
        swap(&own, &segments)
        var older = 0
        while older < own.count, newer.segments.isEmpty || !(own[older] === newer.segments[0]) { older += 1 }
        var shared = own.count - older
        // Two views of one lane differ at their ends alone.
        if shared > newer.segments.count || shared > 0 && !(own[own.count - 1] === newer.segments[shared - 1]) {
            older = own.count
            shared = 0
        }
        let keeps =
            keptBytesMax > 0 && older > 0 && newer.startOffset - own[0].startOffset <= Int64(keptBytesMax)
            && own[older - 1].endOffset == newer.startOffset
        if older > 0 && !keeps { own.removeFirst(older) }
        for index in shared..<newer.segments.count { own.append(newer.segments[index]) }
        self = newer
        segments = own
    }

    /// Index of the segment that holds `offset`, which lies in `startOffset ..< headOffset`.
    package func segmentIndex(of offset: Int64) -> Int {
        let last = segments.count - 1
        if last >= 0, segments[last].startOffset <= offset { return last }
        var low = 0
        var high = last
        while low < high {
            let middle = (low + high + 1) / 2
            if segments[middle].startOffset <= offset { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// Lane offset behind the last byte of segment `index` that this view may read.
    package func endOffset(ofSegment index: Int) -> Int64 {
        index + 1 < segments.count ? min(segments[index + 1].startOffset, headOffset) : headOffset
    }

    /// The chunk that begins at or after `offset`; nil at the head.
    package func entry(atOrAfter offset: Int64) -> ChunkEntry? {
        guard let place = place(atOrAfter: offset) else { return nil }
        return segments[place.segment].entry(place.entry)
    }

    /// Pictures that began in this lane before the chunk at or after `offset`.
    func picturesBefore(_ offset: Int64) -> UInt64 { entry(atOrAfter: offset)?.picturesBefore ?? pictures }

    /// The first place at or after `offset` that lies between two pictures; the head if there is none.
    package func pictureBoundary(atOrAfter offset: Int64) -> Int64 {
        var boundary = headOffset
        forEachEntry(from: offset) { entry, end in
            if entry.mark.flags.contains(.startsPicture) {
                boundary = entry.offset
                return false
            }
            if entry.mark.flags.contains(.endsPicture) {
                boundary = end
                return false
            }
            return true
        }
        return boundary
    }

    /// The first random access point at or after `offset`: whoever waited for one misses nothing behind it.
    package func firstRandomAccess(atOrAfter offset: Int64) -> Int64? {
        var found: Int64?
        forEachEntry(from: max(offset, startOffset)) { entry, _ in
            guard entry.mark.flags.contains(.randomAccess) else { return true }
            found = entry.offset
            return false
        }
        return found
    }

    /// The part of this view from `offset` to `end`, with only the segments that it needs.
    package func slice(from offset: Int64, to end: Int64) -> LaneView {
        var part = LaneView()
        part.headOffset = end
        guard offset < end, !segments.isEmpty else { return part }
        let first = segmentIndex(of: offset)
        let last = segmentIndex(of: end - 1)
        part.segments = Array(segments[first...last])
        return part
    }

    /// Calls `body` with each chunk from `offset` on and the lane offset of its end, until it returns false.
    func forEachEntry(from offset: Int64, _ body: (ChunkEntry, Int64) -> Bool) {
        guard var place = place(atOrAfter: offset) else { return }
        while place.segment < segments.count {
            let segment = segments[place.segment]
            let count = entryCount(ofSegment: place.segment)
            while place.entry < count {
                let end =
                    place.entry + 1 < count
                    ? segment.entry(place.entry + 1).offset : endOffset(ofSegment: place.segment)
                guard body(segment.entry(place.entry), end) else { return }
                place.entry += 1
            }
            place.segment += 1
            place.entry = 0
        }
    }

    private func entryCount(ofSegment index: Int) -> Int {
        index == segments.count - 1 ? tailEntryCount : segments[index].entryCount
    }

    private func place(atOrAfter offset: Int64) -> (segment: Int, entry: Int)? {
        guard offset < headOffset, !segments.isEmpty else { return nil }
        let segment = segmentIndex(of: max(offset, startOffset))
        var low = 0
        var high = entryCount(ofSegment: segment)
        while low < high {
            let middle = (low + high) / 2
            if segments[segment].entry(middle).offset < offset { low = middle + 1 } else { high = middle }
        }
        if low < entryCount(ofSegment: segment) { return (segment, low) }
        return segment + 1 < segments.count && entryCount(ofSegment: segment + 1) > 0 ? (segment + 1, 0) : nil
    }
}
