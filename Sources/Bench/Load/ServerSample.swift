import LoopIO

/// What a process had used at a moment, by /proc (proc(5)): differences of two are a bill.
struct ServerSample: Equatable, Sendable {
    /// Processor time of all threads, by the clock's ticks: 10 ms each.
    var cpuTicksMs: Double
    /// Nanoseconds of each thread that lives, by its number: exact, where the kernel counts.
    var threadNs: [Int: UInt64] = [:]
    var residentKiB = 0
    var voluntarySwitches: UInt64 = 0
    var involuntarySwitches: UInt64 = 0

    var threads: Int { threadNs.count }

    private static let ticksPerSecond = 100.0

    /// - Throws: when there is no such process.
    init(pid: Int) throws(IOError) {
        let folder = "/proc/\(pid)"
        guard let ticks = Self.ticks(inStat: try Self.text(folder + "/stat")) else {
            throw .failed(.readSystem, code: 0, nil)
        }
        cpuTicksMs = Double(ticks) * 1000 / Self.ticksPerSecond
        residentKiB = Self.number("VmRSS:", in: try Self.text(folder + "/status"))
        for name in fileNames(in: folder + "/task") ?? [] {
            // A thread may end between the two.
            guard let thread = Int(name), let status = try? Self.text("\(folder)/task/\(name)/status") else { continue }
            voluntarySwitches += UInt64(Self.number("voluntary_ctxt_switches:", in: status))
            involuntarySwitches += UInt64(Self.number("nonvoluntary_ctxt_switches:", in: status))
            let schedule = (try? Self.text("\(folder)/task/\(name)/schedstat")) ?? ""
            threadNs[thread] = schedule.split(separator: " ").first.flatMap { UInt64($0) } ?? 0
        }
    }

    /// Milliseconds of processor time from an earlier sample to this one.
    ///
    /// Exact to nanoseconds when no thread ended meanwhile; what an ended thread had used only the ticks know.
    func cpuMs(since earlier: ServerSample) -> Double {
        let isExact = earlier.threadNs.allSatisfy { threadNs[$0.key] != nil } && threadNs.contains { $0.value > 0 }
        guard isExact else { return cpuTicksMs - earlier.cpuTicksMs }
        let ns = threadNs.reduce(0.0) { $0 + Double($1.value) - Double(earlier.threadNs[$1.key] ?? 0) }
        return ns / 1e6
    }

    /// User and system time of the process; the name before it may hold blanks and parentheses.
    static func ticks(inStat stat: String) -> UInt64? {
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = UInt64(fields[11]), let system = UInt64(fields[12]) else { return nil }
        return user &+ system
    }

    /// The number behind a key that begins a line; 0 where there is none.
    static func number(_ key: String, in status: String) -> Int {
        for line in status.split(separator: "\n") where line.hasPrefix(key) {
            let digits = line.dropFirst(key.count).drop { $0 == " " || $0 == "\t" }.prefix { $0.isNumber }
            return Int(digits) ?? 0
        }
        return 0
    }

    private static func text(_ path: String) throws(IOError) -> String {
        String(decoding: try readFile(path), as: UTF8.self)
    }
}
