import Fanout

/// A lane of a stream that is at home on another loop, as far as this loop knows it.
struct FollowedLane {
    let key: LaneKey
    /// Of the request that opened it.
    let ticket: Int
    /// Nil until the home loop has answered.
    private(set) var view: LaneView?
    /// It has grown, and nobody here was told.
    private(set) var isDirty = false
    /// Viewers that came before the answer.
    var waiting: [Viewer] = []

    init(key: LaneKey, ticket: Int) {
        self.key = key
        self.ticket = ticket
    }

    mutating func take(_ newView: LaneView) {
        if view == nil { view = LaneView() }
        view?.follow(newView)
        isDirty = true
    }

    mutating func wasPumped() { isDirty = false }
}
