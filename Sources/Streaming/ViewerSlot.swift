import Fanout
import LoopIO

/// What a write to one viewer touches, dense in its audience's array; the rest of a viewer is in `Viewer`.
struct ViewerSlot {
    /// Segments that one write may span: close to half a megabyte, more than any start at a WebSocket.
    static let segmentsPerWriteMax = TCPConnection.buffersPerWriteMax - 1

    /// How long a viewer that is to leave is waited for while it takes nothing.
    static let endMsMax: Int64 = 3000

    let outlet: Outlet
    /// The socket of an open connection; nil for datagrams and from the connection's close on.
    var descriptor: Int32?
    var cursor: Cursor
    let lag: LagRule
    let kicksWhenBehind: Bool
    /// A write is in flight; its completion goes on.
    var isBlocked = false
    /// The viewer has control bytes that wait for a frame's end.
    var hasControl = false
    /// After the picture it is in, the viewer leaves.
    private(set) var ending: Viewer.End?
    /// When an end that waits for a write of this viewer is over all the same; `.max` without an end.
    private(set) var endDueMs = Int64.max
    private(set) var bytesSent: UInt64 = 0
    /// Cold: touched only for control bytes and where the viewer goes.
    let viewer: Viewer

    init(_ viewer: Viewer, cursor: Cursor) {
        self.viewer = viewer
        self.cursor = cursor
        outlet = viewer.outlet
        if case .connection(let connection) = viewer.outlet { descriptor = connection.sendDescriptor }
        lag = viewer.lag
        kicksWhenBehind = viewer.kicksWhenBehind
        hasControl = !viewer.control.isEmpty
    }

    /// Pictures that it did not get since it is too slow, those included that it has lost while it stands still.
    func skips(in view: LaneView, nowMs: Int64) -> Cursor.Skips { cursor.skips(in: view, nowMs: nowMs, rule: lag) }

    /// Whether it is to be sent away since it is too far behind.
    func isTooSlow(in view: LaneView, nowMs: Int64) -> Bool {
        kicksWhenBehind && ending == nil && cursor.isBehind(in: view, nowMs: nowMs, rule: lag)
    }

    /// The viewer leaves after the picture that it is in, or when it has not taken the rest of that in `endMsMax`.
    mutating func startEnding(_ reason: Viewer.End, view: LaneView, nowMs: Int64) {
        ending = reason
        endDueMs = nowMs + ViewerSlot.endMsMax
        cursor.finishPicture(in: view, isBehind: reason == .tooSlow)
    }

    /// How far one call to the kernel came.
    private enum Progress {
        case all
        /// The kernel is full. For a connection the rest of a segment is queued.
        case full
        case lost
    }

    /// The lane is about to drop what `view` does not hold any more.
    ///
    /// A viewer that is to be sent away is judged here for the last time: afterwards its cursor only finishes a picture,
    /// and no longer shows how far behind it is.
    mutating func laneWillDrop(from old: LaneView, to view: LaneView, nowMs: Int64) {
        guard cursor.offset < view.startOffset else { return }
        if isTooSlow(in: old, nowMs: nowMs) || isTooSlow(in: view, nowMs: nowMs) {
            startEnding(.tooSlow, view: old, nowMs: nowMs)
        }
        cursor.laneWillDrop(from: old, newStart: view.startOffset)
    }

    /// Sends what a flush brought: the list, if this viewer was where it begins, else all that waits for it.
    ///
    /// One mutating call, since a look from outside copies the slot, and a copy touches its cold objects to count them.
    /// - Parameters:
    ///   - list: what was appended behind `before`.
    ///   - end: lane offset behind the list's last byte; nil when it is empty.
    /// - Returns: why the viewer is to leave, nil if it stays.
    mutating func flush(
        _ list: SendList, from before: Int64, upTo end: Int64?, view: LaneView, nowMs: Int64
    ) -> Viewer.End? {
        guard let end, keepsUp(at: before) else { return write(view: view, nowMs: nowMs) }
        return send(list, upTo: end, view: view, nowMs: nowMs)
    }

    /// Whether it can be sent what all who keep up are sent: what was appended behind `head`.
    private func keepsUp(at head: Int64) -> Bool {
        descriptor != nil && ending == nil && !hasControl && cursor.keepsUp(at: head)
    }

    /// Sends what all who keep up are sent, in one system call that touches nothing but this slot.
    ///
    /// - Parameters:
    ///   - list: the lane's bytes from the cursor on.
    ///   - end: lane offset behind the last byte of the list.
    /// - Returns: why the viewer is to leave, nil if it stays.
    private mutating func send(_ list: SendList, upTo end: Int64, view: LaneView, nowMs: Int64) -> Viewer.End? {
        guard let descriptor else { return nil }
        let taken = list.send(to: descriptor)
        if taken == list.totalBytes, end == view.headOffset {
            bytesSent += UInt64(taken)
            cursor.reachedHead(end)
            return nil
        }
        guard taken >= 0, case .connection(let connection) = outlet else { return .connectionLost }
        do throws(IOError) {
            _ = try settle(from: cursor.offset, taken: taken, offered: list.totalBytes, view, connection)
        } catch {
            return .connectionLost
        }
        return write(view: view, nowMs: nowMs)
    }

    /// Writes until the kernel takes no more or the viewer is at the head.
    ///
    /// - Returns: why the viewer is to leave, nil if it stays.
    mutating func write(view: LaneView, nowMs: Int64) -> Viewer.End? {
        while !isBlocked {
            if let ending, cursor.isFinished { return ending }
            if isTooSlow(in: view, nowMs: nowMs) {
                startEnding(.tooSlow, view: view, nowMs: nowMs)
                continue
            }
            let progress: Progress
            switch cursor.plan(in: view, nowMs: nowMs, rule: lag) {
            case .wait:
                if !hasControl { return nil }
                progress = send(preamble: [], lane: nil)
            case .lane(let preamble): progress = send(preamble: preamble, lane: view)
            case .tail(let tail): progress = send(preamble: [], lane: tail)
            }
            switch progress {
            case .all: continue
            case .full: return nil
            case .lost: return .connectionLost
            }
        }
        return nil
    }

    private mutating func send(preamble: [UInt8], lane: LaneView?) -> Progress {
        switch outlet {
        case .connection(let connection):
            // Both are rare: one preamble a start, one pong a ping.
            let prefix = !hasControl ? preamble : preamble.isEmpty ? takeControl() : takeControl() + preamble
            do throws(IOError) {
                return try prefix.isEmpty
                    ? send(lane, over: connection) : send(prefix, before: lane, over: connection)
            } catch {
                return .lost
            }
        case .datagrams(let datagrams):
            hasControl = false
            return send(preamble: preamble, lane: lane, as: datagrams)
        }
    }

    private mutating func takeControl() -> [UInt8] {
        hasControl = false
        var control: [UInt8] = []
        swap(&control, &viewer.control)
        return control
    }

    /// One system call for all that waits in the lane.
    private mutating func send(_ lane: LaneView?, over connection: TCPConnection) throws(IOError) -> Progress {
        guard let lane, cursor.offset < lane.headOffset else { return .all }
        let first = lane.segmentIndex(of: cursor.offset)
        let from = cursor.offset
        if first + 1 == lane.segments.count {
            let taken = try connection.tryWrite(lane.segments[first].buffer(from: from, to: lane.headOffset))
            return try settle(from: from, taken: taken, offered: Int(lane.headOffset - from), lane, connection)
        }
        let count = min(ViewerSlot.segmentsPerWriteMax, lane.segments.count - first)
        let end = lane.endOffset(ofSegment: first + count - 1)
        let taken = try gather(lane, from: from, segments: first..<first + count, prefix: [], connection)
        return try settle(from: from, taken: taken, offered: Int(end - from), lane, connection)
    }

    /// As above with bytes of this viewer alone ahead of it.
    private mutating func send(
        _ prefix: [UInt8], before lane: LaneView?, over connection: TCPConnection
    ) throws(IOError) -> Progress {
        let from = cursor.offset
        var segments = 0..<0
        var end = from
        if let lane, from < lane.headOffset {
            let first = lane.segmentIndex(of: from)
            segments = first..<min(first + ViewerSlot.segmentsPerWriteMax, lane.segments.count)
            end = lane.endOffset(ofSegment: segments.upperBound - 1)
        }
        let taken = try gather(lane ?? LaneView(), from: from, segments: segments, prefix: prefix, connection)
        if taken < prefix.count {
            let rest = PrefixRest(prefix[taken...])
            bytesSent += UInt64(prefix.count)
            isBlocked = true
            try connection.writeRest(rest.bytes, owner: rest)
            return .full
        }
        bytesSent += UInt64(prefix.count)
        guard let lane else { return .all }
        return try settle(from: from, taken: taken - prefix.count, offered: Int(end - from), lane, connection)
    }

    /// Offers the prefix and the segments from lane offset `from` on to the kernel in one call.
    private func gather(
        _ lane: LaneView, from: Int64, segments: Range<Int>, prefix: [UInt8], _ connection: TCPConnection
    ) throws(IOError) -> Int {
        let result = prefix.withUnsafeBytes { prefixBytes -> Result<Int, IOError> in
            // SAFETY: the list lies on the stack; the lane view keeps the segments for the length of the call.
            withUnsafeTemporaryAllocation(
                of: UnsafeRawBufferPointer.self, capacity: TCPConnection.buffersPerWriteMax
            ) { list -> Result<Int, IOError> in
                var count = 0
                if !prefixBytes.isEmpty {
                    list.initializeElement(at: 0, to: prefixBytes)
                    count = 1
                }
                for index in segments {
                    let segment = lane.segments[index]
                    let begin = max(from, segment.startOffset)
                    let bytes = segment.buffer(from: begin, to: lane.endOffset(ofSegment: index))
                    list.initializeElement(at: count, to: bytes)
                    count += 1
                }
                do throws(IOError) {
                    return .success(try connection.tryWrite(UnsafeBufferPointer(rebasing: list[..<count])))
                } catch {
                    return .failure(error)
                }
            }
        }
        return try result.get()
    }

    /// Moves the cursor by what the kernel took, and queues the rest of the segment that it stopped in.
    private mutating func settle(
        from: Int64, taken: Int, offered: Int, _ lane: LaneView, _ connection: TCPConnection
    ) throws(IOError) -> Progress {
        bytesSent += UInt64(taken)
        guard taken < offered else {
            cursor.advance(to: from + Int64(offered))
            return .all
        }
        let stop = from + Int64(taken)
        let index = lane.segmentIndex(of: stop)
        let end = lane.endOffset(ofSegment: index)
        let segment = lane.segments[index]
        bytesSent += UInt64(end - stop)
        cursor.advance(to: end)
        isBlocked = true
        try connection.writeRest(segment.buffer(from: stop, to: end), owner: segment.owner)
        return .full
    }

    private mutating func send(preamble: [UInt8], lane: LaneView?, as datagrams: DatagramOutlet) -> Progress {
        if !preamble.isEmpty {
            // A preamble that does not fit is lost like any datagram; the next tables come within a picture or two.
            bytesSent += UInt64(preamble.withUnsafeBytes { datagrams.send($0) })
        }
        guard let lane, cursor.offset < lane.headOffset else { return .all }
        let index = lane.segmentIndex(of: cursor.offset)
        let end = lane.endOffset(ofSegment: index)
        let sent = datagrams.send(lane.segments[index].buffer(from: cursor.offset, to: end))
        bytesSent += UInt64(sent)
        cursor.advance(to: cursor.offset + Int64(sent))
        return cursor.offset < end ? .full : .all
    }
}

/// Bytes of one viewer that the kernel did not take.
private final class PrefixRest {
    let bytes: UnsafeRawBufferPointer

    init(_ source: ArraySlice<UInt8>) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 1)
        copy.copyBytes(from: source)
        bytes = UnsafeRawBufferPointer(copy)
    }

    deinit { bytes.deallocate() }
}
