import Foundation

/// A program under the test's control: output captured by line, signals, and never a zombie.
///
/// Every wait has a deadline. `kill()` is idempotent; `Stage` calls it for everything that it started.
package final class ChildProcess: @unchecked Sendable {
    // SAFETY: what changes after `init` is read and written under `condition` alone.

    package enum Exit: Equatable, Sendable {
        case code(Int32)
        case signal(Int32)
    }

    package let name: String
    package let pid: Int32
    private let condition = NSCondition()
    private var lines: [String] = []
    private var openStreams = 2
    private var exit: Exit?

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - executable: a path, or a name that `Tool` finds.
    ///   - environment: added to the test's own.
    ///   - input: a file for its standard input; none: `/dev/null`.
    ///   - niceness: 0 ... 19, so that a helper does not starve the node on few cores.
    package init(
        _ executable: String, _ arguments: [String], name: String? = nil, environment: [String: String] = [:],
        input: String = "/dev/null", niceness: Int = 0
    ) throws {
        var path = executable.contains("/") ? executable : try Tool.path(executable)
        var words = arguments
        self.name = name ?? executable.split(separator: "/").last.map(String.init) ?? executable
        if niceness > 0 {
            words = ["-n", String(niceness), path] + words
            path = try Tool.path("nice")
        }
        // One start at a time: a sibling that inherits the writing end would keep this one's output open.
        ChildProcess.starting.lock()
        defer { ChildProcess.starting.unlock() }
        let output = try Pipe()
        let errors = try Pipe()
        defer {
            close(output.writer)
            close(errors.writer)
        }
        pid = try ChildProcess.spawn(
            path, words, environment: environment, input: input, output: output.writer, errors: errors.writer)
        for reader in [output.reader, errors.reader] {
            Thread.detachNewThread { [self] in collect(reader) }
        }
        Thread.detachNewThread { [self] in reap() }
    }

    /// All lines so far, of both streams, in the order they came.
    package var output: [String] { locked { lines } }

    package var text: String { output.joined(separator: "\n") }

    package var isRunning: Bool { locked { exit == nil } }

    /// The signal that it died of, unless that was one that tests send.
    package var deadlySignal: Int32? {
        guard case .signal(let number) = locked({ exit }), ![SIGKILL, SIGTERM, SIGINT].contains(number) else {
            return nil
        }
        return number
    }

    /// Waits for a line that was printed already or comes.
    ///
    /// - Returns: the first such line.
    package func waitForLine(
        _ what: String, within seconds: Double, where matches: (String) -> Bool
    ) throws -> String {
        let end = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        var looked = 0
        while true {
            while looked < lines.count {
                if matches(lines[looked]) { return lines[looked] }
                looked += 1
            }
            if openStreams == 0 && exit != nil {
                throw TestFailure("\(name) ended (\(String(describing: exit))) before \(what):\n\(tail)")
            }
            guard condition.wait(until: end) else {
                throw TestFailure("\(name): not within \(seconds) s: \(what):\n\(tail)")
            }
        }
    }

    /// Waits for the end of the program and of its output.
    package func waitForExit(within seconds: Double) throws -> Exit {
        let end = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let exit, openStreams == 0 { return exit }
            guard condition.wait(until: end) else {
                throw TestFailure("\(name) still runs after \(seconds) s:\n\(tail)")
            }
        }
    }

    /// Sends a signal unless the program was reaped.
    package func signal(_ number: Int32) {
        locked {
            if exit == nil { _ = Foundation.kill(pid, number) }  // it may have ended this moment
        }
    }

    package func stop() { signal(SIGSTOP) }
    package func resume() { signal(SIGCONT) }

    /// Ends it at once and waits until it is reaped.
    package func kill() {
        signal(SIGKILL)
        _ = try? waitForReaping()  // a process in an uninterruptible wait is left to the system
    }

    /// Resident memory in bytes; 0 when it ended.
    package var residentBytes: Int { memory("VmRSS:") }

    /// The most resident memory that it ever had, in bytes; 0 when it ended.
    package var peakResidentBytes: Int { memory("VmHWM:") }

    private func memory(_ field: String) -> Int {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8) else { return 0 }
        for line in status.split(separator: "\n") where line.hasPrefix(field) {
            return line.split(separator: " ").compactMap { Int($0) }.first.map { $0 * 1024 } ?? 0
        }
        return 0
    }

    /// Processor time used so far, user and system, in seconds.
    package var cpuSeconds: Double {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let end = stat.lastIndex(of: ")")
        else { return 0 }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// How many descriptors it holds open.
    package var openDescriptors: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count) ?? 0
    }

    // MARK: - Threads of this class

    private func collect(_ descriptor: Int32) {
        var rest: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            rest += buffer[..<count]
            var complete: [String] = []
            while let feed = rest.firstIndex(where: { $0 == 10 || $0 == 13 }) {
                if feed > 0 { complete.append(String(decoding: rest[..<feed], as: UTF8.self)) }
                rest.removeSubrange(...feed)
            }
            locked {
                lines += complete
                condition.broadcast()
            }
        }
        close(descriptor)
        locked {
            if !rest.isEmpty { lines.append(String(decoding: rest, as: UTF8.self)) }
            openStreams -= 1
            condition.broadcast()
        }
    }

    private func reap() {
        var information = siginfo_t()
        // Waiting without reaping first keeps the pid ours until the lock is held, so that no signal hits a stranger.
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        locked {
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
            exit = status & 0x7f == 0 ? .code(status >> 8 & 0xff) : .signal(status & 0x7f)
            condition.broadcast()
        }
    }

    private func waitForReaping() throws {
        let end = Date(timeIntervalSinceNow: 5)
        condition.lock()
        defer { condition.unlock() }
        while exit == nil {
            guard condition.wait(until: end) else { throw TestFailure("\(name) cannot be killed") }
        }
    }

    private var tail: String { lines.suffix(40).joined(separator: "\n") }

    private func locked<Value>(_ body: () -> Value) -> Value {
        condition.lock()
        defer { condition.unlock() }
        return body()
    }

    // MARK: - Starting

    private static let starting = NSLock()

    private struct Pipe {
        let reader: Int32
        let writer: Int32

        init() throws {
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { throw TestFailure("pipe: \(String(cString: strerror(errno)))") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }  // cannot fail on a descriptor that was just made
            reader = ends[0]
            writer = ends[1]
        }
    }

    /// Read by the tests and by their script, and by no program that they start.
    private static let testVariables: Set<String> = [
        "TSRELAY_BINARY", "TSRELAY_FILTER", "TSRELAY_FUZZ_CORPUS", "TSRELAY_LLHTTP", "TSRELAY_LONG",
        "TSRELAY_SANITIZER", "TSRELAY_WRITE_REFERENCE",
    ]

    private static func spawn(
        _ path: String, _ arguments: [String], environment: [String: String], input: String, output: Int32,
        errors: Int32
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        // The threads that run tests block signals, and a child would inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        // What steers the tests would be told by a node as names that are no keys.
        let own = ProcessInfo.processInfo.environment.filter { !Self.testVariables.contains($0.key) }
        let merged = own.merging(environment) { _, new in new }
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = merged.map { strdup($0.key + "=" + $0.value) } + [nil]
        defer { for word in words + variables { free(word) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, path, &actions, &attributes, &words, &variables)
        guard result == 0 else { throw TestFailure("cannot start \(path): \(String(cString: strerror(result)))") }
        return pid
    }
}
