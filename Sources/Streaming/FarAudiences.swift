import Fanout

/// The other loops that follow a stream, as its home loop knows them.
struct FarAudiences {
    private struct Follower {
        let bridge: StreamBridge
        var keys: [LaneKey] = []
    }

    private var followers: [Follower] = []
    /// Sums over followers that have left.
    private var gone = StreamBridge.Figures()

    var isEmpty: Bool { followers.isEmpty }

    /// Lanes that any of them wants.
    func wants(_ key: LaneKey) -> Bool { followers.contains { $0.keys.contains(key) } }

    /// How all viewers on other loops fare, a quarter of a second ago.
    var figures: StreamBridge.Figures {
        followers.reduce(into: gone) { sum, follower in
            let figures = follower.bridge.figures
            sum.viewers += figures.viewers
            sum.skips.times += figures.skips.times
            sum.skips.pictures += figures.skips.pictures
            sum.bytesSent += figures.bytesSent
        }
    }

    /// Viewers of each loop that follows.
    var viewers: [Int] { followers.map(\.bridge.figures.viewers) }

    mutating func attach(_ bridge: StreamBridge) { followers.append(Follower(bridge: bridge)) }

    mutating func detach(_ bridge: StreamBridge) {
        guard let index = followers.firstIndex(where: { $0.bridge === bridge }) else { return }
        let last = followers.remove(at: index).bridge.figures
        gone.skips.times += last.skips.times
        gone.skips.pictures += last.skips.pictures
        gone.bytesSent += last.bytesSent
    }

    /// A loop wants a lane, which shows `view` at this moment.
    mutating func open(_ key: LaneKey, for bridge: StreamBridge, ticket: Int, view: LaneView) {
        guard let index = followers.firstIndex(where: { $0.bridge === bridge }) else { return }
        if !followers[index].keys.contains(key) { followers[index].keys.append(key) }
        bridge.open(key, ticket: ticket, view: view)
    }

    mutating func close(_ key: LaneKey, for bridge: StreamBridge) {
        guard let index = followers.firstIndex(where: { $0.bridge === bridge }) else { return }
        followers[index].keys.removeAll { $0 == key }
        bridge.close(key)
    }

    /// A lane has grown. Called with every flush.
    func publish(_ key: LaneKey, _ view: LaneView) {
        for follower in followers where follower.keys.contains(key) { follower.bridge.publish(key, view) }
    }

    func publish(_ status: StreamStatus) {
        for follower in followers { follower.bridge.publish(status) }
    }

    func endAll(_ reason: Viewer.End) {
        for follower in followers { follower.bridge.endAll(reason) }
    }
}
