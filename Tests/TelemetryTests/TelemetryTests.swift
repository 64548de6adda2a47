import Telemetry
import Testing

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
        ("a\nb", "\"a\\u{a}b\""), ("\u{1b}[2J", "\"\\u{1b}[2J\""), ("x=y", "\"x=y\""),
    ])
    func `a value cannot break its line`(value: String, written: String) {
        var line = LogLine(level: .warn, event: "e", unixMs: 0)
        line.append(key: "k", value: value)
        #expect(line.text == "1970-01-01T00:00:00.000Z warn e k=" + written)
    }

    @Test func `a value longer than the limit is cut`() {
        var line = LogLine(level: .warn, event: "e", unixMs: 0)
        line.append(key: "k", value: String(repeating: "x", count: LogLine.valueScalarsMax + 1))
        #expect(line.text.hasSuffix(String(repeating: "x", count: LogLine.valueScalarsMax) + "…"))
    }
}
