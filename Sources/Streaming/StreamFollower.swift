package import Configuration
import Fanout
import LoopIO

/// A stream that is at home on another loop, and its viewers on this one.
///
/// The follower asks its home for the lanes that its viewers need, and gets a new view of them with every flush: the
/// segments are shared, the cursors and outlets are this loop's own.
package final class StreamFollower {
    /// How often it tells its home how its viewers fare, in milliseconds.
    static let reportMs: Int64 = 250
    /// A follower that nobody used for so long leaves its stream; the next viewer makes a new one.
    static let idleMsMax: Int64 = 5000

    package let id: StreamID
    package let policy: StreamPolicy
    package let audience: Audience
    private let home: Int
    private unowned let registry: StreamRegistry
    private var bridge: StreamBridge?
    private var lanes: [FollowedLane] = []
    private var tickets = 0
    private var isDirty = false
    /// What is known of the stream at home; nil until it has answered.
    private(set) var status: StreamStatus?
    /// Those who asked for the stream before the home loop answered, or since it said that the stream has ended.
    private var joins: [(WatchedStream?) -> Void] = []
    private(set) var isOver = false
    /// The stream's Grace is over at home; a source that comes all the same takes this back.
    private(set) var hasEnded = false
    private var reportedMs: Int64
    private var usedMs: Int64

    init(id: StreamID, home: Int, registry: StreamRegistry) {
        self.id = id
        self.home = home
        self.registry = registry
        policy = registry.configuration.policy(for: id)
        audience = Audience(loop: registry.loop, directory: registry.directory)
        reportedMs = registry.loop.nowMs
        usedMs = registry.loop.nowMs
    }

    /// Asks the home loop for the stream. Called by the registry once.
    func attach() {
        // SAFETY: the letter is run on this follower's loop alone; other threads only carry it.
        nonisolated(unsafe) weak let follower = self
        let bridge = StreamBridge(far: registry.index, mailbox: registry.loop.mailbox) { follower?.newsCame() }
        self.bridge = bridge
        let id = id
        registry.directory.post(to: home) { $0.attach(bridge, to: id) }
    }

    /// Answers when the home loop has: with the stream, or nil when there is none.
    ///
    /// - Returns: the answer, if it is known already.
    func join(later: @escaping (WatchedStream?) -> Void) -> WatchedStream? {
        usedMs = registry.loop.nowMs
        if status != nil, !hasEnded { return .followed(self) }
        joins.append(later)
        return nil
    }

    /// Takes a viewer in: now, or when its lane has come.
    func add(_ viewer: Viewer) {
        usedMs = registry.loop.nowMs
        if let index = lanes.firstIndex(where: { $0.key == viewer.key }) {
            guard let view = lanes[index].view else { return lanes[index].waiting.append(viewer) }
            return audience.add(viewer, view: view, nowMs: registry.loop.nowMs)
        }
        guard let bridge else { return viewer.turnedAway(.streamEnded) }
        tickets += 1
        let ticket = tickets
        var lane = FollowedLane(key: viewer.key, ticket: ticket)
        lane.waiting.append(viewer)
        lanes.append(lane)
        let (id, key, start) = (id, viewer.key, viewer.start)
        registry.directory.post(to: home) { registry in
            registry.stream(id)?.open(key, for: bridge, ticket: ticket, start: start)
        }
    }

    /// Writes what is new to the viewers here. Called from the prepare handle, before the loop blocks.
    func pump() {
        isDirty = false
        let nowMs = registry.loop.nowMs
        for index in lanes.indices where lanes[index].isDirty {
            lanes[index].wasPumped()
            guard let view = lanes[index].view else { continue }
            audience.pump(key: lanes[index].key, view: view, nowMs: nowMs)
        }
    }

    /// Called a few times a second.
    func tick(nowMs: Int64) {
        audience.sweep(nowMs: nowMs)
        closeUnwatchedLanes()
        let hasViewers = audience.count > 0 || !lanes.isEmpty
        if hasViewers || !joins.isEmpty { usedMs = nowMs }
        // Whoever was seated since the end belongs to the next source, or is ended with the next word from home.
        if hasEnded, !hasViewers { return leaveEnded() }
        if nowMs - usedMs >= StreamFollower.idleMsMax { return leave() }
        guard nowMs - reportedMs >= StreamFollower.reportMs else { return }
        reportedMs = nowMs
        bridge?.report(figures)
    }

    /// Leaves a stream that has ended, and asks anew for those who came since: its home knows whether there is a next
    /// one. Who waits here must not keep the stream that is over.
    private func leaveEnded() {
        let asked = joins
        joins.removeAll()
        leave()
        for join in asked {
            switch registry.join(id, later: join) {
            case .now(let stream): join(stream)
            case .pending: break
            case .no: join(nil)
            }
        }
    }

    /// Leaves the stream; the registry forgets this follower then.
    func leave() {
        guard !isOver else { return }
        isOver = true
        endAll(.streamEnded)
        answer(nil)
        guard let bridge else { return }
        self.bridge = nil
        bridge.report(figures)
        let id = id
        registry.directory.post(to: home) { $0.stream(id)?.detach(bridge) }
    }

    /// Ends every viewer, also those that still wait for their lane.
    func endAll(_ reason: Viewer.End) {
        audience.endAll(reason)
        for index in lanes.indices {
            let waiting = lanes[index].waiting
            lanes[index].waiting.removeAll()
            for viewer in waiting { viewer.turnedAway(reason) }
        }
    }

    private var figures: StreamBridge.Figures {
        StreamBridge.Figures(
            viewers: audience.viewers, skips: audience.skips(nowMs: registry.loop.nowMs), bytesSent: audience.bytesSent)
    }

    /// The home loop has said something.
    private func newsCame() {
        guard !isOver, let bridge else { return }
        let news = bridge.collect(into: &lanes)
        if news.isRefused { return leave() }
        if let newStatus = news.status {
            status = newStatus
            if newStatus.state == .live { hasEnded = false }
            if !hasEnded { answer(.followed(self)) }
        }
        seatTheWaiting()
        if !isDirty, lanes.contains(where: \.isDirty) {
            isDirty = true
            registry.markDirty(self)
        }
        if let end = news.end {
            hasEnded = true
            endAll(end)
        }
    }

    private func seatTheWaiting() {
        for index in lanes.indices where !lanes[index].waiting.isEmpty {
            guard let view = lanes[index].view else { continue }
            let waiting = lanes[index].waiting
            lanes[index].waiting.removeAll()
            for viewer in waiting where !viewer.hasLeft {
                audience.add(viewer, view: view, nowMs: registry.loop.nowMs)
            }
        }
    }

    private func answer(_ stream: WatchedStream?) {
        let asked = joins
        joins.removeAll()
        for join in asked { join(stream) }
    }

    private func closeUnwatchedLanes() {
        for lane in lanes where lane.view != nil && lane.waiting.isEmpty && !audience.watches(lane.key) {
            guard let bridge else { return }
            let (id, key) = (id, lane.key)
            registry.directory.post(to: home) { $0.stream(id)?.close(key, for: bridge) }
        }
        lanes.removeAll { $0.view != nil && $0.waiting.isEmpty && !audience.watches($0.key) }
    }
}

@available(*, unavailable) extension StreamFollower: Sendable {}
