import Testing

@testable import Configuration

@Suite struct ValueKindTests {
    @Test(arguments: [
        ("250ms", Duration.milliseconds(250)), ("5s", .seconds(5)), ("5S", .seconds(5)), ("1.5s", .milliseconds(1_500)),
        ("0", .zero), ("0s", .zero), ("2m", .seconds(120)), ("2min", .seconds(120)), ("1h", .seconds(3_600)),
        ("0.25h", .seconds(900)), ("10 ms", .milliseconds(10)), ("0.000001s", .microseconds(1)), ("007s", .seconds(7)),
        ("8760h", .seconds(31_536_000)),
    ])
    func `a duration is read`(text: String, duration: Duration) throws {
        #expect(try DurationText.parse(text) == duration)
    }

    @Test(arguments: [
        "", "s", "5", "-5s", "+5s", "5 s 5", "1..5s", "1.s", ".5s", "5sec", "1e3s", "9999999999999s", "8761h", "٥s",
        "5,5s",
        "0.0000001s", "1.5.5s", "infs",
    ])
    func `a text that is no duration is refused`(text: String) {
        #expect(throws: ValueError.self) { try DurationText.parse(text) }
    }

    @Test(arguments: ["0s", "1ms", "250ms", "1.5s", "1.05s", "59s", "2m", "61s", "1h", "25h", "90m"])
    func `a duration is written as short as it can be and read back`(text: String) throws {
        #expect(DurationText.format(try DurationText.parse(text)) == text)
    }

    @Test(arguments: [
        ("0", 0), ("65536", 65_536), ("512K", 512 << 10), ("4m", 4 << 20), ("4MB", 4 << 20), ("4MiB", 4 << 20),
        ("1G", 1 << 30), ("16 K", 16 << 10), ("10b", 10),
    ])
    func `a size is read`(text: String, bytes: Int) throws {
        #expect(try SizeText.parse(text) == bytes)
    }

    @Test(arguments: ["", "K", "-1K", "1.5M", "1T", "1KK", "9999999999999999", "999999999999999G", "0x10", "٤K"])
    func `a text that is no size is refused`(text: String) {
        #expect(throws: ValueError.self) { try SizeText.parse(text) }
    }

    @Test(arguments: [
        (1_023, "1023"), (1_024, "1K"), (400 << 10, "400K"), (4 << 20, "4M"), (3 << 29, "1536M"), (0, "0"),
    ])
    func `a size is written as short as it can be`(bytes: Int, text: String) {
        #expect(SizeText.format(bytes) == text)
    }

    @Test(arguments: ["True", "TRUE", "on", "Yes", "1", "true"])
    func `a word for true is true`(text: String) throws {
        #expect(try ValueKind.boolean.parse(text) == .boolean(true))
    }

    @Test(arguments: ["False", "FALSE", "off", "No", "0", "false"])
    func `a word for false is false`(text: String) throws {
        #expect(try ValueKind.boolean.parse(text) == .boolean(false))
    }

    @Test(arguments: [
        ("2s, 4M", ParsedValue.lag(time: .seconds(2), bytes: 4 << 20)),
        ("4M,2s", .lag(time: .seconds(2), bytes: 4 << 20)),
        ("500ms", .lag(time: .milliseconds(500), bytes: nil)), ("1G", .lag(time: nil, bytes: 1 << 30)),
        ("1m, 4M", .lag(time: .seconds(60), bytes: 4 << 20)), ("64kb", .lag(time: nil, bytes: 64 << 10)),
    ])
    func `a lag is a duration, a size, or both`(text: String, value: ParsedValue) throws {
        #expect(try ValueKind.lag.parse(text) == value)
    }

    @Test(arguments: ["2", "2s,", "0s", "2h", "1K", "2G", "2s,4M,5s", "now"])
    func `a lag of other form is refused`(text: String) {
        #expect(throws: ValueError.self) { try ValueKind.lag.parse(text) }
    }

    @Test(arguments: [
        ("example.org", "example.org"), ("edge-1", "edge-1"), ("a_b.example.", "a_b.example."),
        ("10.0.0.1", "10.0.0.1"),
        ("[2001:DB8::1]", "2001:db8::1"), ("2001:db8::1", "2001:db8::1"), ("::ffff:10.0.0.1", "10.0.0.1"),
        ("1a.2", "1a.2"),
    ])
    func `a child's host is read`(text: String, host: String) throws {
        #expect(try ValueKind.hostList.parse(text) == .texts([host]))
    }

    @Test(arguments: [
        "10.0.0.256", "1.2.3", "5", "a..b", "-a", "a-", "a b", "[a]", "[10.0.0.1", "käse", "a/b", "a:b", ".",
        "fe80::1%eth0",
    ])
    func `a child's bad host is refused`(text: String) {
        #expect(throws: ValueError.self) { try ValueKind.hostList.parse(text) }
    }

    @Test func `a secret of 256 bytes is the longest`() throws {
        let longest = String(repeating: "s", count: 256)
        #expect(throws: Never.self) { try ValueKind.secret.parse(longest) }
        #expect(throws: ValueError.self) { try ValueKind.secret.parse(longest + "s") }
    }

    @Test func `a host of 253 bytes is the longest`() throws {
        let label = String(repeating: "a", count: 49) + "."
        let longest = String(repeating: label, count: 5) + "abc"
        #expect(longest.utf8.count == 253)
        #expect(throws: Never.self) { try ValueKind.hostList.parse(longest) }
        #expect(throws: ValueError.self) { try ValueKind.hostList.parse(longest + "d") }
    }

    @Test(arguments: [
        "http://10.0.0.5:50000/monitor", "HTTPS://a/", "http://[::1]:1/",
    ])
    func `a report URL is read`(text: String) throws {
        #expect(try ValueKind.httpURL.parse(text) == .text(text))
    }

    @Test(arguments: ["ftp://a", "http://", "http:///x", "http://:80", "10.0.0.5", "http://a b", "http://ä/"])
    func `a text that is no report URL is refused`(text: String) {
        #expect(throws: ValueError.self) { try ValueKind.httpURL.parse(text) }
    }

    @Test(arguments: [
        ("Prot", "Port"), ("prto", "Port"), ("hosts", "Hosts"), ("Protcol", "Protocol"), ("FilterIp", "FilterIps"),
    ])
    func `the word that was meant is found`(word: String, meant: String) {
        #expect(EditDistance.nearest(to: word, among: ["Hosts", "Port", "Protocol", "FilterIps", "Bind"]) == meant)
    }

    @Test(arguments: ["RTMP", "FTP", "xy", "Nope"])
    func `a short word that shares half its letters was not meant`(word: String) {
        #expect(EditDistance.nearest(to: word, among: ["HTTP", "UDP"]) == nil)
    }

    @Test(arguments: [
        ("10.0.0.2:55001", "its port goes into Ports"), ("[::1]:1", "its port goes into Ports"),
        ("edge:1", "goes into Ports"),
        ("http://edge", "without a scheme"), ("edge/x", "without a scheme"), ("10.0.0", "such as 10.0.0.2"),
    ])
    func `what is more than a host is told what to do`(text: String, remedy: String) {
        let error = #expect(throws: ValueError.self) { try HostName.parse(text) }
        #expect(error?.message.contains(remedy) == true, "\(String(describing: error))")
    }

    @Test(
        arguments: [
            (.hostList, "a b"), (.hostList, "a;b"), (.portList, "1 2"), (.addressList, "10.0.0.1;10.0.0.2"),
            (.wordList(["TCP", "CUSTOM"]), "TCP CUSTOM"), (.streamList, "live/a live/b"),
        ] as [(ValueKind, String)])
    func `a list without commas is told what it needs`(kind: ValueKind, text: String) {
        let error = #expect(throws: ValueError.self) { try kind.parse(text) }
        #expect(error?.message.hasSuffix(": items are separated by commas") == true, "\(String(describing: error))")
    }

    @Test(arguments: [("", "abc", 3), ("abc", "", 3), ("abc", "ABC", 0), ("abc", "acb", 1), ("kitten", "sitting", 3)])
    func `the distance of two words is counted`(first: String, second: String, distance: Int) {
        #expect(EditDistance.between(first, second) == distance)
    }

    /// Every way counted, nothing left out.
    private static func plainDistance(_ left: ArraySlice<Character>, _ right: ArraySlice<Character>) -> Int {
        guard let first = left.first, let second = right.first else { return max(left.count, right.count) }
        let (leftRest, rightRest) = (left.dropFirst(), right.dropFirst())
        var best = min(
            plainDistance(leftRest, right) + 1, plainDistance(left, rightRest) + 1,
            plainDistance(leftRest, rightRest) + (first == second ? 0 : 1))
        if let third = leftRest.first, let fourth = rightRest.first, first == fourth, second == third {
            best = min(best, plainDistance(leftRest.dropFirst(), rightRest.dropFirst()) + 1)
        }
        return best
    }

    @Test func `a bounded distance is the distance, or nil beyond its bound`() {
        var random = SplitMix(seed: 9)
        for _ in 0..<400 {
            let words = (0..<2).map { _ in String((0..<random.below(6)).map { _ in Array("abc")[random.below(3)] }) }
            let distance = ValueKindTests.plainDistance(Array(words[0])[...], Array(words[1])[...])
            for most in 0...6 {
                let found = EditDistance.between(words[0], words[1], atMost: most)
                #expect(found == (distance <= most ? distance : nil), "\(words), at most \(most)")
            }
        }
    }

    @Test func `a word of any length is compared in bounded time`() {
        #expect(EditDistance.nearest(to: String(repeating: "x", count: 4_000), among: ["Port"]) == nil)
    }

    @Test(arguments: [
        ("a", "a"), ("a b", "\"a b\""), ("", "\"\""), ("a\u{1b}[31m", "\"a\\u{1b}[31m\""),
        ("\u{202e}", "\"\\u{202e}\""),
        ("a\"", "\"a\\u{22}\""), ("käse", "käse"),
    ])
    func `a text from outside is shown without doing anything to the terminal`(text: String, shown: String) {
        #expect(printable(text) == shown)
    }

    @Test func `a long text is cut`() {
        #expect(printable(String(repeating: "x", count: 100)) == String(repeating: "x", count: 64) + "…")
    }
}
