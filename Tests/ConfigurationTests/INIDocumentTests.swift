import Testing

@testable import Configuration

@Suite struct INIDocumentTests {
    private static func value(_ text: String) -> String? {
        INIDocument(parsing: "[s]\n" + text).sections.first?.entries.first?.value
    }

    @Test(
        arguments: [
            ("k=v", "v"), ("k = v ", "v"), ("\tk\t=\tv\t", "v"), ("k =", ""), ("k = a = b", "a = b"),
            ("k = a b", "a b"),
            ("k = v # c", "v"), ("k = v ; c", "v"), ("k = v\t# c", "v"), ("k = v#c", "v#c"), ("k = v;c", "v;c"),
            ("k = # c", ""), ("k =#c", "#c"), ("k = \"v\"", "v"), ("k = \" v \"", " v "), ("k = \"v # w\"", "v # w"),
            ("k = \"v\" # c", "v"), ("k = \"v\"# c", nil), ("k = \"\"", ""), ("k = a\"b", "a\"b"),
            ("k = \"a\", \"b\"", "a,b"),
            ("k = \"a, b\"", "a, b"), ("k = a , b", "a , b"), ("k = a,\"b;c\" ; d", "a,b;c"), ("k = \"a\"b", nil),
            ("k = \"a", nil), ("k = käse ☃", "käse ☃"), ("k = http://a:1/b", "http://a:1/b"), ("k = C:\\x", "C:\\x"),
            ("k ; = v", nil), ("k # = v", nil), ("k;x = v", "v"),
        ] as [(String, String?)])
    func `a value is trimmed, unquoted and freed of its comment`(line: String, value: String?) {
        #expect(INIDocumentTests.value(line) == value)
    }

    @Test func `sections and entries keep their lines`() {
        let text = "\u{feff}# c\r\n\r\n[ a ] ; c\r\nk = 1\r\n  ; c\r\n\tl=2\r\n[b]\n[a]"
        let document = INIDocument(parsing: text)
        #expect(document.errors.isEmpty)
        #expect(document.sections.map(\.name) == ["a", "b", "a"])
        #expect(document.sections.map(\.line) == [3, 7, 8])
        #expect(document.sections[0].entries.map(\.line) == [4, 6])
        #expect(document.sections[0].entries.map(\.value) == ["1", "2"])
    }

    @Test func `a lone carriage return is a control character`() {
        #expect(INIDocument(parsing: "[a]\nk = 1\rl = 2\n").errors.map(\.line) == [2])
    }

    @Test func `a line of the longest length is read and one byte more is not`() {
        let most = "k=" + String(repeating: "x", count: INIDocument.lineBytesMax - 2)
        #expect(INIDocument(parsing: "[s]\n" + most).errors.isEmpty)
        #expect(INIDocument(parsing: "[s]\n" + most + "x").errors.map(\.line) == [2])
    }
}
