import Foundation

/// An outside program that a test needs; a missing one is a failure and never a silent pass.
package enum Tool {
    /// The path of a program on `PATH` or in the usual system folders.
    ///
    /// - Throws: `TestFailure` that names the command which installs it.
    package static func path(_ name: String) throws -> String {
        let searched = ProcessInfo.processInfo.environment["PATH"] ?? ""
        for folder in searched.split(separator: ":").map(String.init) + ["/usr/bin", "/bin", "/usr/local/bin"] {
            let candidate = folder + "/" + name
            if access(candidate, X_OK) == 0 { return candidate }
        }
        throw TestFailure("\(name) is missing; deploy/test.sh installs what the tests need")
    }
}
