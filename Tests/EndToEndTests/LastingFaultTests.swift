import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Calls that go on failing: for a while, then all is as before; for ever, then the node idles or has not started.
    @Suite struct LastingFaultTests {
        @Test func `what fails for a while costs who is there, and nobody who comes afterwards`() throws {
            let runs = LastingFault.all.map { lasting in
                LastingFaultRun(
                    fault: Fault(calls: lasting.calls, code: lasting.code, when: .whileOn), telling: lasting.telling)
            }
            try Self.runAll(runs)
        }

        @Test func `what fails from the start on for ever keeps the node from starting, or not from stopping`() throws {
            let runs = FaultTable.calls.map { name, codes in
                LastingFaultRun(fault: Fault(calls: [name], code: codes[0], when: .allFrom(1)), telling: [])
            }
            try Self.runAll(runs)
        }

        private static func runAll(_ runs: [LastingFaultRun]) throws {
            let lock = NSLock()
            // SAFETY: used under `lock` alone.
            nonisolated(unsafe) var outcomes: [LastingFaultRun.Outcome] = []
            nonisolated(unsafe) var failures: [any Error] = []
            let queue = OperationQueue()
            queue.maxConcurrentOperationCount = isSanitized ? 3 : 6
            for run in runs {
                queue.addOperation {
                    let result = Result { try run.run() }
                    lock.withLock {
                        switch result {
                        case .success(let outcome): outcomes.append(outcome)
                        case .failure(let error): failures.append(error)
                        }
                    }
                }
            }
            queue.waitUntilAllOperationsAreFinished()
            for failure in failures { Issue.record("\(failure)") }
            print(summary(outcomes))
            if isLongRun { for outcome in outcomes { print("  \(outcome)") } }
        }

        private static func summary(_ outcomes: [LastingFaultRun.Outcome]) -> String {
            let share = outcomes.map(\.share).max() ?? 0
            let rate = outcomes.map(\.failuresPerSecond).max() ?? 0
            return
                "lasting faults: \(outcomes.count) lives, \(outcomes.count { !$0.hasStarted }) starts refused; at most "
                + "\(Int((share * 100).rounded())) % of a processor, \(Int(rate)) failures/s, "
                + "\(outcomes.map(\.lines).max() ?? 0) lines, heap grown by \(outcomes.map(\.heapGrowth).max() ?? 0)"
        }
    }
}
