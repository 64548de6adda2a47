import TransportStream

/// A viewer's place in a lane, and how it starts, falls behind and comes back.
///
/// Pure arithmetic on lane offsets: the pump asks `plan` what to send, sends, and tells by `advance` how far it came.
/// A cursor that is further behind than its `LagRule` finishes the picture it is in, then goes to a random access point
/// ahead of it. It never goes backwards and never leaves less than a whole picture.
package struct Cursor {
    /// What to send now.
    package enum Plan {
        /// Nothing until the lane grows.
        case wait
        /// The lane's bytes from the cursor on; `preamble` before the first of them.
        case lane(preamble: [UInt8])
        /// The rest of a picture that the lane itself may have dropped.
        case tail(LaneView)
    }

    /// What a cursor did not send since it fell behind, in whole pictures.
    package struct Skips: Equatable {
        package var times: UInt64 = 0
        package var pictures: UInt64 = 0

        package init(times: UInt64 = 0, pictures: UInt64 = 0) {
            self.times = times
            self.pictures = pictures
        }
    }

    /// The rest of a picture, held by the one cursor that is still in it.
    final class Tail {
        let view: LaneView
        init(_ view: LaneView) { self.view = view }
    }

    enum Phase {
        /// The source was silent when it came: it starts with the next bytes, like one who comes then.
        case paused(startBytesMax: Int)
        /// For a random access point at or after this offset.
        case waiting(notBefore: Int64)
        case flowing
        case finishing(Tail)
    }

    package private(set) var offset: Int64
    private(set) var phase: Phase
    /// What is counted for good: pictures are when the cursor goes on, see `skips(in:nowMs:rule:)`.
    package private(set) var skips = Skips()
    /// What a start behind the head adds to the lag that is allowed, until the head is reached once.
    private var startLagMs: Int64 = 0
    private var startLagBytes: Int64 = 0
    /// Pictures that had begun in the lane where this cursor left it; nil while it has not fallen behind.
    private var leftAtPicture: UInt64?
    private var isLast = false

    package init(start rule: StartRule, view: LaneView, nowMs: Int64) {
        offset = view.headOffset
        switch rule {
        case .raw: phase = .flowing
        case .live: phase = .waiting(notBefore: view.headOffset)
        case .gop(let bytesMax):
            phase = .paused(startBytesMax: bytesMax)
            if !view.isSilent || view.start == nil { enter(view, startBytesMax: bytesMax, nowMs: nowMs) }
        }
    }

    private mutating func enter(_ view: LaneView, startBytesMax: Int, nowMs: Int64) {
        if let start = view.start, view.headOffset - start.offset <= Int64(startBytesMax) {
            phase = .waiting(notBefore: start.offset)
            startLagMs = max(0, nowMs - start.arrivalMs)
            startLagBytes = view.headOffset - start.offset
        } else {
            phase = .waiting(notBefore: view.headOffset)
        }
    }

    /// It has not started, or has fallen behind and waits for the next random access point.
    package var isWaiting: Bool {
        switch phase {
        case .paused, .waiting: true
        case .flowing, .finishing: false
        }
    }

    /// Milliseconds between the arrival of the next bytes to send and `nowMs`; 0 at the head.
    package func lagMs(in view: LaneView, nowMs: Int64) -> Int64 {
        guard case .flowing = phase, let entry = view.entry(atOrAfter: offset) else { return 0 }
        return max(0, nowMs - entry.mark.arrivalMs)
    }

    /// Whether this cursor is further behind than its rule allows.
    package func isBehind(in view: LaneView, nowMs: Int64, rule: LagRule) -> Bool {
        guard case .flowing = phase, offset < view.headOffset else { return false }
        if view.headOffset - offset > rule.bytesMax + startLagBytes { return true }
        return lagMs(in: view, nowMs: nowMs) > rule.msMax + startLagMs
    }

    /// What was not sent since it fell behind, with what is lost already though the cursor has not moved since.
    ///
    /// Only pictures that nothing can bring back count, those before the place where it would go on at this moment; so the
    /// number never falls, and is the counted one once it has gone on.
    package func skips(in view: LaneView, nowMs: Int64, rule: LagRule) -> Skips {
        var sum = skips
        let left: UInt64
        if let leftAtPicture {
            left = leftAtPicture
        } else if isBehind(in: view, nowMs: nowMs, rule: rule) {
            sum.times += 1
            left = view.picturesBefore(view.pictureBoundary(atOrAfter: offset))
        } else {
            return sum
        }
        var next = view.pictures
        if case .waiting(let notBefore) = phase {
            if let start = view.start, start.offset >= notBefore {
                next = view.picturesBefore(view.firstRandomAccess(atOrAfter: notBefore) ?? start.offset)
            }
        } else if let start = freshStart(in: view, nowMs: nowMs, rule: rule) {
            next = view.picturesBefore(start.offset)
        }
        sum.pictures += next > left ? next - left : 0
        return sum
    }

    /// It is at `head` and only has to send what follows, as everyone who keeps up: no plan is needed.
    package func keepsUp(at head: Int64) -> Bool {
        guard offset == head, !isLast, case .flowing = phase else { return false }
        return true
    }

    /// Everything up to the head of its lane was sent.
    package mutating func reachedHead(_ head: Int64) {
        precondition(head >= offset, "a cursor never goes backwards")
        offset = head
        startLagMs = 0
        startLagBytes = 0
    }

    /// What to send next. Called when nothing of this viewer is in flight, so the cursor is at a frame's begin.
    package mutating func plan(in view: LaneView, nowMs: Int64, rule: LagRule) -> Plan {
        if case .finishing(let tail) = phase {
            if offset < tail.view.headOffset { return .tail(tail.view) }
            if isLast { return .wait }
            resume(in: view, nowMs: nowMs, rule: rule)
        }
        if isLast { return .wait }
        if isBehind(in: view, nowMs: nowMs, rule: rule) {
            fallBehind(in: view)
            if case .finishing(let tail) = phase, offset < tail.view.headOffset { return .tail(tail.view) }
            resume(in: view, nowMs: nowMs, rule: rule)
        }
        if case .paused(let startBytesMax) = phase {
            guard !view.isSilent else { return .wait }
            enter(view, startBytesMax: startBytesMax, nowMs: nowMs)
        }
        if case .waiting(let notBefore) = phase {
            if let start = view.start, start.offset >= notBefore {
                begin(at: view.firstRandomAccess(atOrAfter: notBefore) ?? start.offset, in: view)
                return .lane(preamble: start.preamble)
            }
            guard view.isOpaque else { return .wait }
            // Nothing in this stream tells where decoding can start, so any packet is as good as another.
            offset = view.headOffset
            phase = .flowing
            leftAtPicture = nil
        }
        if offset == view.headOffset {
            startLagMs = 0
            startLagBytes = 0
            return .wait
        }
        return .lane(preamble: [])
    }

    /// The bytes up to `newOffset`, a frame's end, were sent or are in flight.
    package mutating func advance(to newOffset: Int64) {
        precondition(newOffset >= offset, "a cursor never goes backwards")
        offset = newOffset
    }

    /// The cursor goes no further than the end of the picture it is in; nothing new starts.
    ///
    /// - Parameter isBehind: since it is too far behind, so that what it does not get counts as skipped.
    package mutating func finishPicture(in view: LaneView, isBehind: Bool = false) {
        if case .finishing = phase {
            // The rest of its picture is all that is left already.
        } else if isBehind, case .flowing = phase {
            fallBehind(in: view)
        } else if case .flowing = phase, offset < view.headOffset {
            let boundary = view.pictureBoundary(atOrAfter: offset)
            phase = .finishing(Tail(view.slice(from: offset, to: boundary)))
        }
        isLast = true
    }

    /// `finishPicture` was called, and the picture is finished.
    package var isFinished: Bool {
        guard isLast else { return false }
        if case .finishing(let tail) = phase { return offset >= tail.view.headOffset }
        return true
    }

    /// The lane is about to drop bytes that this cursor has not sent: the rest of its picture is held for it.
    package mutating func laneWillDrop(from old: LaneView, newStart: Int64) {
        guard case .flowing = phase, offset < newStart else { return }
        fallBehind(in: old)
    }

    private mutating func fallBehind(in view: LaneView) {
        let boundary = view.pictureBoundary(atOrAfter: offset)
        leftAtPicture = view.picturesBefore(boundary)
        skips.times += 1
        phase = .finishing(Tail(view.slice(from: offset, to: boundary)))
    }

    /// The picture is finished: on to the newest random access point ahead if it is fresh enough, else wait for the next.
    private mutating func resume(in view: LaneView, nowMs: Int64, rule: LagRule) {
        guard case .finishing = phase else { return }
        startLagMs = 0
        startLagBytes = 0
        if view.pictures == 0 {
            offset = view.headOffset
            phase = .flowing
            leftAtPicture = nil
        } else if let start = freshStart(in: view, nowMs: nowMs, rule: rule) {
            phase = .waiting(notBefore: start.offset)
        } else {
            phase = .waiting(notBefore: max(offset, view.headOffset))
        }
    }

    /// The last random access point, if it lies ahead of this cursor and within the rule.
    private func freshStart(in view: LaneView, nowMs: Int64, rule: LagRule) -> LaneView.Start? {
        guard let start = view.start, start.offset >= offset, nowMs - start.arrivalMs <= rule.msMax,
            view.headOffset - start.offset <= rule.bytesMax
        else { return nil }
        return start
    }

    private mutating func begin(at start: Int64, in view: LaneView) {
        if let left = leftAtPicture {
            let here = view.picturesBefore(start)
            skips.pictures += here > left ? here - left : 0
            leftAtPicture = nil
        }
        offset = start
        phase = .flowing
    }
}
