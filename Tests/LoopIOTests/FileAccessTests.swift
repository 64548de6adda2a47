import Glibc
import Testing

@testable import LoopIO

@Suite struct FileAccessTests {
    @Test func `a folder's names are listed, and what is none has no names`() {
        let own = fileNames(in: "/proc/self/task") ?? []
        #expect(own.allSatisfy { Int($0) != nil } && !own.isEmpty)
        #expect(fileNames(in: "/proc/self/stat") == nil)
        #expect(fileNames(in: "/nowhere/at/all") == nil)
    }

    @Test func `a file comes in parts that are the whole`() throws {
        let whole = try readFile("/etc/passwd")
        var joined: [UInt8] = []
        var parts = 0
        try readFileInParts("/etc/passwd", partBytes: 100) { part in
            part.withUnsafeBufferPointer { joined += $0 }
            parts += 1
            return true
        }
        #expect(joined == whole && parts == (whole.count + 99) / 100)
        parts = 0
        try readFileInParts("/etc/passwd", partBytes: 100) { _ in
            parts += 1
            return parts < 3
        }
        #expect(parts == 3)
    }

    @Test func `a folder and what is not there cannot be read`() {
        for (path, name) in [("/proc", "EISDIR"), ("/nowhere/at/all", "ENOENT")] {
            do throws(IOError) {
                try readFileInParts(path) { _ in true }
                Issue.record("\(path) was read")
            } catch {
                #expect(error.name == name)
            }
        }
    }

    @Test func `a file is written whole, over another only when told to`() throws {
        var template = Array("/tmp/tsrelay-file-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        _ = Glibc.close(descriptor)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }
        let error = #expect(throws: IOError.self) { try writeFile(path, "new", replaces: false) }
        #expect(error?.name == "EEXIST")
        let long = String(repeating: "0123456789", count: 100_000)
        for text in [long, "short", ""] {
            try writeFile(path, text, replaces: true)
            #expect(String(decoding: try readFile(path), as: UTF8.self) == text)
        }
        #expect(unlink(path) == 0)
        try writeFile(path, "new", replaces: false)
        #expect(try readFile(path) == Array("new".utf8))
        let full = #expect(throws: IOError.self) { try writeFile("/dev/full", "x", replaces: true) }
        #expect(full?.name == "ENOSPC")
    }
}
