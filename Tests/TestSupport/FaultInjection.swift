import Foundation

/// One call of a process that fails: the `number`-th of the function `call`, with this error number.
///
/// Made to fail by a library that is preloaded into the process (Tests/CFaultInjector), whose header says which names
/// there are; nothing of it is in the program.
///
/// ```swift
/// let fault = Fault(call: "uv_poll_init", number: 3, code: ENOMEM)
/// let node = try RelayProcess.spawn(["-c", file], environment: try fault.environment)
/// ```
package struct Fault: Sendable, CustomStringConvertible {
    package let call: String
    package let number: Int
    package let code: Int32

    package init(call: String, number: Int, code: Int32) {
        self.call = call
        self.number = number
        self.code = code
    }

    /// Variables with which the process is to start.
    package var environment: [String: String] {
        get throws {
            [
                "LD_PRELOAD": try Preload.path("FaultInjector"), "FAULT_CALL": call, "FAULT_NUMBER": String(number),
                "FAULT_ERRNO": String(code),
            ]
        }
    }

    /// Whether the call was reached, as the process tells.
    package func hasStruck(_ process: ChildProcess) -> Bool { process.output.contains { $0.hasPrefix("fault: ") } }

    package var description: String { "call \(number) of \(call) fails with \(String(cString: strerror(code)))" }
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
