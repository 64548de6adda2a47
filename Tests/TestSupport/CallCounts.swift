import Foundation

/// What a node has asked of the C library up to some moment, or between two.
///
/// Counted by a library that is preloaded into the node (Tests/CCallCounter): no debugger, no rights, no package.
///
/// ```swift
/// let counter = try CallCounter(file: stage.folder.file("calls"))
/// let relay = try stage.relay(text, listeners: 3, environment: counter.environment)
/// let before = try counter.counts
/// ...
/// let mallocs = try counter.counts.since(before).allocations
/// ```
package struct CallCounts: Sendable, CustomStringConvertible {
    /// `malloc` and its like.
    package let allocations: Int
    package let frees: Int
    /// `write`, `writev` and the `send` family.
    package let writes: Int
    /// `read`, `readv` and the `recv` family.
    package let reads: Int
    /// `epoll_wait` and `poll`.
    package let waits: Int
    /// What else a loop asks the kernel for: options, `epoll_ctl`, `accept4`, `close`.
    package let others: Int

    /// - Parameter numbers: in the order of `call_kind` in call_counter.h.
    fileprivate init(_ numbers: [Int]) {
        allocations = numbers[0]
        frees = numbers[2]
        writes = numbers[3]
        reads = numbers[4]
        waits = numbers[5]
        others = numbers[6]
    }

    /// All system calls that are counted.
    package var systemCalls: Int { writes + reads + waits + others }

    package func since(_ before: CallCounts) -> CallCounts {
        CallCounts([
            allocations - before.allocations, 0, frees - before.frees, writes - before.writes, reads - before.reads,
            waits - before.waits, others - before.others,
        ])
    }

    package var description: String {
        "\(allocations) mallocs, \(frees) frees, \(writes) writes, \(reads) reads, \(waits) waits, \(others) others"
    }
}

/// Has the calls of one process counted.
package struct CallCounter {
    /// Variables with which the process is to start.
    package let environment: [String: String]
    private let file: String

    /// - Parameter file: a path of the test's own, which the process writes its counts to.
    package init(file: String) throws {
        self.file = file
        environment = ["LD_PRELOAD": try Preload.path("CallCounter"), "CALL_COUNTS": file]
    }

    /// What was counted so far.
    package var counts: CallCounts {
        get throws {
            let bytes = try Files.read(file)
            guard bytes.count >= 7 * 8 else { throw TestFailure("\(file) holds \(bytes.count) bytes") }
            return CallCounts(
                (0..<7).map { kind in
                    (0..<8).reversed().reduce(0) { $0 << 8 | Int(bytes[8 * kind + $1]) }
                })
        }
    }
}
