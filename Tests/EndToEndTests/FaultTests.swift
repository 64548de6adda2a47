import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Every call of LoopIO that can fail is made to: the first, the second, and so on until a life without a failure.
    ///
    /// `write`, by which the node tells its ports, is not among them: see LogWriterTests.
    @Suite struct FaultTests {
        /// The next number to fail: in the long form each up to 64, else each up to 3 and then in growing steps.
        private static func number(after number: Int) -> Int {
            number < (isLongRun ? 64 : 3) ? number + 1 : number + number / 2
        }

        @Test func `whichever call fails, the node says so and ends, or serves the next who come`() throws {
            let clean = try FaultRun(fault: Fault(calls: ["none"], code: 0, when: .call(1)), descriptorsMax: nil).run()
            #expect(clean.hasStarted && !clean.hasStruck)
            let tally = Tally()
            let queue = OperationQueue()
            queue.maxConcurrentOperationCount = isSanitized ? 3 : 6
            for (name, codes) in FaultTable.calls {
                for code in isLongRun && !isSanitized ? codes[...] : codes.prefix(1) {
                    queue.addOperation {
                        Self.runAll(name, code, descriptorsMax: clean.descriptors, tally)
                    }
                }
            }
            queue.waitUntilAllOperationsAreFinished()
            print("faults: \(tally)")
            #expect(tally.unreached.isEmpty, "never called")
            for failure in tally.failures { Issue.record("\(failure)") }
        }

        /// Lives with the first call failing, then the second, until one in which none did.
        private static func runAll(_ name: String, _ code: Int32, descriptorsMax: Int, _ tally: Tally) {
            var number = 1
            while true {
                do {
                    let run = FaultRun(
                        fault: Fault(calls: [name], code: code, when: .call(number)), descriptorsMax: descriptorsMax)
                    let outcome = try run.run()
                    guard outcome.hasStruck else { return tally.add(name, number - 1) }
                    tally.add(outcome)
                } catch {
                    tally.add(error)
                    // Those of the same kind would only tell the same.
                    if !isLongRun { return }
                }
                number = Self.number(after: number)
            }
        }
    }
}

/// What came of the lives of all nodes.
private final class Tally: @unchecked Sendable, CustomStringConvertible {
    // SAFETY: used under `lock` alone.
    private let lock = NSLock()
    private var refusals = 0
    private var survivals = 0
    private var last: [String: Int] = [:]
    private var errors: [any Error] = []

    func add(_ outcome: FaultRun.Outcome) {
        lock.withLock {
            if outcome.hasStarted { survivals += 1 } else { refusals += 1 }
        }
    }

    func add(_ name: String, _ number: Int) { lock.withLock { last[name] = max(last[name] ?? 0, number) } }
    func add(_ error: any Error) { lock.withLock { errors.append(error) } }

    /// Functions that no life has called.
    var unreached: [String] { lock.withLock { last.filter { $0.value == 0 }.keys.sorted() } }

    var failures: [any Error] { lock.withLock { errors } }

    var description: String {
        lock.withLock {
            let names = last.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            return
                "\(refusals) starts refused, \(survivals) nodes went on, \(errors.count) failures; up to call: \(names)"
        }
    }
}
