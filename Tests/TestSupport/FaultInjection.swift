import Foundation

/// Calls of a process that fail: of the functions `calls`, with this error number.
///
/// Made to fail by a library that is preloaded into the process (Tests/CFaultInjector), whose header says which names
/// there are; nothing of it is in the program.
///
/// ```swift
/// let fault = Fault(calls: ["uv_poll_init"], code: ENOMEM, when: .call(3))
/// let node = try RelayProcess.spawn(["-c", file], environment: try fault.environment())
/// ```
package struct Fault: Sendable, CustomStringConvertible {
    package enum When: Equatable, Sendable {
        /// The n-th alone, from 1.
        case call(Int)
        /// The n-th and all that follow.
        case allFrom(Int)
        /// Those that come while `FaultPage.isOn`.
        case whileOn
    }

    package let calls: [String]
    package let code: Int32
    package let when: When

    package init(calls: [String], code: Int32, when: When) {
        self.calls = calls
        self.code = code
        self.when = when
    }

    /// Variables with which the process is to start.
    package func environment(page: FaultPage? = nil) throws -> [String: String] {
        var number = 0
        var count = 0
        switch when {
        case .call(let first): (number, count) = (first, 1)
        case .allFrom(let first): number = first
        case .whileOn: break
        }
        var variables = [
            "LD_PRELOAD": try Preload.path("FaultInjector"), "FAULT_CALL": calls.joined(separator: ","),
            "FAULT_NUMBER": String(number), "FAULT_COUNT": String(count), "FAULT_ERRNO": String(code),
            // Looked for when the test asks; at the end of the process, too, would count what nobody has to free.
            "ASAN_OPTIONS": "detect_leaks=1:leak_check_at_exit=0",
        ]
        if let page {
            variables["FAULT_PAGE"] = page.path
            variables["LSAN_OPTIONS"] = "print_suppressions=0:suppressions=" + page.suppressionsPath
        }
        return variables
    }

    /// Whether a call has failed, as the process tells.
    package func hasStruck(_ process: ChildProcess) -> Bool { process.output.contains { $0.hasPrefix("fault: ") } }

    package var description: String {
        let which =
            switch when {
            case .call(let number): "call \(number) of "
            case .allFrom(let number): "all calls from \(number) of "
            case .whileOn: "for a while "
            }
        return which + "\(calls.joined(separator: ", ")) fails with \(String(cString: strerror(code)))"
    }
}

/// What test and faulty process tell each other: a file of words that the process has in its memory.
package struct FaultPage: Sendable {
    private enum Word: UInt64 {
        case isOn, failures, heap, waits, leaks
        static let count = 5
    }

    package enum Leaks: Sendable {
        case none
        /// What they are is on the stderr of the process.
        case found
        /// No sanitizer is there to tell.
        case unknown
    }

    package let path: String
    fileprivate let suppressionsPath: String

    /// - Parameter path: a file of the test's own, which is made, and one beside it.
    package init(path: String) throws {
        self.path = path
        suppressionsPath = path + ".suppressions"
        // What the Swift runtime makes beside an object for weak references to it: the object points there by a number
        // whose bits are shifted.
        try Files.write(Array("leak:formWeakReference\n".utf8), to: suppressionsPath)
        try Files.write([UInt8](repeating: 0, count: 8 * Word.count), to: path)
    }

    /// Lets calls fail, or not any more.
    package func set(isOn: Bool) throws { try write(isOn ? 1 : 0, .isOn) }

    /// Calls that have failed.
    package var failures: Int { get throws { try read(.failures) } }

    /// Bytes of the heap that were in use when a loop last waited.
    package var heapBytes: Int { get throws { try read(.heap) } }

    /// How often the loops have waited.
    package var waits: Int { get throws { try read(.waits) } }

    /// Has the process look for memory that nothing points to.
    package func leaks(within seconds: Double) throws -> Leaks {
        try write(1, .leaks)
        var answer = 0
        try waitUntil("the process has looked for leaks", within: seconds) {
            answer = try read(.leaks)
            return answer > 1
        }
        return answer == 2 ? .none : answer == 3 ? .found : .unknown
    }

    private func read(_ word: Word) throws -> Int {
        let bytes = try Files.read(path)
        guard bytes.count == 8 * Word.count else { throw TestFailure("\(path) holds \(bytes.count) bytes") }
        return (0..<8).reversed().reduce(0) { $0 << 8 | Int(bytes[8 * Int(word.rawValue) + $1]) }
    }

    private func write(_ value: UInt64, _ word: Word) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        defer { try? file.close() }
        try file.seek(toOffset: 8 * word.rawValue)
        try file.write(contentsOf: withUnsafeBytes(of: value.littleEndian) { Data($0) })
    }
}

/// The libraries of this package that tests preload.
enum Preload {
    /// Where the build has put one: in some folder above the test bundle.
    static func path(_ name: String) throws -> String {
        var folder = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")[...]
        while let slash = folder.lastIndex(of: "/") {
            folder = folder[..<slash]
            let library = folder + "/lib\(name).so"
            if Files.exists(String(library)) { return String(library) }
        }
        throw TestFailure("no lib\(name).so above the test bundle: swift build --build-tests makes it")
    }
}
