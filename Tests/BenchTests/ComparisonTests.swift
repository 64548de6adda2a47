import Foundation
import LoopIO
import TestSupport
import Testing

@testable import Bench

/// Comparisons with a load that makes its figures up: who runs when and where, and what becomes of failures.
@Suite struct ComparisonTests {
    /// A program that is `tsbench` as far as `limit` goes; as `load` it brings what it is told, and it keeps a diary.
    private struct Stand {
        let folder: TemporaryFolder
        let program: String

        init(load: String) throws {
            folder = try TemporaryFolder()
            let text = """
                #!/bin/sh
                cores=$(sed -n 's/^Cpus_allowed_list:[^0-9]*//p' /proc/self/status)
                echo "$1 $3 $cores" >>'\(folder.file("diary"))'
                case $1 in
                limit) exec '\(try BenchProgram.path)' "$@" ;;
                load) \(load) ;;
                esac
                """
            // Another process writes the file that is run: a child that another test forks in this moment would hold it
            // open for writing, and a file that is written cannot be run (ETXTBSY).
            program = folder.file("program")
            let copy = try ChildProcess("install", ["-m", "700", try folder.write("text", text), program])
            guard try copy.waitForExit(within: 10) == .code(0) else { throw TestFailure(copy.text) }
        }

        /// Command, first value, processors: of every start.
        var diary: [[String]] {
            get throws {
                try Files.text(folder.file("diary")).split(separator: "\n").map {
                    $0.split(separator: " ").map(String.init)
                }
            }
        }

        /// Runs a comparison on a thread of its own, which is pinned to processors.
        func compare(
            _ words: [String], whenStarted: @escaping @Sendable (Comparison, EventLoop) throws -> Void = { _, _ in }
        ) throws -> CompareReport? {
            let options = try #require(try CompareOptions(parsing: ["--without-tsrelay"] + words))
            let outcome = Outcome()
            let program = program
            Thread.detachNewThread {
                outcome.set(
                    Result {
                        let loop = try EventLoop()
                        defer { loop.close() }
                        let comparison = Comparison(
                            options, command: "", program: program, relayPath: "", loop: loop)
                        try whenStarted(comparison, loop)
                        return try comparison.run()
                    })
            }
            return try outcome.wait(within: 30)
        }
    }

    private final class Outcome: @unchecked Sendable {
        // SAFETY: `result` is read and written under `condition` alone.
        private let condition = NSCondition()
        private var result: Result<CompareReport, any Error>?

        func set(_ result: Result<CompareReport, any Error>) {
            condition.lock()
            self.result = result
            condition.broadcast()
            condition.unlock()
        }

        /// - Returns: nil when the comparison was stopped.
        func wait(within seconds: Double) throws -> CompareReport? {
            let end = Date(timeIntervalSinceNow: seconds)
            condition.lock()
            defer { condition.unlock() }
            while true {
                switch result {
                case .success(let report): return report
                case .failure(let error):
                    if error is Comparison.Stopped { return nil }
                    throw error
                case nil:
                    guard condition.wait(until: end) else { throw TestFailure("no report in \(seconds) s") }
                }
            }
        }
    }

    private static let figures = """
        echo rubbish; echo '{"viewers":10,"seconds":1,"packetsExpected":5,"packetsLost":0,\
        "delayMs":{"p50":1,"p99":2},"server":{"cpuMsPerGB":100,"rssStartKiB":1,"rssEndKiB":2,\
        "voluntarySwitches":1,"involuntarySwitches":1},"loadBusy":false}'
        """

    @Test func `servers take turns, each started anew, on their processors`() throws {
        let stand = try Stand(load: ComparisonTests.figures)
        defer { stand.folder.remove() }
        let report = try #require(
            try stand.compare(["--limit", "read", "--limit", "timer", "--server-cores", "0", "--load-cores", "0,1"]))
        let diary = try stand.diary
        #expect(diary.filter { $0[0] == "limit" }.map { $0[1] } == ["read", "timer", "timer", "read", "read", "timer"])
        #expect(diary.map { $0[0] } == Array(repeating: ["limit", "load"], count: 6).flatMap { $0 })
        #expect(diary.filter { $0[0] == "limit" }.allSatisfy { $0[2] == "0" })
        let loadCores = Machine.availableParallelism > 1 ? "0-1" : "0"
        #expect(diary.filter { $0[0] == "load" }.allSatisfy { $0[2] == loadCores })
        #expect(report.sections[0].entries.map(\.server) == ["limit-read", "limit-timer"])
        #expect(report.sections[0].entries.allSatisfy { $0.runs.count == 3 && $0.failures.isEmpty })
        #expect(!report.hasFailures)
    }

    @Test func `the load is told the case and the server's ports and number`() throws {
        let stand = try Stand(load: "echo \"$@\" >>\"$(dirname \"$0\")/words\"; \(ComparisonTests.figures)")
        defer { stand.folder.remove() }
        _ = try stand.compare(
            [
                "--limit", "read", "--rounds", "1", "--tier", "tcp", "--viewers", "7", "--rate", "450K", "--pictures",
                "25", "--seconds", "1.5", "--warmup", "0.25",
            ])
        let words = try Files.text(stand.folder.file("words"))
        #expect(words.contains("--publish tcp://127.0.0.1:") && words.contains("--watch tcp://127.0.0.1:"))
        for option in [
            "--viewers 7", "--rate 450000", "--pictures 25", "--seconds 1.5", "--warmup 0.25", "--pid ", "--json",
            "--spin",
        ] { #expect(words.contains(option), "\(option) in \(words)") }
    }

    @Test func `a server that ends is told with its last words, and the others run on`() throws {
        let stand = try Stand(load: ComparisonTests.figures)
        defer { stand.folder.remove() }
        let report = try #require(
            try stand.compare([
                "--limit", "read", "--server", "bad=sh -c 'echo no licence {ws} >&2; exit 3'", "--rounds", "2",
            ]))
        let entries = report.sections[0].entries
        #expect(entries[0].runs.count == 2, "\(entries[0].failures)")
        #expect(entries[1].runs.isEmpty && entries[1].failures.count == 2)
        let failure = try #require(entries[1].failures.first)
        #expect(failure.contains("code(3)") && failure.contains("no licence"))
    }

    @Test func `a load without figures is a failure`() throws {
        let stand = try Stand(load: "echo refused >&2; exit 1")
        defer { stand.folder.remove() }
        let report = try #require(try stand.compare(["--limit", "read", "--rounds", "1"]))
        #expect(report.sections[0].entries[0].failures.first?.contains("refused") == true)
        #expect(report.hasFailures)
    }

    @Test func `a tier that a server does not have is left out`() throws {
        let stand = try Stand(load: ComparisonTests.figures)
        defer { stand.folder.remove() }
        let report = try #require(
            try stand.compare([
                "--limit", "read", "--server", "webonly=exit 1 {ws}", "--tier", "tcp", "--rounds", "1",
            ]))
        #expect(report.sections[0].entries.map(\.server) == ["limit-read"])
    }

    @Test func `stopped in the middle it ends what it started`() throws {
        let stand = try Stand(load: "exec sleep 600")
        defer { stand.folder.remove() }
        let diary = stand.folder.file("diary")
        let report = try stand.compare(["--limit", "read"]) { comparison, loop in
            let timer = try LoopTimer(loop: loop) {
                if (try? Files.text(diary).contains("load")) == true { comparison.stop() }
            }
            timer.start(afterMs: 10, repeatMs: 10)
        }
        #expect(report == nil)
        #expect(try stand.diary.count == 2)
    }
}
