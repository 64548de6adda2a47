import Fanout
import LoopIO

/// What a stream's home loop and one other loop, whose viewers follow the stream, share.
///
/// ```
/// home: LiveStream.pump -> bridge.publish(view)          one lock a flush
///                          one letter, unless one is on its way already
/// far:  StreamFollower.newsCame -> bridge.collect -> audience.pump
/// ```
///
/// What the home loop says replaces what it said before, so a far loop that is late gets one letter and the newest
/// state. Requests go the other way as letters, in order.
final class StreamBridge: Sendable {
    /// Bytes of a lane that are held for a far loop beyond what the lane itself holds; one that is so late that there
    /// would be more has been standing still for seconds.
    static let uncollectedBytesMax = 16 << 20

    /// How the viewers of one loop fare, summed up.
    struct Figures: Sendable {
        var viewers = 0
        var skips = Cursor.Skips()
        var bytesSent: UInt64 = 0
    }

    /// A lane that the far loop wants.
    private struct OpenLane {
        let key: LaneKey
        let ticket: Int
        var view = LaneView()
        var isNew: Bool
    }

    /// Number of the loop that follows.
    let far: Int
    private let letter: @Sendable () -> Void
    private let mailbox: Mailbox
    private let lock = Lock()
    // SAFETY: everything below is used under `lock` alone.
    private nonisolated(unsafe) var lanes: [OpenLane] = []
    private nonisolated(unsafe) var status: StreamStatus?
    private nonisolated(unsafe) var end: Viewer.End?
    private nonisolated(unsafe) var isRefused = false
    private nonisolated(unsafe) var isPosted = false
    private nonisolated(unsafe) var latestFigures = Figures()

    /// - Parameter letter: run on the far loop when there is something to collect.
    init(far: Int, mailbox: Mailbox, letter: @escaping @Sendable () -> Void) {
        self.far = far
        self.mailbox = mailbox
        self.letter = letter
    }

    // MARK: On the home loop

    /// A lane is open for the far loop from here on.
    ///
    /// - Parameter ticket: the far loop's number of its request: an answer to an older one is no answer.
    func open(_ key: LaneKey, ticket: Int, view: LaneView) {
        say {
            lanes.removeAll { $0.key == key }
            var lane = OpenLane(key: key, ticket: ticket, isNew: true)
            lane.view.follow(view)
            lanes.append(lane)
        }
    }

    func close(_ key: LaneKey) { lock.withLock { lanes.removeAll { $0.key == key } } }

    /// A lane has grown.
    func publish(_ key: LaneKey, _ view: LaneView) {
        say {
            for index in lanes.indices where lanes[index].key == key {
                // What the far loop has not collected yet must not vanish under its viewers.
                let kept = lanes[index].isNew ? StreamBridge.uncollectedBytesMax : 0
                lanes[index].view.follow(view, keeping: kept)
                lanes[index].isNew = true
            }
        }
    }

    func publish(_ newStatus: StreamStatus) { say { status = newStatus } }

    /// The far loop's viewers are to leave.
    func endAll(_ reason: Viewer.End) { say { end = reason } }

    /// There is no such stream.
    func refuse() { say { isRefused = true } }

    var figures: Figures { lock.withLock { latestFigures } }

    private func say(_ change: () -> Void) {
        let mustPost = lock.withLock {
            change()
            defer { isPosted = true }
            return !isPosted
        }
        if mustPost { mailbox.post(letter) }
    }

    // MARK: On the far loop

    /// What has been said since the last call, but for lanes.
    struct News {
        var status: StreamStatus?
        var end: Viewer.End?
        var isRefused = false
    }

    /// Takes what is new; the views go straight to `followed`.
    func collect(into followed: inout [FollowedLane]) -> News {
        var news = News()
        // Exclusive access to the caller's lanes is taken once.
        withExtendedLifetime(self) {
            lock.withLock {
                isPosted = false
                for lane in lanes.indices where lanes[lane].isNew {
                    lanes[lane].isNew = false
                    for index in followed.indices where followed[index].ticket == lanes[lane].ticket {
                        followed[index].take(lanes[lane].view)
                    }
                }
                swap(&news.status, &status)
                swap(&news.end, &end)
                news.isRefused = isRefused
            }
        }
        return news
    }

    func report(_ figures: Figures) { lock.withLock { latestFigures = figures } }
}
