import Foundation

/// A moment on the monotonic clock after which a test gives up.
///
/// ```swift
/// try waitUntil("the viewer is counted", within: 5) { relay.log.contains("viewer") }
/// ```
package struct Deadline: Sendable {
    private let end: ContinuousClock.Instant

    /// - Parameter seconds: from the call on; negative is already past.
    package init(_ seconds: Double) { end = ContinuousClock.now + .seconds(seconds) }

    package var hasPassed: Bool { ContinuousClock.now >= end }

    /// What is left, at least 0.
    package var seconds: Double { max(0, (end - ContinuousClock.now).inSeconds) }

    /// The same for `poll`: rounded up, so that a wait never ends before the deadline.
    package var milliseconds: Int32 { Int32(min(seconds * 1000 + 1, 3_600_000)) }
}

extension Duration {
    /// The duration as a fraction of seconds.
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

/// Seconds of the monotonic clock since some fixed moment of this run; only differences mean something.
package func monotonicSeconds() -> Double { (ContinuousClock.now - TestRun.start).inSeconds }

private enum TestRun {
    static let start = ContinuousClock.now
}

/// Looks at a condition every few milliseconds until it holds.
///
/// - Parameters:
///   - what: the fact that is waited for, as a clause: "the leaf has a viewer".
///   - seconds: how long it may take.
/// - Throws: `TestFailure` when the time is over, or what the condition throws.
package func waitUntil(
    _ what: @autoclosure () -> String, within seconds: Double, _ holds: () throws -> Bool
) throws {
    let deadline = Deadline(seconds)
    while try !holds() {
        if deadline.hasPassed { throw TestFailure("not within \(seconds) s: \(what())") }
        usleep(5000)
    }
}

/// Lets time pass as the thing under test: a minute of damage, a parent that is away. Never to order two events.
package func letPass(seconds: Double) { usleep(UInt32(seconds * 1_000_000)) }

/// Whether the long forms of the tests run (`TSRELAY_LONG=1`): a minute where the short form takes seconds.
package var isLongRun: Bool { ProcessInfo.processInfo.environment["TSRELAY_LONG"].map { $0 != "0" } ?? false }

/// Whether a sanitizer watches (`TSRELAY_SANITIZER`, set by `deploy/test.sh --sanitize`): times and memory mean less then.
package var isSanitized: Bool { ProcessInfo.processInfo.environment["TSRELAY_SANITIZER"].map { !$0.isEmpty } ?? false }
