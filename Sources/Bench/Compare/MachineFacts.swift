import Glibc
import LoopIO

/// Where and when figures were measured.
package struct MachineFacts: Equatable, Sendable {
    package var processor: String
    package var processors: Int
    package var kernel: String
    /// UTC, `2026-01-31 12:00`.
    package var date: String

    package init(processor: String, processors: Int, kernel: String, date: String) {
        self.processor = processor
        self.processors = processors
        self.kernel = kernel
        self.date = date
    }

    /// This machine, at this moment.
    static func now() -> MachineFacts {
        let text = (try? readFile("/proc/cpuinfo")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let model = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        let name = model?.split(separator: ":", maxSplits: 1).last.map(trimmed) ?? "unknown processor"
        return MachineFacts(
            processor: name, processors: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), kernel: Machine.kernel,
            date: date(ofMs: wallClockMs()))
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " || $0 == "\t" })
    }

    static func date(ofMs ms: Int64) -> String {
        var time = time_t(ms / 1000)
        var parts = tm()
        // SAFETY: both pointers are to values that live through the call.
        guard gmtime_r(&time, &parts) != nil else { return "" }
        func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min))"
    }
}
