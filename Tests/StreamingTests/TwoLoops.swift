import Configuration
import LoopIO
import Testing

@testable import Streaming

/// Two loops of one node on one thread, so that a test says in which order they turn.
final class TwoLoops {
    let directory = StreamDirectory()
    let home: StreamHarness
    let far: StreamHarness

    init(_ configure: (inout NodeConfiguration) -> Void = { _ in }) throws {
        home = try StreamHarness(directory: directory, configure)
        far = try StreamHarness(directory: directory, configure)
    }

    func close() {
        far.close()
        home.close()
    }

    /// Turns both loops until the condition holds.
    func expect(_ condition: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) {
        for _ in 0..<2000 where !condition() {
            _ = home.loop.run(until: condition, timeoutMs: 2)
            _ = far.loop.run(until: condition, timeoutMs: 2)
        }
        #expect(condition(), sourceLocation: sourceLocation)
    }

    /// Turns each loop once.
    func turn() {
        _ = home.loop.run(until: { false }, timeoutMs: 1)
        _ = far.loop.run(until: { false }, timeoutMs: 1)
    }

    /// Turns both loops until what is under way has arrived.
    func settle() {
        for _ in 0..<5 {
            _ = home.loop.run(until: { false }, timeoutMs: 5)
            _ = far.loop.run(until: { false }, timeoutMs: 5)
        }
    }

    /// The stream as the far loop gets it.
    func follow(_ id: StreamID = .main) throws -> WatchedStream {
        var answers: [WatchedStream?] = []
        switch far.registry.join(id, later: { answers.append($0) }) {
        case .now(let stream): return stream
        case .pending: expect { answers.count == 1 }
        case .no: answers.append(nil)
        }
        return try #require(answers.first ?? nil)
    }
}
