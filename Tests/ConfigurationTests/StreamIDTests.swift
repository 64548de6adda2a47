import Testing

@testable import Configuration

@Suite struct StreamIDTests {
    @Test(arguments: ["live/main", "a/b", "Live-1/cam_2.x", "live/ts", "live/.ts.x".replacing("/.", with: "/")])
    func `a name of two parts is read and written`(text: String) throws {
        #expect(try StreamID(parsing: text).description == text)
    }

    @Test(arguments: [
        ("live", StreamIDError.notTwoParts("live")), ("a/b/c", .notTwoParts("a/b/c")), ("/b", .emptyPart),
        ("a/", .emptyPart),
        ("a/.b", .leadingDot(".b")), ("../b", .leadingDot("..")), ("a/b c", .badCharacter("b c")),
        ("a/b%2f", .badCharacter("b%2f")), ("a/ö", .badCharacter("ö")), ("a/b\0", .badCharacter("b\0")),
        ("api/b", .reservedApp("api")), ("healthz/b", .reservedApp("healthz")), ("a/b.ts", .reservedSuffix("b.ts")),
        ("a.json/b", .reservedSuffix("a.json")), ("a/b.m3u8", .reservedSuffix("b.m3u8")),
        ("a/" + String(repeating: "x", count: 65), .partTooLong(65)),
    ])
    func `another text is refused`(text: String, error: StreamIDError) {
        #expect(throws: error) { try StreamID(parsing: text) }
    }

    @Test func `a part of 64 bytes is the longest`() throws {
        #expect(try StreamID(app: String(repeating: "x", count: 64), name: "b").app.utf8.count == 64)
    }

    @Test func `the main stream is live/main and names differ by case`() throws {
        #expect(try StreamID(parsing: "live/main") == .main)
        #expect(try StreamID(parsing: "Live/main") != .main)
    }
}
