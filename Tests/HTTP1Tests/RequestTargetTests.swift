import HTTP1
import TestSupport
import Testing

@Suite struct RequestTargetTests {
    private func target(_ text: String, method: HTTPMethod = .get) throws(HTTPError) -> RequestTarget {
        let bytes = Array(text.utf8)
        return try RequestTarget(parsing: bytes.span, method: method)
    }

    @Test(
        arguments: [
            ("/", []), ("/a", ["a"]), ("/a/", ["a", ""]), ("//a", ["", "a"]), ("/a//b", ["a", "", "b"]),
            ("/live/main", ["live", "main"]), ("/live/main.ts?x", ["live", "main.ts"]), ("/a%20b", ["a b"]),
            ("/%e4%bd%a0", ["你"]), ("/a%25b", ["a%b"]), ("/%252f", ["%2f"]), ("/a+b", ["a+b"]),
            ("/...", ["..."]), ("/.hidden", [".hidden"]), ("/a|b^c{d}", ["a|b^c{d}"]), ("/?", []), ("/a?", ["a"]),
            ("/%3F?a", ["?"]), ("http://h/a", ["a"]), ("HTTP://h:1/a", ["a"]), ("http://h", []), ("http://h?q", []),
            ("http://[::1]:8080/a", ["a"]), ("http://h:/a", ["a"]), ("http://1.2.3.4/", []),
        ] as [(String, [String])])
    func `a path is cut at slashes and decoded once`(text: String, segments: [String]) throws {
        let target = try target(text)
        #expect(target.segments == segments)
        #expect(target.raw == text)
    }

    @Test(
        arguments: [
            ("/?a=b", ["a", "b"]), ("/?a", ["a", ""]), ("/?a=", ["a", ""]), ("/?=b", ["", "b"]),
            ("/?a=b=c", ["a", "b=c"]), ("/?a=b&c=d", ["a", "b", "c", "d"]), ("/?&&a=b&&", ["a", "b"]), ("/?", []),
            ("/?a=x%26y%3Dz", ["a", "x&y=z"]), ("/?a=b%2Fc/d?e", ["a", "b/c/d?e"]), ("/?a=1+1", ["a", "1+1"]),
            ("/?secret=p%C3%A4ss", ["secret", "päss"]), ("/?a=../..", ["a", "../.."]), ("http://h?a=b", ["a", "b"]),
        ] as [(String, [String])])
    func `a query is cut at ampersands and decoded once`(text: String, items: [String]) throws {
        #expect(try target(text).query.flatMap { [$0.name, $0.value] } == items)
    }

    @Test func `the first item of a name counts, in its case of letters`() throws {
        let target = try target("/?a=1&a=2&A=3")
        #expect(target.first("a") == "1")
        #expect(target.first("A") == "3")
        #expect(target.first("b") == nil)
    }

    @Test func `the forms of the other methods`() throws {
        #expect(try target("*", method: .options).form == .asterisk)
        #expect(try target("host:443", method: .connect).form == .authority)
        #expect(try target("[::1]:443", method: .connect).form == .authority)
        #expect(try target("/a", method: .options).form == .origin)
    }

    static let refusals: [(String, HTTPError.Fault, Int)] = [
        ("", .badTargetForm, 0), ("a", .badTargetForm, 0), ("*", .badTargetForm, 0), ("?a", .badTargetForm, 0),
        ("ftp://h/", .badTargetForm, 0), ("http:/h/", .badTargetForm, 0), ("host:80", .badTargetForm, 0),
        ("https://h/a", .schemeNeedsTLS, 0), ("HTTPS://h:1/a", .schemeNeedsTLS, 0), ("https:/h", .badTargetForm, 0),
        ("http://", .badAuthority, 7), ("http:///a", .badAuthority, 7), ("http://u@h/", .badAuthority, 7),
        ("http://u:p@h/", .badAuthority, 7), ("http://h:x/", .badAuthority, 7), ("http://h:65536/", .badAuthority, 7),
        ("http://[::1/", .badAuthority, 7), ("http://[::g]/", .badAuthority, 7),
        ("http://[fe80::1%25eth0]/", .badAuthority, 7),
        ("http://h\\a/", .badAuthority, 7),
        ("/a#b", .badTargetCharacter(0x23), 2), ("/a b", .badTargetCharacter(0x20), 2),
        ("/\u{e9}", .badTargetCharacter(0xc3), 1), ("/a\u{1}", .badTargetCharacter(1), 2),
        ("/%", .badPercentEncoding, 1), ("/%4", .badPercentEncoding, 1), ("/a%4", .badPercentEncoding, 2),
        ("/%zz", .badPercentEncoding, 1), ("/%4/1", .badPercentEncoding, 1), ("/?a=%4&b", .badPercentEncoding, 4),
        ("/%u0041", .badPercentEncoding, 1), ("/a%2fb", .encodedSlash, 2), ("/..%2F..", .encodedSlash, 3),
        ("/%00", .encodedControlCharacter, 1), ("/a%0d%0aSet-Cookie:", .encodedControlCharacter, 2),
        ("/%1b", .encodedControlCharacter, 1), ("/%7f", .encodedControlCharacter, 1),
        ("/?a=%00", .encodedControlCharacter, 4), ("/?%0a", .encodedControlCharacter, 2),
        ("/.", .dotSegment, 1), ("/..", .dotSegment, 1), ("/a/../b", .dotSegment, 3), ("/a/./b", .dotSegment, 3),
        ("/%2e", .dotSegment, 1), ("/%2E%2e/a", .dotSegment, 1), ("/.%2e", .dotSegment, 1), ("/a/..", .dotSegment, 3),
        ("http://h/../a", .dotSegment, 9),
        ("/%ff", .notUTF8, 1), ("/%c0%ae", .notUTF8, 1), ("/%ed%a0%80", .notUTF8, 1), ("/%e4%bd", .notUTF8, 1),
        ("/?a=%80", .notUTF8, 4),
    ]

    @Test(arguments: refusals)
    func `it is refused at its place`(text: String, fault: HTTPError.Fault, offset: Int) {
        #expect(throws: HTTPError(fault, offset: offset)) { try target(text) }
    }

    @Test(arguments: ["host", "host:", "host:x", ":443", "/a", "http://h:1/", "host:70000"])
    func `CONNECT needs host and port`(text: String) {
        #expect(throws: HTTPError(.badAuthority, offset: 0)) { try target(text, method: .connect) }
    }

    @Test(arguments: [(512, true), (513, false)])
    func `a segment of the limit passes and a longer one does not`(count: Int, passes: Bool) throws {
        let text = "/" + String(repeating: "%61", count: count)
        guard passes else {
            #expect(throws: HTTPError(.segmentTooLong, offset: 1)) { try target(text) }
            return
        }
        #expect(try target(text).segments.first?.utf8.count == count)
    }

    @Test(arguments: [(32, true), (33, false)])
    func `as many segments as the limit pass and one more does not`(count: Int, passes: Bool) throws {
        let text = String(repeating: "/a", count: count)
        guard passes else {
            #expect(throws: HTTPError(.tooManySegments, offset: 65)) { try target(text) }
            return
        }
        #expect(try target(text).segments.count == count)
    }

    @Test(arguments: [(64, true), (65, false)])
    func `as many query items as the limit pass and one more does not`(count: Int, passes: Bool) throws {
        let text = "/?" + String(repeating: "a&", count: count)
        guard passes else {
            #expect(throws: HTTPError(.tooManyQueryItems, offset: 130)) { try target(text) }
            return
        }
        #expect(try target(text).query.count == count)
    }

    @Test func `twenty thousand broken targets never decode to what is refused`() throws {
        let corpus = [
            "/live/main.ts?secret=a%2Fb&c", "/%e4%bd%a0/a%20b", "http://h:80/a/b?c=d", "/a/b/c/d/", "/a%25%2e",
        ]
        let words = [
            "%2f", "%2e", "..", "/", "%00", "%0d", "%", "%c0%ae", "%ff", "?", "&", "=", "//", "%25", "http://",
        ]
        var mutator = ByteMutator(
            seed: 0x1103, corpus: corpus.map { Array($0.utf8) }, dictionary: words.map { Array($0.utf8) })
        var passed = 0
        for _ in 0..<20_000 {
            let bytes = mutator.next()
            guard let target = try? RequestTarget(parsing: bytes.span, method: .get) else { continue }
            passed += 1
            #expect(target.raw.utf8.elementsEqual(bytes))
            for segment in target.segments {
                let isSafe =
                    segment != "." && segment != ".." && !segment.utf8.contains(UInt8(ascii: "/"))
                    && !segment.utf8.contains { $0 < 0x20 || $0 == 0x7f }
                #expect(isSafe, "\(target.raw)")
            }
        }
        #expect(passed > 2_000)
    }
}
