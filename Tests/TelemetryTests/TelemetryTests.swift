import TestSupport
import Testing

@testable import Telemetry

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_164_799_999, "2024-02-28T23:59:59.999Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func `a moment is written in UTC with milliseconds`(unixMs: Int64, text: String) {
        #expect(Timestamp(unixMs: unixMs).description == text)
    }
}

@Suite struct LogLineTests {
    @Test(arguments: [
        ("live/main", "live/main"), ("", "\"\""), ("a b", "\"a b\""), ("a\"b", "\"a\\\"b\""),
        ("\u{202e}evil", "\"\\u{202e}evil\""), ("a\u{200b}b", "\"a\\u{200b}b\""), ("\u{85}", "\"\\u{85}\""),
        ("\u{2028}", "\"\\u{2028}\""), ("\u{e0041}", "\"\\u{e0041}\""), ("käse ☃", "\"käse ☃\""),
        ("a\nb", "\"a\\u{a}b\""), ("\u{1b}[2J", "\"\\u{1b}[2J\""), ("x=y", "\"x=y\""),
    ])
    func `a value cannot break its line`(value: String, written: String) {
        var line = LogLine(level: .warn, event: "e", unixMs: 0)
        line.append(key: "k", value: value)
        #expect(line.text == "1970-01-01T00:00:00.000Z warn e k=" + written)
    }

    @Test(arguments: [
        ("live/main", #""live/main""#), ("", #""""#), ("a\"b\\c", #""a\"b\\c""#), ("a\nb", #""a\u000ab""#),
        ("\u{1b}[2J", #""\u001b[2J""#), ("\u{202e}", #""\u202e""#), ("\u{9b}", #""\u009b""#),
        ("\u{2029}", #""\u2029""#),
        ("\u{e0041}", #""\udb40\udc41""#), ("</script>", #""\u003c/script>""#), ("käse ☃", #""käse ☃""#),
    ])
    func `a value cannot break its line of JSON`(value: String, written: String) throws {
        let line = LogLine.text(level: .warn, event: "e.f", unixMs: 0, form: .json, fields: ["k": value, "n": "1"])
        #expect(
            line == #"{"time":"1970-01-01T00:00:00.000Z","level":"warn","event":"e.f","k":"# + written + #","n":"1"}"#)
        #expect(try JSONValue(parsing: line)["k"].string == value)
    }

    @Test func `a value of bytes of all kinds stays one line that tools can read`() throws {
        var random = SeededRandom(seed: 4)
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let value = String(decoding: bytes, as: UTF8.self)
            for form in [LogLine.Form.text, .json] {
                let line = LogLine.text(level: .info, event: "e", unixMs: 0, form: form, fields: ["k": value])
                #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) })
                if form == .json { #expect(try JSONValue(parsing: line)["k"].string == value) }
            }
        }
    }

    @Test func `a value longer than the limit is cut in JSON too`() throws {
        let value = String(repeating: "ü", count: LogLine.valueScalarsMax)
        for (more, end) in [("", ""), ("x", "…")] {
            let line = LogLine.text(level: .info, event: "e", unixMs: 0, form: .json, fields: ["k": value + more])
            #expect(try JSONValue(parsing: line)["k"].string == value + end)
        }
    }

    @Test func `a value longer than the limit is cut`() {
        var line = LogLine(level: .warn, event: "e", unixMs: 0)
        line.append(key: "k", value: String(repeating: "x", count: LogLine.valueScalarsMax + 1))
        #expect(line.text.hasSuffix(String(repeating: "x", count: LogLine.valueScalarsMax) + "…"))
    }
}

@Suite struct JSONWriterTests {
    @Test func `a document nests objects and arrays with commas where they belong`() {
        var json = JSONWriter()
        json.object {
            $0.field("a", 1)
            $0.object("b") { $0.field("c", true) }
            $0.array("d", [1, 2]) { $0.field("e", $1) }
            $0.array("f", [Int]()) { $0.field("e", $1) }
            $0.null("g")
        }
        #expect(json.text == #"{"a":1,"b":{"c":true},"d":[{"e":1},{"e":2}],"f":[],"g":null}"#)
    }

    @Test func `an array of strings has its commas`() {
        var json = JSONWriter()
        json.object {
            $0.strings("a", [])
            $0.strings("b", ["x", "\""])
            $0.field("c", 1)
        }
        #expect(json.text == #"{"a":[],"b":["x","\""],"c":1}"#)
    }

    @Test(arguments: [
        ("plain", #""plain""#), ("a\"b\\c", #""a\"b\\c""#), ("\n", #""\u000a""#), ("</script>", #""\u003c/script>""#),
        ("ü", #""ü""#),
    ])
    func `a string cannot leave its quotes, nor a script element`(value: String, written: String) {
        var json = JSONWriter()
        json.object { $0.field("k", value) }
        #expect(json.text == "{\"k\":" + written + "}")
    }

    @Test(arguments: [
        (25.0, "25"), (29.97, "29.97"), (0.05, "0.05"), (-0.5, "-0.50"), (-1.5, "-1.50"), (.nan, "null"),
        (1e300, "null"),
    ])
    func `a number has two decimals or none`(value: Double, written: String) {
        var json = JSONWriter()
        json.object { $0.field("k", value) }
        #expect(json.text == "{\"k\":" + written + "}")
    }
}
