import HTTP1
import Testing

@Suite struct HeaderFieldsTests {
    private func fields(_ lines: String) throws -> HeaderFields {
        try #require(RequestReading("GET / HTTP/1.0\r\n\(lines)\r\n").messages.first).head.fields
    }

    @Test func `names are found in any case of letters, values keep theirs`() throws {
        let fields = try fields("X-Name: Value\r\nx-name:other\r\n")
        #expect(fields.first("x-NAME") == "Value")
        #expect(fields.values(of: "X-Name") == ["Value", "other"])
        #expect(fields.first("x") == nil)
        #expect(fields.values(of: "x").isEmpty)
    }

    @Test(arguments: [
        ("A: b\r\n", "b"), ("A:b\r\n", "b"), ("A: \t b \t\r\n", "b"), ("A:\r\n", ""), ("A: \r\n", ""),
        ("A: b c\r\n", "b c"), ("A: b:c\r\n", "b:c"), ("A: \u{e9}\r\n", "\u{e9}"), ("!#$%&'*+-.^_`|~aZ09: b\r\n", "b"),
    ])
    func `a value stands without the blanks around it`(line: String, value: String) throws {
        #expect(try fields(line).fields.map(\.value) == [value])
    }

    @Test func `bytes that are no UTF-8 are replaced`() throws {
        let bytes = Array("GET / HTTP/1.0\r\nA: ".utf8) + [0xff, 0x41] + Array("\r\n\r\n".utf8)
        #expect(RequestReading([bytes]).messages.first?.head.fields.first("a") == "\u{fffd}A")
    }

    @Test func `a list goes over all its lines, without empty elements`() throws {
        let fields = try fields("L: a, b\r\nM: x\r\nL:,, \t,\r\nL: C ,d e\r\n")
        #expect(fields.elements(of: "l") == ["a", "b", "C", "d e"])
        #expect(fields.contains("c", in: "L"))
        #expect(!fields.contains("d", in: "L"))
        #expect(!fields.contains("", in: "L"))
    }
}
