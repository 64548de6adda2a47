import Foundation
import TestSupport

@testable import Bench

/// The built `tsbench`, which lies beside the test bundle.
enum BenchProgram {
    static var path: String {
        get throws {
            let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            var folder = bundle.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            while folder.count > 1 {
                let candidate = folder.joined(separator: "/") + "/tsbench"
                var isFolder: ObjCBool = false
                if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder), !isFolder.boolValue {
                    return candidate
                }
                folder.removeLast()
            }
            throw TestFailure("no tsbench above \(bundle): swift build makes it")
        }
    }

    /// Runs it to its end.
    static func run(_ words: String...) throws -> (exit: TestSupport.ChildProcess.Exit, text: String) {
        let process = try ChildProcess(try path, words, name: "tsbench")
        defer { process.kill() }
        return (try process.waitForExit(within: 20), process.text)
    }
}

/// A `tsbench limit` that runs for one test.
final class LimitProcess {
    let process: ChildProcess
    private let ports: JSON

    init(_ words: String...) throws {
        process = try ChildProcess(try BenchProgram.path, ["limit"] + words, name: "limit")
        do {
            ports = try JSON(parsing: try process.waitForLine("its ports", within: 10) { $0.hasPrefix("{") })
        } catch {
            process.kill()
            throw error
        }
    }

    deinit { process.kill() }

    func port(_ name: String) throws -> Int {
        guard let port = ports[name + "Port"].number.flatMap({ Int(exactly: $0) }), port > 0 else {
            throw TestFailure("no \(name)Port in \(ports.text)")
        }
        return port
    }

    func publish() throws -> RawSocket { try RawSocket.connect(port: try port("publisher")) }

    /// Ends it as an operator does, and reads what it counted.
    func stop() throws -> JSON {
        process.signal(SIGTERM)
        let exit = try process.waitForExit(within: 5)
        guard exit == .code(0), let line = process.output.last else { throw TestFailure("it ended with \(exit)") }
        return try JSON(parsing: line)
    }
}

extension JSON {
    /// A member that is a count; -1 where there is none.
    func count(_ name: String) -> Int { self[name].number.flatMap { Int(exactly: $0) } ?? -1 }
}
