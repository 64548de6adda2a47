import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Every call of LoopIO that can fail is made to: the first, the second, and so on until a life without a failure.
    ///
    /// Not among them is what only a wrong call makes fail, for which there are preconditions: `uv_timer_start`,
    /// `uv_async_send`, `uv_thread_join`, the stops, and with the GNU C library `uv_mutex_init` and `uv_cond_init`; and
    /// `write`, by which the node tells its ports (see LogWriterTests).
    @Suite(.enabled(if: !isSanitized, "a sanitizer must be loaded before all others")) struct FaultTests {
        private static let calls: [(name: String, codes: [Int32])] = [
            ("uv_loop_init", [ENOMEM, EMFILE]), ("uv_async_init", [ENOMEM, EMFILE]), ("uv_timer_init", [ENOMEM]),
            ("uv_prepare_init", [ENOMEM]), ("uv_prepare_start", [EINVAL]),
            ("uv_signal_init", [ENOMEM, EMFILE]), ("uv_signal_start", [EINVAL, EMFILE]),
            ("uv_poll_init", [ENOMEM, EEXIST]), ("uv_poll_start", [ENOMEM, EEXIST]),
            ("uv_tcp_init", [ENOMEM]), ("uv_tcp_open", [ENOMEM, EEXIST]), ("uv_tcp_connect", [ENOMEM, ENETUNREACH]),
            ("uv_read_start", [ENOMEM, EINVAL]), ("uv_try_write", [EPIPE, ENOMEM]), ("uv_write", [EPIPE, ENOMEM]),
            ("uv_shutdown", [ENOTCONN]),
            ("uv_udp_init_ex", [EMFILE, ENOMEM]), ("uv_udp_bind", [EADDRINUSE, EADDRNOTAVAIL, EACCES]),
            ("uv_udp_recv_start", [ENOMEM]), ("uv_udp_try_send", [ENETUNREACH, ENOMEM, EMSGSIZE]),
            ("uv_udp_set_membership", [ENODEV]), ("uv_udp_set_source_membership", [ENODEV]),
            ("uv_udp_set_multicast_interface", [EADDRNOTAVAIL]), ("uv_udp_set_multicast_ttl", [EINVAL]),
            ("uv_fileno", [EBADF]), ("uv_getaddrinfo", [ENOMEM]), ("uv_thread_create", [EAGAIN]),
            ("uv_os_environ", [ENOMEM]), ("uv_os_gethostname", [ENOMEM]), ("uv_interface_addresses", [ENOMEM]),
            ("socket", [EMFILE, ENOMEM, EACCES]), ("bind", [EADDRINUSE, EADDRNOTAVAIL, EACCES]),
            ("listen", [EADDRINUSE, ENOMEM]), ("accept4", [ENOMEM, EMFILE, ECONNABORTED]), ("getsockname", [ENOBUFS]),
            ("setsockopt", [ENOMEM, ENOPROTOOPT]), ("getsockopt", [ENOMEM, ENOPROTOOPT]),
            ("send", [EPIPE, ENOBUFS]), ("sendmsg", [EPIPE, ENOBUFS]), ("open", [EMFILE]), ("read", [EIO]),
            ("libuv.connect", [ENETUNREACH, EAGAIN]), ("libuv.read", [ECONNRESET, ENOMEM]),
            ("libuv.write", [EPIPE, ENOMEM]), ("libuv.sendmsg", [ENETUNREACH, ENOBUFS]),
            ("libuv.recvmmsg", [ENOMEM, ECONNREFUSED]), ("libuv.setsockopt", [ENOMEM]),
        ]

        /// The next number to fail: in the long form each up to 64, else each up to 3 and then in growing steps.
        private static func number(after number: Int) -> Int {
            number < (isLongRun ? 64 : 3) ? number + 1 : number + number / 2
        }

        @Test func `whichever call fails, the node says so and ends, or serves the next who come`() throws {
            let clean = try FaultRun(fault: Fault(call: "none", number: 1, code: 0), descriptorsMax: nil).run()
            #expect(clean.hasStarted && !clean.hasStruck)
            let tally = Tally()
            let queue = OperationQueue()
            queue.maxConcurrentOperationCount = 6
            for (name, codes) in Self.calls {
                for code in isLongRun ? codes[...] : codes.prefix(1) {
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
                        fault: Fault(call: name, number: number, code: code), descriptorsMax: descriptorsMax)
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
