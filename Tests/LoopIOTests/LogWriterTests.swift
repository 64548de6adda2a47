import Glibc
import Testing

@testable import LoopIO

@Suite struct LogWriterTests {
    /// A pipe that the test reads when it likes.
    private struct Pipe {
        let reader: Int32
        let writer: Int32

        init() throws {
            var ends: [Int32] = [-1, -1]
            try #require(pipe(&ends) == 0)
            reader = ends[0]
            writer = ends[1]
        }

        /// Reads until the text has at least so many lines, and to the end of a line.
        func readLines(_ count: Int) -> [Substring] {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while bytes.count(where: { $0 == UInt8(ascii: "\n") }) < count || bytes.last != UInt8(ascii: "\n") {
                let taken = read(reader, &buffer, buffer.count)
                guard taken > 0 else { break }
                bytes += buffer[..<taken]
            }
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        }

        func close() {
            _ = Glibc.close(reader)
            _ = Glibc.close(writer)
        }
    }

    private func temporaryPath() throws -> String {
        var template = Array("/tmp/tsrelay-log-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        _ = Glibc.close(descriptor)
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func text(of path: String) throws -> String { String(decoding: try readFile(path), as: UTF8.self) }

    @Test func `lines come out whole and in order`() throws {
        let pipe = try Pipe()
        defer { pipe.close() }
        let log = try LogWriter(.descriptor(pipe.writer))
        for number in 0..<100 { log.write("line \(number)") }
        #expect(pipe.readLines(100) == (0..<100).map { "line \($0)" })
        #expect(log.close())
    }

    @Test func `a stalled reader stops nobody, and the drops are told when it reads again`() throws {
        let pipe = try Pipe()
        defer { pipe.close() }
        let log = try LogWriter(.descriptor(pipe.writer), dropsLine: { "dropped \($0)" })
        // The queue, the batch that the writer holds and the pipe keep at most 9 thousand.
        let count = 4 * LogWriter.linesMax
        let line = String(repeating: "x", count: 99)
        for _ in 0..<count { log.write(line) }
        #expect(!log.flush(timeoutMs: 20))
        let dropped = log.droppedLines
        #expect(dropped >= UInt64(LogWriter.linesMax))
        // The count may come in several lines, as the writer found room in between.
        var told: UInt64 = 0
        var whole = 0
        while whole < count - Int(dropped) || told < dropped {
            for text in pipe.readLines(1) {
                if let number = text.split(separator: " ").last.flatMap({ UInt64($0) }) {
                    told += number
                } else {
                    whole += text.utf8.count == 99 ? 1 : 0
                }
            }
        }
        #expect(told == dropped)
        #expect(whole == count - Int(dropped))
        log.write("after")
        #expect(log.flush(timeoutMs: 5000))
        #expect(log.close())
    }

    @Test func `the queue is bounded in bytes too`() throws {
        let pipe = try Pipe()
        defer { pipe.close() }
        let log = try LogWriter(.descriptor(pipe.writer))
        log.write(String(repeating: "x", count: LogWriter.bytesMax))
        #expect(log.droppedLines == 1)
        _ = pipe.readLines(1)
        #expect(log.close())
    }

    @Test func `after a rotation the lines go to the new file`() throws {
        let path = try temporaryPath()
        defer {
            unlink(path)
            unlink(path + ".1")
        }
        let log = try LogWriter(.file(path))
        log.write("one")
        #expect(log.flush(timeoutMs: 5000))
        #expect(rename(path, path + ".1") == 0)
        log.reopen()
        log.write("two")
        #expect(log.close(timeoutMs: 5000))
        #expect(try text(of: path + ".1") == "one\n")
        #expect(try text(of: path) == "two\n")
    }

    @Test func `a file that cannot be opened again stays in use, and its line says why`() throws {
        let folder = try temporaryPath()
        #expect(unlink(folder) == 0 && mkdir(folder, 0o700) == 0)
        let (path, away) = (folder + "/log", folder + "-away")
        defer {
            unlink(away + "/log")
            rmdir(away)
        }
        let log = try LogWriter(.file(path), failureLine: { "not opened: \($0)" })
        #expect(rename(folder, away) == 0)
        log.reopen()
        log.write("two")
        #expect(log.close(timeoutMs: 5000))
        let lines = try text(of: away + "/log").split(separator: "\n")
        #expect(lines.count == 2 && lines.last == "two")
        #expect(lines.first?.hasPrefix("not opened: ") == true && lines.first?.contains("ENOENT") == true)
    }

    @Test func `a file is appended to`() throws {
        let path = try temporaryPath()
        defer { unlink(path) }
        for line in ["one", "two"] {
            let log = try LogWriter(.file(path))
            log.write(line)
            #expect(log.close(timeoutMs: 5000))
        }
        #expect(try text(of: path) == "one\ntwo\n")
    }

    @Test func `lines that a reader who went away did not take are counted`() throws {
        let loop = try EventLoop()  // ignores SIGPIPE
        defer { loop.close() }
        let pipe = try Pipe()
        _ = Glibc.close(pipe.reader)
        defer { _ = Glibc.close(pipe.writer) }
        let log = try LogWriter(.descriptor(pipe.writer))
        log.write("lost")
        #expect(log.flush(timeoutMs: 5000))
        #expect(log.droppedLines == 1)
        #expect(log.close())
    }

    @Test func `lines after close are dropped`() throws {
        let pipe = try Pipe()
        defer { pipe.close() }
        let log = try LogWriter(.descriptor(pipe.writer))
        #expect(log.close(timeoutMs: 5000))
        log.write("late")
        #expect(log.droppedLines == 1)
    }

    @Test func `a file that cannot be opened is an error at start`() {
        let error = #expect(throws: IOError.self) { try LogWriter(.file("/nonexistent/dir/log")) }
        #expect(error?.name == "ENOENT")
    }
}
