import Glibc
import Testing

@testable import LoopIO

@Suite struct SpawnedProcessTests {
    private func run(_ words: String..., errors: SpawnedProcess.Errors = .kept, _ body: (SpawnedProcess) -> Void) throws
    {
        try withLoop { loop in
            let process = try SpawnedProcess(loop: loop, words: words, errors: errors)
            loop.expect { process.isOver }
            body(process)
            process.end(withinMs: 1000)
            process.end(withinMs: 1000)
        }
    }

    @Test func `what a program writes comes line by line, the last one without its end`() throws {
        try run("sh", "-c", "echo one; echo; printf three; echo four >&2; exit 3") { process in
            #expect(process.output == ["one", "", "three"])
            #expect(process.errors == ["four"])
            #expect(process.exit == .code(3))
            #expect(process.pid > 0)
        }
    }

    @Test func `of very much output the last lines are kept`() throws {
        try run("sh", "-c", "i=0; while [ $i -lt 1200 ]; do echo $i; i=$((i+1)); done") { process in
            #expect(process.output.count == LinePipe.linesMax)
            #expect(process.output.first == "200" && process.output.last == "1199")
        }
    }

    @Test func `a line without end is cut`() throws {
        try run("sh", "-c", "head -c 2500000 /dev/zero | tr '\\\\0' x") { process in
            #expect(process.output.map(\.utf8.count) == [1 << 20, 1 << 20, 2_500_000 - (2 << 20)])
        }
    }

    @Test func `it has no standard input`() throws {
        try run("cat") { process in
            #expect(process.output.isEmpty && process.exit == .code(0))
        }
    }

    @Test func `a program that is not there is an error, and leaves nothing behind`() throws {
        try withLoop { loop in
            #expect(throws: IOError.failed(.startProgram, code: -ENOENT, nil)) {
                try SpawnedProcess(loop: loop, words: ["/no/such/program"], errors: .kept)
            }
        }
    }

    @Test func `a program that ends at SIGTERM is not killed`() throws {
        try withLoop { loop in
            let process = try SpawnedProcess(
                loop: loop, words: ["sh", "-c", "trap 'exit 7' TERM; echo up; while :; do :; done"], errors: .kept)
            loop.expect { process.output == ["up"] }
            process.end(withinMs: 5000)
            #expect(process.exit == .code(7))
        }
    }

    @Test func `a program that ignores SIGTERM is killed`() throws {
        try withLoop { loop in
            let process = try SpawnedProcess(
                loop: loop, words: ["sh", "-c", "trap '' TERM; echo up; while :; do :; done"], errors: .kept)
            loop.expect { process.output == ["up"] }
            process.end(withinMs: 50)
            #expect(process.exit == .signal(SIGKILL))
        }
    }

    @Test func `the machine says which kernel and which program`() throws {
        #expect(Machine.kernel.hasPrefix("Linux "))
        #expect(isReadableFile(try #require(Machine.executablePath)))
    }
}
