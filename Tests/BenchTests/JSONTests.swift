import Testing

@testable import Bench

@Suite struct JSONTests {
    @Test func `what is written is read again`() throws {
        let value = JSON(members: [
            ("name", "a \"b\" \\ \n\u{1}é😀"), ("list", .array([1, .number(0.25), .number(-1e-9), .null])),
            ("yes", .bool(true)), ("no", .bool(false)), ("empty", .object([])), ("none", .array([])),
        ])
        #expect(try JSON(parsing: value.text) == value)
        #expect(!value.text.contains("\n"))
    }

    @Test func `members are found by name, and what is not there is null`() throws {
        let value = try JSON(parsing: #" {"a": {"b": 12.5, "c": "d"}, "e": [true, null]} "#)
        #expect(value["a"]["b"].number == 12.5)
        #expect(value["a"]["c"].string == "d")
        #expect(value["e"].elements == [.bool(true), .null])
        #expect(value["x"]["y"].number == nil)
    }

    @Test func `numbers are whole where they can be, and finite`() {
        #expect(JSON(3).text == "3" && JSON(-0.5).text == "-0.5" && JSON(1e15).text == "1000000000000000")
        #expect(JSON(nil).text == "null" && JSON(.nan) == .null && JSON(.infinity) == .null)
    }

    @Test(arguments: [
        (#""A\t\/\b""#, "A\t/\u{8}"), (#""\ud83d\ude00""#, "😀"), (#""\ud83dx""#, "\u{fffd}x"), (#""é""#, "é"),
    ])
    func `escapes are understood`(_ text: String, _ wanted: String) throws {
        #expect(try JSON(parsing: text) == .string(wanted))
    }

    @Test(arguments: [
        "", "{", "[1,]", "[1", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "nul", "tru", "+1", ".5", "1.", "nan", "1e999",
        "0x1",
        "\"a", "\"\\x\"", "\"\\u12g4\"", "\"\\u12\"", "\"\n\"", "1 2", "-", "--1",
    ])
    func `what is no JSON is refused`(_ text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }

    @Test func `values lie at most so deep in one another`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)
        }
        _ = try JSON(parsing: nested(JSONParser.depthMax - 1))
        #expect(throws: JSONError.tooDeep) { try JSON(parsing: nested(JSONParser.depthMax)) }
    }

    @Test func `bytes that were changed are refused or read, never a trap`() {
        let text = Array(#"{"a":[1,-2.5e3,"x\u00e9\n"],"b":{"c":null,"d":true}}"#.utf8)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var changed = text
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                changed[Int.random(in: 0..<changed.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = try? JSON(parsing: String(decoding: changed.prefix(Int.random(in: 0...text.count)), as: UTF8.self))
        }
    }
}
