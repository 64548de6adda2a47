import LoopIO

/// The viewers of one thread that all come within one second, beside those who watch already.
///
/// Bound to its worker's loop.
final class LoadStorm {
    /// From the first to the last of them.
    static let spanUs: Int64 = 1_000_000

    private let viewers: [LoadViewer]
    /// Those before it have been dialled.
    private var next = 0
    private var startUs: Int64?

    /// - Parameter viewers: of this thread; each is dialled in its turn.
    init(_ viewers: [LoadViewer]) {
        self.viewers = viewers
    }

    /// Begins with the next tick.
    func begin(nowUs: Int64) { startUs = startUs ?? nowUs }

    /// Called by the worker every few milliseconds: dials those whose time has come.
    func tick(nowUs: Int64, source: (_ index: Int) -> SocketAddress?) {
        guard let startUs else { return }
        let due = Self.due(count: viewers.count, elapsedUs: nowUs - startUs)
        while next < due {
            viewers[next].dial(from: source(next))
            next += 1
        }
    }

    /// How many of so many are to be dialled by then: they come evenly.
    static func due(count: Int, elapsedUs: Int64) -> Int {
        guard elapsedUs < spanUs else { return count }
        return max(0, Int(Double(count) * Double(elapsedUs) / Double(spanUs)))
    }

    func forEach(_ body: (LoadViewer) -> Void) { for viewer in viewers { body(viewer) } }

    /// How they fared until now.
    var status: StormStatus {
        var status = StormStatus()
        for viewer in viewers {
            if let answeredUs = viewer.answeredUs { status.connects.add(answeredUs - viewer.startUs) }
            if let pictureUs = viewer.checker.firstPictureUs {
                status.firstPictures.add(pictureUs - viewer.startUs)
            } else if !viewer.hasEnded {
                status.waiting += 1
            }
        }
        return status
    }
}

@available(*, unavailable) extension LoadStorm: Sendable {}
