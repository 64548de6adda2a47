import HTTP1
import Testing

@Suite struct BodyDecoderTests {
    /// A decoder as a reference, since expectations take no `inout`.
    private final class Reader {
        private var decoder: BodyDecoder

        init(_ framing: BodyFraming) { decoder = BodyDecoder(framing: framing) }

        var isFinished: Bool { decoder.isFinished }

        func take(_ text: String) throws -> (taken: Int, body: String) {
            let bytes = Array(text.utf8)
            var body: [UInt8] = []
            let taken = try decoder.decode(bytes.span) { content in
                for index in 0..<content.count { body.append(content[index]) }
            }
            return (taken, String(decoding: body, as: UTF8.self))
        }

        func end() -> Bool { decoder.inputEnded() }
    }

    @Test(arguments: [.none, .length(0)] as [BodyFraming])
    func `no body is finished from the start and takes nothing`(framing: BodyFraming) throws {
        let reader = Reader(framing)
        #expect(reader.isFinished)
        #expect(try reader.take("GET") == (0, ""))
        #expect(reader.end())
    }

    @Test func `a length takes as many bytes and no more`() throws {
        let reader = Reader(.length(5))
        #expect(try reader.take("ab") == (2, "ab"))
        #expect(!reader.isFinished)
        #expect(try reader.take("cdefg") == (3, "cde"))
        #expect(reader.isFinished)
        #expect(try reader.take("h") == (0, ""))
    }

    @Test func `a length cut short is not complete`() throws {
        let reader = Reader(.length(.max))
        #expect(try reader.take("ab") == (2, "ab"))
        #expect(!reader.end())
    }

    @Test func `chunks leave what follows`() throws {
        let reader = Reader(.chunked)
        #expect(try reader.take("1\r\na\r\n0\r\n\r\nGET") == (11, "a"))
        #expect(reader.isFinished)
        #expect(reader.end())
    }

    @Test func `chunks without the last one are not complete`() throws {
        let reader = Reader(.chunked)
        #expect(try reader.take("1\r\na\r\n") == (6, "a"))
        #expect(!reader.end())
    }

    @Test func `without framing all is body until the end`() throws {
        let reader = Reader(.untilClose)
        #expect(try reader.take("0\r\n\r\n") == (5, "0\r\n\r\n"))
        #expect(!reader.isFinished)
        #expect(reader.end())
        #expect(reader.isFinished)
        #expect(try reader.take("late") == (0, ""))
    }
}
