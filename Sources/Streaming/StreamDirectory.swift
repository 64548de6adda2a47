import Configuration
import LoopIO
import Synchronization

/// What the loops of a node share: which loop is home to which stream, and the sums that every loop asks for.
///
/// Nothing here is touched by a packet or a write. The sums are atomics that each loop moves by its own differences.
package final class StreamDirectory: Sendable {
    /// Viewers that the node's doors have let in.
    package let seats = SeatCount()
    private let viewerCount = Atomic<Int>(0)
    private let liveStreamCount = Atomic<Int>(0)
    private let laneBytes = Atomic<Int>(0)

    private let lock = Lock()
    // SAFETY: both are used under `lock` alone.
    private nonisolated(unsafe) var homes: [StreamID: Int] = [:]
    private nonisolated(unsafe) var members: [Member] = []

    /// A loop's registry, and the way to it from other loops.
    private struct Member: @unchecked Sendable {
        // SAFETY: the registry is looked at on its own loop alone, where the mailbox delivers.
        let mailbox: Mailbox
        weak var registry: StreamRegistry?
    }

    package init() {}

    /// Viewers of all loops; children are none.
    var viewers: Int { viewerCount.load(ordering: .relaxed) }
    func viewersChanged(by change: Int) { viewerCount.add(change, ordering: .relaxed) }

    /// Streams of all loops whose source sent packets a moment ago.
    var liveStreams: Int { liveStreamCount.load(ordering: .relaxed) }
    func liveStreamsChanged(by change: Int) { liveStreamCount.add(change, ordering: .relaxed) }

    /// Bytes of memory that all lanes take.
    var memoryBytes: Int { laneBytes.load(ordering: .relaxed) }
    func memoryChanged(by change: Int) { laneBytes.add(change, ordering: .relaxed) }

    /// Called once by each registry, before the loops run on threads of their own.
    ///
    /// - Returns: the number of its loop.
    func add(_ registry: StreamRegistry) -> Int {
        let member = Member(mailbox: registry.loop.mailbox, registry: registry)
        return lock.withLock {
            members.append(member)
            return members.count - 1
        }
    }

    /// The loop that is home to this stream; nil when there is no such stream.
    func home(of id: StreamID) -> Int? { lock.withLock { homes[id] } }

    /// The loop that is home to this stream. One that had none has it from here on: `loop`, or where the fewest streams
    /// are at home.
    ///
    /// - Returns: nil when the node has no place for another stream.
    func settle(_ id: StreamID, at loop: Int? = nil) -> Int? {
        lock.withLock {
            if let known = homes[id] { return known }
            guard homes.count < StreamRegistry.streamsMax else { return nil }
            let home = loop ?? emptiestLoop
            homes[id] = home
            return home
        }
    }

    /// The first of those with the fewest streams. Under `lock`.
    private var emptiestLoop: Int {
        var counts = Array(repeating: 0, count: members.count)
        for home in homes.values { counts[home] += 1 }
        return counts.indices.min { counts[$0] < counts[$1] } ?? 0
    }

    /// The stream is gone; the next one of its name may be at home elsewhere.
    ///
    /// - Parameter loop: the caller's own. Nothing happens when the stream has its home elsewhere: who gives up a
    ///   publisher that took long to come must not take the home from a stream that began there in the meantime.
    func forget(_ id: StreamID, at loop: Int) {
        lock.withLock {
            if homes[id] == loop { homes[id] = nil }
        }
    }

    /// Has work done on another loop, with its registry; dropped when that loop has ended.
    func post(to loop: Int, _ work: @escaping @Sendable (StreamRegistry) -> Void) {
        let member = lock.withLock { members[loop] }
        member.mailbox.post {
            guard let registry = member.registry else { return }
            work(registry)
        }
    }
}
