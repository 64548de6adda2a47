import CUV
import Glibc

/// Microseconds of the machine's monotonic clock, the same in every process; about 25 ns.
package func monotonicUs() -> Int64 { Int64(uv_hrtime() / 1000) }

/// What a thread costs, and where it may run: for tools that measure.
package enum ThreadClock {
    /// Nanoseconds of processor time that the calling thread has used.
    package static var cpuNs: Int64 {
        var time = timespec()
        // SAFETY: the call fills one timespec. It has no failure for the own thread.
        guard clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else { return 0 }
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Nanoseconds that the calling thread was ready to run and others had its processors; 0 where the kernel does not
    /// count. Reads a file, so not for every turn.
    package static var waitedNs: Int64 {
        guard let bytes = try? readFile("/proc/thread-self/schedstat") else { return 0 }
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? Int64(fields[1]) ?? 0 : 0
    }

    /// Lets the calling thread, and those that it starts from here on, run on these processors only.
    ///
    /// - Parameter cores: numbers from 0 to 1023, at least one.
    /// - Throws: `.failed(.setAffinity)` when the machine has none of them.
    package static func pin(to cores: [Int]) throws(IOError) {
        precondition(cores.allSatisfy { 0...1023 ~= $0 }, "a processor has a number from 0 to 1023")
        var set = cpu_set_t()
        // SAFETY: a cpu_set_t is 1024 bits, and its size goes with its address.
        let status = withUnsafeMutableBytes(of: &set) { bytes in
            for core in cores { bytes[core / 8] |= 1 << UInt8(core % 8) }
            return sched_setaffinity(0, bytes.count, bytes.baseAddress?.assumingMemoryBound(to: cpu_set_t.self))
        }
        guard status == 0 else { throw .failed(.setAffinity, code: -errno, nil) }
    }
}
