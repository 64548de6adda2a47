import Fuzzing
import Glibc
import LoopIO

/// Runs a fuzz target over inputs. Not installed.
///
///     tsfuzz --list                                      name, longest input and what it reads; `!` before the canary
///     tsfuzz --covers                                    the source files whose code reads some target's input
///     tsfuzz --target=http-head FILE...                  each file once: exit 1 where one is a finding
///     tsfuzz --target=http-head -runs=1000000 CORPUS     with libFuzzer's options: in a build with `-D FUZZ` alone
///
/// See `deploy/fuzz.sh`, which makes that build: libFuzzer brings its own `main` then.
enum TSFuzz {
    /// What the words before the files ask for.
    static func target(_ words: [String]) -> FuzzTarget {
        if words.contains("--list") {
            for target in FuzzTarget.all {
                print("\(target.mustFail ? "!" : "")\(target.name)\t\(target.bytesMax)\t\(target.reads)")
            }
            exit(0)
        }
        if words.contains("--covers") {
            for file in Set(FuzzTarget.all.flatMap(\.covers)).sorted() { print(file) }
            exit(0)
        }
        let option = "--target="
        guard let name = words.last(where: { $0.hasPrefix(option) })?.dropFirst(option.count) else {
            fail("tsfuzz: which target? --target=NAME, and tsfuzz --list for the names", 2)
        }
        guard let target = FuzzTarget.named(String(name)) else { fail("tsfuzz: no target \(name); see --list", 2) }
        return target
    }

    static func begin(_ target: FuzzTarget) -> FuzzTarget.Check {
        do throws(FuzzFinding) {
            return try target.begin()
        } catch {
            fail("tsfuzz: \(target.name): \(error)", 2)
        }
    }

    static func fail(_ text: String, _ code: Int32) -> Never {
        print(text)
        exit(code)
    }
}

#if FUZZ

    /// Set once, before libFuzzer calls for the first input.
    nonisolated(unsafe) private var check: FuzzTarget.Check = { _ in }

    /// Called by libFuzzer before the first input, with the arguments of the command.
    @_cdecl("LLVMFuzzerInitialize")
    func initialize(_ count: UnsafePointer<Int32>, _ words: UnsafePointer<UnsafePointer<UnsafePointer<CChar>?>>)
        -> Int32
    {
        // SAFETY: the count and the NUL-ended words are those of `main`.
        let words = (1..<Int(count.pointee)).compactMap { words.pointee[$0].map { String(cString: $0) } }
        check = TSFuzz.begin(TSFuzz.target(words))
        return 0
    }

    /// Called by libFuzzer for each input, on one thread.
    @_cdecl("LLVMFuzzerTestOneInput")
    func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
        do throws(FuzzFinding) {
            // SAFETY: libFuzzer lends `count` bytes for the length of the call.
            try check(UnsafeBufferPointer(start: bytes, count: count).span)
        } catch {
            // The message stands above the trap's report, and libFuzzer keeps the input.
            fatalError("finding: \(error)")
        }
        return 0
    }

#else

    @main struct Main {
        static func main() {
            let words = Array(CommandLine.arguments.dropFirst())
            let target = TSFuzz.target(words)
            let check = TSFuzz.begin(target)
            var findings = 0
            let files = words.filter { !$0.hasPrefix("-") }
            for file in files {
                do throws(IOError) {
                    let bytes = try readFile(file)
                    do throws(FuzzFinding) {
                        try check(bytes.span)
                    } catch {
                        findings += 1
                        print("\(file): \(error)")
                    }
                } catch {
                    TSFuzz.fail("tsfuzz: \(file): \(error)", 2)
                }
            }
            print("\(target.name): \(files.count) files, \(findings) findings")
            exit(findings == 0 ? 0 : 1)
        }
    }

#endif
