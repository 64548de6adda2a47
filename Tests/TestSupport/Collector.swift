import Foundation

/// Reads from a viewer's connection on a thread of its own and keeps what came.
///
/// ```swift
/// let viewer = Collector(try WebSocketClient.open(port: 56001, path: "/"))
/// try viewer.waitForBytes(1 << 20, within: 10)
/// viewer.stop()
/// ```
package final class Collector: @unchecked Sendable {
    // SAFETY: what changes after `init` is read and written under `condition` alone.

    private let condition = NSCondition()
    private let source: any ByteSource
    private var bytes: [UInt8] = []
    private var firstByteSeconds: Double?
    private var lastByteSeconds: Double?
    private var ended = false
    private var failure: String?
    private var stopping = false
    private var paused = false
    /// Bytes per second that the thread takes at most; nil: all that comes.
    private let rate: Double?
    private let keepsBytes: Bool
    private var count = 0

    /// - Parameters:
    ///   - rate: bytes per second, for a viewer on a slow line.
    ///   - keepsBytes: false for one whose bytes are only counted.
    package init(_ source: any ByteSource, rate: Double? = nil, keepsBytes: Bool = true) {
        self.source = source
        self.rate = rate
        self.keepsBytes = keepsBytes
        Thread.detachNewThread { [self] in run() }
    }

    /// What came so far.
    package var received: [UInt8] { locked { bytes } }

    /// What came behind so many bytes.
    package func received(from start: Int) -> [UInt8] { locked { Array(bytes.dropFirst(start)) } }

    package var receivedCount: Int { locked { count } }

    /// Moments on `monotonicSeconds`.
    package var firstByteAt: Double? { locked { firstByteSeconds } }
    package var lastByteAt: Double? { locked { lastByteSeconds } }

    /// Whether the relay ended the connection (or it broke).
    package var hasEnded: Bool { locked { ended } }

    package var failureText: String? { locked { failure } }

    /// While paused nothing is read, as by a viewer that stalls.
    package func pause() { locked { paused = true } }
    package func resume() {
        locked {
            paused = false
            condition.broadcast()
        }
    }

    /// Waits until so many bytes came in all.
    package func waitForBytes(_ wanted: Int, within seconds: Double) throws {
        try wait("\(wanted) bytes", within: seconds) { $0.count >= wanted }
    }

    /// Waits for more than came until this call.
    package func waitForMore(_ more: Int = 1, within seconds: Double) throws {
        let before = receivedCount
        try wait("\(more) more bytes", within: seconds) { $0.count >= before + more }
    }

    /// Waits until the relay ends the connection.
    package func waitForEnd(within seconds: Double) throws {
        let end = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while !ended {
            guard condition.wait(until: end) else {
                throw TestFailure("the connection is still open after \(seconds) s, \(count) bytes")
            }
        }
    }

    /// Ends the connection and the thread.
    package func stop() {
        locked {
            stopping = true
            paused = false
            condition.broadcast()
        }
        source.interrupt()
        _ = try? waitForEnd(within: 5)
        source.close()
    }

    // MARK: - The thread

    private func run() {
        var due = monotonicSeconds()
        while !waitWhilePaused() {
            do {
                guard let part = try source.next(within: 0.25) else { break }
                guard !part.isEmpty else { continue }
                let now = monotonicSeconds()
                locked {
                    if keepsBytes { bytes += part }
                    count += part.count
                    if firstByteSeconds == nil { firstByteSeconds = now }
                    lastByteSeconds = now
                    condition.broadcast()
                }
                if let rate {
                    due = max(due, now - 0.1) + Double(part.count) / rate
                    if due > now { letPass(seconds: min(due - now, 1)) }
                }
            } catch {
                locked { failure = "\(error)" }
                break
            }
        }
        locked {
            ended = true
            condition.broadcast()
        }
    }

    /// - Returns: true when the thread is to end.
    private func waitWhilePaused() -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while paused && !stopping { condition.wait() }
        return stopping
    }

    private func wait(_ what: String, within seconds: Double, _ holds: (Collector) -> Bool) throws {
        let end = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while !holds(self) {
            guard !ended else { throw TestFailure("ended with \(count) bytes before \(what): \(failure ?? "closed")") }
            guard condition.wait(until: end) else {
                throw TestFailure("not within \(seconds) s: \(what); \(count) bytes came")
            }
        }
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        condition.lock()
        defer { condition.unlock() }
        return body()
    }
}

/// Where a `Collector` takes a stream's bytes from.
package protocol ByteSource: AnyObject, Sendable {
    /// The next bytes of the stream: empty when none came in time, nil at its end.
    func next(within seconds: Double) throws -> [UInt8]?
    /// Makes a waiting `next` return soon.
    func interrupt()
    func close()
}
