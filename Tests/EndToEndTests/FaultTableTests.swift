import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// No call of libuv in `Sources` is left out by those who make calls fail; tools that start programs say why not.
    @Suite struct FaultTableTests {
        /// Where each function of libuv is called.
        private static func calledFunctions() throws -> [String: String] {
            var places: [String: String] = [:]
            let folder = Files.repository + "/Sources"
            let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
            for name in names where [".swift", ".c", ".h"].contains(where: name.hasSuffix) {
                for line in try Files.text(folder + "/" + name).components(separatedBy: "\n") {
                    let code = line.components(separatedBy: "//")[0]
                    for match in code.matches(of: /\b(uv_[a-z0-9_]+)\s*\(/) {
                        let function = String(match.1)
                        // The memory of a struct, not a call.
                        if !function.hasSuffix("_t") && function != "uv_stdio_flags" { places[function] = name }
                    }
                }
            }
            return places
        }

        @Test func `every call of libuv is made to fail, or cannot`() throws {
            let called = try Self.calledFunctions()
            #expect(called.count > 70, "else they are not found")
            let failing = Set(FaultTable.calls.map(\.name) + FaultTable.toolCalls.map(\.name))
            for (function, place) in called.sorted(by: { $0.key < $1.key }) {
                let isJudged = failing.contains(function) != (FaultTable.cannotFail[function] != nil)
                #expect(isJudged, "\(function) of \(place) stands in one list of FaultTable.swift and no more")
            }
            for function in FaultTable.cannotFail.keys.sorted() + failing.sorted() where function.hasPrefix("uv_") {
                #expect(called[function] != nil, "\(function) is called by nobody")
            }
        }

        @Test(arguments: FaultTable.toolCalls.map(\.name))
        func `a tool that cannot start a program says so in a line`(_ name: String) throws {
            let (_, code, words) = try #require(FaultTable.toolCalls.first { $0.name == name })
            let fault = Fault(calls: [name], code: code, when: .allFrom(1))
            let bench = try RelayProcess.executable.replacing("/tsrelay", with: "/tsbench")
            let tool = try ChildProcess(
                bench, ["compare", "--viewers", "1", "--seconds", "0.5", "--warmup", "0", "--rounds", "1"],
                name: "tsbench", environment: try fault.environment())
            defer { tool.kill() }
            #expect(try tool.waitForExit(within: 3 * FaultRun.secondsMax) == .code(1), "\(tool.text)")
            #expect(tool.output.contains { $0.contains(" cannot ") && $0.contains(words) }, "\(tool.text)")
            #expect(fault.hasStruck(tool))
        }
    }
}
