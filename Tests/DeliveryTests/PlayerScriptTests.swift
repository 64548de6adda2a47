import TestSupport
import Testing

@testable import Delivery

@Suite struct PlayerScriptTests {
    @Test func `a script that is installed while the node runs is found within two seconds`() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        var script = PlayerScript(path: folder.file("jsmpeg.js"), environment: [:])
        let before = (script.isThere(nowMs: 0), script.read(nowMs: 0))
        #expect(!before.0 && before.1 == nil)
        try folder.write("jsmpeg.js", "window.JSMpeg = {}")
        let soon = script.isThere(nowMs: PlayerScript.freshMs - 1)
        let later = script.isThere(nowMs: PlayerScript.freshMs)
        let bytes = script.read(nowMs: PlayerScript.freshMs)
        #expect(!soon && later && bytes == Array("window.JSMpeg = {}".utf8))
    }

    @Test func `a file over 1 MiB is no script`() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let big = try folder.write("big.js", String(repeating: "x", count: PlayerScript.bytesMax + 1))
        var script = PlayerScript(path: big, environment: [:])
        let bytes = script.read(nowMs: 0)
        #expect(bytes == nil)
    }
}
