import Foundation

/// What went wrong on several threads, to be told by the test itself.
final class HostileReport: @unchecked Sendable {
    // SAFETY: `found` is read and written under `lock` alone.

    private let lock = NSLock()
    private var found: [String] = []

    var faults: [String] {
        lock.lock()
        defer { lock.unlock() }
        return found
    }

    func add(_ fault: String) {
        lock.lock()
        defer { lock.unlock() }
        found.append(fault)
    }
}
