/// Texts that are not UTF-8 (RFC 6455 8.1, RFC 3629), and close frames (RFC 6455 5.5.1, 7.4).
enum HostileTexts {
    static let all = broken + cut + right + codes + reasons + ends

    private static func text(_ name: String, _ bytes: [UInt8]) -> HostileWebSocket {
        .frames(name, Frame.text([0x61] + bytes + [0x61]), .close(1007))
    }

    private static let broken: [HostileWebSocket] = [
        text("a continuation byte alone", [0x80]),
        text("a lead byte and a letter", [0xc3, 0x61]),
        text("a NUL in two bytes", [0xc0, 0x80]),
        text("a letter in two bytes", [0xc1, 0xa1]),
        text("a slash in three bytes", [0xe0, 0x80, 0xaf]),
        text("a slash in four bytes", [0xf0, 0x80, 0x80, 0xaf]),
        text("a high surrogate", [0xed, 0xa0, 0x80]),
        text("a pair of surrogates", [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]),
        text("a code point above the last", [0xf4, 0x90, 0x80, 0x80]),
        text("a lead byte of a plane that is not there", [0xf5, 0x80, 0x80, 0x80]),
        text("a code point in five bytes", [0xf8, 0x88, 0x80, 0x80, 0x80]),
        text("a code point in six bytes", [0xfc, 0x84, 0x80, 0x80, 0x80, 0x80]),
        text("the byte FE", [0xfe]),
        text("the byte FF", [0xff]),
        text("a text of Latin-1", [0x66, 0xfc, 0x72]),
        text("a byte order mark of UTF-16", [0xff, 0xfe, 0x61, 0x00]),
        text("three bytes whose last is a lead byte", [0xe2, 0x82, 0xc3]),
        text("four bytes whose third is a letter", [0xf0, 0x9f, 0x61, 0x80]),
    ]

    private static let half: [UInt8] = [0xe2, 0x82]

    private static let cut: [HostileWebSocket] = [
        .frames("a text that ends inside a code point", Frame.text(half), .close(1007)),
        .frames("a text that ends behind a lead byte", Frame.text([0xf0]), .close(1007)),
        .frames(
            "a text whose last fragment is missing a byte", Frame.make(0x01, half) + Frame.make(0x80), .close(1007)),
        .frames(
            "a code point cut by a fragment, and wrong behind it", Frame.make(0x01, half) + Frame.make(0x80, [0x61]),
            .close(1007)),
        .frames(
            "a code point cut by a ping, and wrong behind it",
            Frame.make(0x01, half) + Frame.ping("p") + Frame.make(0x80, [0xc2]), .close(1007)),
        .frames("a wrong byte in a fragment that others follow", Frame.make(0x01, [0xff]), .close(1007)),
        .frames(
            "a wrong byte in a frame whose rest never comes",
            Array(Frame.make(0x81, [0x61, 0xff] + [UInt8](repeating: 0x61, count: 4000)).prefix(10)), .close(1007)),
        .frames(
            "a surrogate that shows before its last byte comes",
            Array(Frame.make(0x81, [0xed, 0xa0, 0x80]).prefix(8)), .close(1007)),
        .frames(
            "a wrong byte before a length that is too large",
            Frame.make(0x01, [0xff]) + Frame.make(0x80, [], lengthBytes: 8, says: 1 << 40), .close(1007)),
        .own("a wrong byte that comes alone, a moment after its frame began", .close(1007)) { stranger in
            try stranger.shake()
            let frame = Frame.make(0x81, [0x61, 0x62, 0xff, 0x61])
            stranger.send(Array(frame.prefix(8)))
            stranger.send(Array(frame.suffix(2)))
        },
    ]

    private static let right: [HostileWebSocket] = [
        .frames("the last code point", Frame.text([0xf4, 0x8f, 0xbf, 0xbf]), .served),
        .frames(
            "code points that are no characters", Frame.text([0xef, 0xbf, 0xbe, 0xef, 0xbf, 0xbf, 0xef, 0xb7, 0x90]),
            .served),
        .frames("a byte order mark", Frame.text("\u{feff}a"), .served),
        .frames("a text of NULs", Frame.text([0, 0, 0]), .served),
        .frames(
            "a code point in three fragments",
            Frame.make(0x01, [0xf0, 0x9f]) + Frame.make(0x00, [0x98]) + Frame.make(0x80, [0x80]), .served),
        .frames("a binary message that is not UTF-8", Frame.make(0x82, [0xff, 0xc0, 0x80]), .served),
        .frames(
            "script and markup", Frame.text("<script>alert(1)</script>\r\n\r\nGET / HTTP/1.1\r\n'; DROP TABLE --"),
            .served),
        .frames("JSON without an end", Frame.text(String(repeating: "[", count: 4096)), .served),
    ]

    private static func code(_ name: String, _ code: UInt16, _ answer: Int) -> HostileWebSocket {
        .frames(name, Frame.close(code), .close(answer))
    }

    private static let codes: [HostileWebSocket] = [
        code("a close with code 0", 0, 1002),
        code("a close with a code below all", 999, 1002),
        code("a close with the code that is reserved", 1004, 1002),
        code("a close with the code that stands for none", 1005, 1002),
        code("a close with the code of a lost connection", 1006, 1002),
        code("a close with the code of a failed TLS handshake", 1015, 1002),
        code("a close with a code of the standard's future", 1100, 1002),
        code("a close with a code of extensions", 2999, 1002),
        code("a close with a code above all", 5000, 1002),
        code("a close with the largest code", 65_535, 1002),
        code("a close as normal", 1000, 1000),
        code("a close as going away", 1001, 1001),
        code("a close for our protocol error", 1002, 1002),
        code("a close for an extension that is missing", 1010, 1010),
        code("a close for a bad gateway", 1014, 1014),
        code("a close with a library's code", 3000, 3000),
        code("a close with the last application's code", 4999, 4999),
    ]

    private static let reasons: [HostileWebSocket] = [
        .frames("a close with half a code", Frame.make(0x88, [3]), .close(1002)),
        .frames("a close without a code", Frame.make(0x88), .close(1000)),
        .frames(
            "a close with the longest reason", Frame.close(1000, [UInt8](repeating: 0x61, count: 123)), .close(1000)),
        .frames("a close whose reason is not UTF-8", Frame.close(1000, [0x61, 0xff]), .close(1007)),
        .frames("a close whose reason is cut", Frame.close(1000, [0xf0, 0x9f, 0x98]), .close(1007)),
        .frames("a close whose reason hides a surrogate", Frame.close(1001, [0xed, 0xbf, 0xbf]), .close(1007)),
        .frames("a close with a reason of NULs", Frame.close(3000, [0, 0, 0]), .close(3000)),
        .frames(
            "a wrong reason in a close whose rest never comes",
            Array(Frame.close(1000, [0xff] + [UInt8](repeating: 0x61, count: 100)).prefix(9)), .close(1007)),
        .frames(
            "a wrong code in a close whose rest never comes", Array(Frame.close(1005, [0x61]).prefix(8)), .close(1002)),
    ]

    private static let ends: [HostileWebSocket] = [
        .frames("a close between fragments", Frame.make(0x01, [0x61]) + Frame.close(1001), .close(1001)),
        .frames("messages behind a close", Frame.close(1000) + Frame.text("a") + Frame.binary(10), .close(1000)),
        .frames("two closes", Frame.close(1000) + Frame.close(1001), .close(1000)),
        .frames("broken frames behind a close", Frame.close(3001) + [0xff, 0xff, 0xff, 0xff], .close(3001)),
        .frames("a ping behind a close", Frame.close(1000) + Frame.ping("p"), .close(1000)),
        .frames(
            "a hundred thousand bytes behind a close", Frame.close(1000) + [UInt8](repeating: 0xaa, count: 100_000),
            .close(1000)),
        .frames("a right message, and then a wrong one", Frame.text("a") + Frame.text([0xff]), .close(1007)),
        .frames("a ping, and then a wrong frame", Frame.ping("p") + Frame.make(0x83), .close(1002)),
    ]
}
