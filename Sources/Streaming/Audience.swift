import Fanout
import LoopIO

/// One stream's viewers on one loop, and the pump that writes to them.
///
/// What a write touches lies in one dense array per lane: outlet, cursor and state. A viewer that the kernel cannot take
/// more from is skipped until its write completes; nobody waits for anybody.
package final class Audience {
    struct Group {
        let key: LaneKey
        var view = LaneView()
        var slots: [ViewerSlot] = []
    }

    private let loop: EventLoop
    private let directory: StreamDirectory
    /// What one flush brings, for all who keep up.
    private let offer = SendList()
    private(set) var groups: [Group] = []
    /// Sums over viewers that have left.
    private var goneSkips = Cursor.Skips()
    private var goneBytes: UInt64 = 0
    /// Viewers that are sent away when they fall behind.
    private var kickable = 0
    private var nextSweepMs = Int64.min
    /// No end of a viewer is due before this; `.max` when none was started since the last sweep and none waits.
    private var nextEndDueMs = Int64.max

    init(loop: EventLoop, directory: StreamDirectory) {
        self.loop = loop
        self.directory = directory
    }

    /// How often viewers are looked at for being too far behind while they are blocked, in milliseconds. Who takes
    /// bytes is judged at each write.
    static let sweepMs: Int64 = 500

    /// Nodes that are fed.
    package private(set) var children = 0
    package var viewers: Int { count - children }
    var count: Int { groups.reduce(0) { $0 + $1.slots.count } }
    /// Whether anybody here watches the lane.
    func watches(_ key: LaneKey) -> Bool { groups.contains { $0.key == key && !$0.slots.isEmpty } }

    /// Whole pictures that viewers did not get since they were too slow, over all viewers that ever were here.
    func skips(nowMs: Int64) -> Cursor.Skips {
        var sum = goneSkips
        for group in groups {
            for slot in group.slots {
                let skips = slot.skips(in: group.view, nowMs: nowMs)
                sum.times += skips.times
                sum.pictures += skips.pictures
            }
        }
        return sum
    }

    package var bytesSent: UInt64 {
        groups.reduce(goneBytes) { $0 + $1.slots.reduce(0) { $0 + $1.bytesSent } }
    }

    /// Takes a viewer in; it starts by its rule in `view`, the lane's present state.
    func add(_ viewer: Viewer, view: LaneView, nowMs: Int64) {
        loop.preconditionOnLoop()
        var index = groups.firstIndex { $0.key == viewer.key }
        if index == nil {
            groups.append(Group(key: viewer.key))
            index = groups.count - 1
        }
        let group = index ?? 0
        let cursor = Cursor(start: viewer.start, view: view, nowMs: nowMs)
        viewer.place = (group, groups[group].slots.count)
        note(viewer, 1)
        if viewer.kicksWhenBehind { kickable += 1 }
        groups[group].slots.append(ViewerSlot(viewer, cursor: cursor))
        viewer.watchConnection()
        setView(view, group: group, nowMs: nowMs)
        pump(viewer, nowMs: nowMs)
    }

    /// Lets go of a viewer without a word to it.
    func remove(_ viewer: Viewer) {
        loop.preconditionOnLoop()
        guard let (group, slot) = viewer.place else { return }
        let gone = groups[group].slots[slot]
        let skips = gone.skips(in: groups[group].view, nowMs: loop.nowMs)
        goneSkips.times += skips.times
        goneSkips.pictures += skips.pictures
        goneBytes += gone.bytesSent
        if gone.kicksWhenBehind { kickable -= 1 }
        viewer.place = nil
        note(viewer, -1)
        viewer.forgetConnection()
        let last = groups[group].slots.removeLast()
        if last.viewer !== viewer {
            groups[group].slots[slot] = last
            last.viewer.place = (group, slot)
        }
        if groups[group].slots.isEmpty { groups[group].view = LaneView() }
    }

    /// Ends a viewer at the end of the picture that it is in.
    package func end(_ viewer: Viewer, _ reason: Viewer.End) {
        guard let (group, slot) = viewer.place, groups[group].slots[slot].ending == nil else { return }
        let nowMs = loop.nowMs
        groups[group].slots[slot].startEnding(reason, view: groups[group].view, nowMs: nowMs)
        nextEndDueMs = min(nextEndDueMs, nowMs + ViewerSlot.endMsMax)
        pump(viewer, nowMs: nowMs)
    }

    /// Ends every viewer.
    package func endAll(_ reason: Viewer.End) {
        for viewer in groups.flatMap({ $0.slots.map(\.viewer) }) { end(viewer, reason) }
    }

    /// How a viewer fares; nil when it is not, or no longer, in this audience.
    package func figures(of viewer: Viewer) -> (skippedPictures: UInt64, lagMs: Int64)? {
        guard viewer.audience === self, let (group, slot) = viewer.place else { return nil }
        return figures(of: groups[group].slots[slot], in: groups[group].view)
    }

    private func figures(of slot: ViewerSlot, in view: LaneView) -> (skippedPictures: UInt64, lagMs: Int64) {
        let nowMs = loop.nowMs
        return (slot.skips(in: view, nowMs: nowMs).pictures, slot.cursor.lagMs(in: view, nowMs: nowMs))
    }

    /// A lane has grown: writes to everyone who is not blocked. Called from the prepare handle, before the loop blocks.
    func pump(key: LaneKey, view: LaneView, nowMs: Int64) {
        guard let group = groups.firstIndex(where: { $0.key == key }), !groups[group].slots.isEmpty else { return }
        let before = groups[group].view.headOffset
        setView(view, group: group, nowMs: nowMs)
        // Everyone who keeps up is at the head as it was, and is sent the same.
        let end = offer.gather(view, from: before)
        var leaving: [(viewer: Viewer, end: Viewer.End)] = []
        // Moved out for the loop, so that exclusivity is checked once and not for every viewer.
        var slots: [ViewerSlot] = []
        swap(&slots, &groups[group].slots)
        for slot in slots.indices where !slots[slot].isBlocked {
            let ending = slots[slot].flush(offer, from: before, upTo: end, view: view, nowMs: nowMs)
            if let ending { leaving.append((slots[slot].viewer, ending)) }
        }
        swap(&slots, &groups[group].slots)
        for gone in leaving { letGo(gone.viewer, gone.end) }
    }

    /// Looks for viewers that are blocked and too far behind, or that have not left in time.
    ///
    /// Called a few times a second. It looks at the slots twice a second at most, but for an end that is due, and only
    /// where someone is to leave or may be sent away; it touches no `Viewer` but of those who go.
    func sweep(nowMs: Int64) {
        guard nowMs >= nextEndDueMs || nowMs >= nextSweepMs else { return }
        nextSweepMs = nowMs + Audience.sweepMs
        guard kickable > 0 || nextEndDueMs < .max else { return }
        nextEndDueMs = .max
        var leaving: [(viewer: Viewer, end: Viewer.End)] = []
        for group in groups.indices {
            let view = groups[group].view
            var slots: [ViewerSlot] = []
            swap(&slots, &groups[group].slots)
            for slot in slots.indices {
                if slots[slot].isTooSlow(in: view, nowMs: nowMs) {
                    slots[slot].startEnding(.tooSlow, view: view, nowMs: nowMs)
                }
                guard let end = slots[slot].ending else { continue }
                if nowMs >= slots[slot].endDueMs {
                    leaving.append((slots[slot].viewer, end))
                } else {
                    nextEndDueMs = min(nextEndDueMs, slots[slot].endDueMs)
                }
            }
            swap(&slots, &groups[group].slots)
        }
        for gone in leaving { letGo(gone.viewer, gone.end) }
    }

    func send(control bytes: [UInt8], to viewer: Viewer) {
        viewer.control = bytes
        guard let (group, slot) = viewer.place else { return }
        groups[group].slots[slot].hasControl = true
        if !groups[group].slots[slot].isBlocked { pump(viewer, nowMs: loop.nowMs) }
    }

    private func note(_ viewer: Viewer, _ change: Int) {
        if viewer.tier == .child {
            children += change
        } else {
            directory.viewersChanged(by: change)
        }
    }

    private func setView(_ view: LaneView, group: Int, nowMs: Int64) {
        if view.startOffset > groups[group].view.startOffset {
            let old = groups[group].view
            for slot in groups[group].slots.indices {
                groups[group].slots[slot].laneWillDrop(from: old, to: view, nowMs: nowMs)
            }
        }
        groups[group].view.follow(view)
    }

    private func pump(_ viewer: Viewer, nowMs: Int64) {
        guard let (group, slot) = viewer.place, !groups[group].slots[slot].isBlocked else { return }
        let view = groups[group].view
        if let end = groups[group].slots[slot].write(view: view, nowMs: nowMs) { letGo(viewer, end) }
    }

    func written(_ viewer: Viewer, error: IOError?) {
        guard let (group, slot) = viewer.place else { return }
        groups[group].slots[slot].isBlocked = false
        if error != nil { return letGo(viewer, .connectionLost) }
        pump(viewer, nowMs: loop.nowMs)
    }

    /// Its descriptor may be another connection's in a moment.
    func closing(_ viewer: Viewer) {
        guard let (group, slot) = viewer.place else { return }
        groups[group].slots[slot].descriptor = nil
    }

    private func letGo(_ viewer: Viewer, _ end: Viewer.End) {
        guard viewer.place != nil else { return }
        remove(viewer)
        let tell = viewer.onEnd
        viewer.onEnd = nil
        tell?(end)
    }
}

extension SendList {
    /// Gathers what the lane holds from offset `from` to its head, as far as one call can offer it.
    ///
    /// - Returns: lane offset behind the last byte; nil when there is nothing, or when its begin is not held any more.
    fileprivate func gather(_ view: LaneView, from: Int64) -> Int64? {
        clear()
        guard from < view.headOffset, from >= view.startOffset else { return nil }
        var end = from
        var index = view.segmentIndex(of: from)
        while index < view.segments.count, !isFull {
            let next = view.endOffset(ofSegment: index)
            append(view.segments[index].buffer(from: end, to: next))
            end = next
            index += 1
        }
        return end
    }
}

@available(*, unavailable) extension Audience: Sendable {}
