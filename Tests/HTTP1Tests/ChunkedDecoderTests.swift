import HTTP1
import TestSupport
import Testing

@Suite struct ChunkedDecoderTests {
    /// What came out, where it stood when it stopped, and why.
    struct Outcome: Equatable {
        var body: [UInt8] = []
        var taken = 0
        var isFinished = false
        var error: HTTPError?
    }

    private func decode(_ pieces: [[UInt8]], limits: RequestLimits = RequestLimits()) -> Outcome {
        var decoder = ChunkedDecoder(limits: limits)
        var outcome = Outcome()
        do throws(HTTPError) {
            for piece in pieces {
                var body: [UInt8] = []
                defer { outcome.body += body }
                outcome.taken += try decoder.decode(piece.span) { content in
                    for index in 0..<content.count { body.append(content[index]) }
                }
            }
        } catch {
            // How much of the last piece was taken is not told with an error.
            (outcome.error, outcome.taken) = (error, 0)
        }
        outcome.isFinished = decoder.isFinished
        return outcome
    }

    private func decode(_ text: String, limits: RequestLimits = RequestLimits()) -> Outcome {
        decode([Array(text.utf8)], limits: limits)
    }

    private func isSameInAnyCut(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let whole = decode([bytes])
        guard decode(bytes.map { [$0] }) == whole else { return false }
        return (0...bytes.count).allSatisfy { decode([Array(bytes[..<$0]), Array(bytes[$0...])]) == whole }
    }

    static let bodies: [(String, String)] = [
        ("0\r\n\r\n", ""), ("5\r\nhello\r\n0\r\n\r\n", "hello"), ("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "abc"),
        ("0000000000000001\r\na\r\n00\r\n\r\n", "a"), ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        ("9\r\n\r\n0\r\n\r\nab\r\n0\r\n\r\n", "\r\n0\r\n\r\nab"), ("1;a\r\nx\r\n0;b=c\r\n\r\n", "x"),
        ("1 ; a = b ;c\r\nx\r\n0\r\n\r\n", "x"), ("1\t;a=\"b;\\\"\u{e9}\t\"\r\nx\r\n0\r\n\r\n", "x"),
        ("1;a=\"b\" ;c\r\nx\r\n0\r\n\r\n", "x"), ("1;a=\"\"\r\nx\r\n0\r\n\r\n", "x"),
        ("1\r\nx\r\n0\r\nX-Trailer: y\r\nOther:\r\n\r\n", "x"),
        ("0\r\nContent-MD5: a\r\nHost: b\r\nExpires:\r\n\r\n", ""),
    ]

    @Test(arguments: bodies)
    func `chunks give their content, in any cut`(text: String, content: String) {
        let outcome = decode(text)
        #expect(outcome == Outcome(body: Array(content.utf8), taken: text.utf8.count, isFinished: true))
        #expect(isSameInAnyCut(text))
    }

    @Test(arguments: bodies)
    func `what follows the body is left alone`(text: String, content: String) {
        let outcome = decode(text + "0\r\n\r\n")
        #expect(outcome == Outcome(body: Array(content.utf8), taken: text.utf8.count, isFinished: true))
        #expect(isSameInAnyCut(text + "0\r\n\r\n"))
    }

    @Test(arguments: bodies)
    func `a body cut short is not finished`(text: String, content: String) {
        let bytes = Array(text.utf8)
        for end in 0..<bytes.count {
            let outcome = decode([Array(bytes[..<end])])
            #expect(outcome.error == nil)
            #expect(!outcome.isFinished)
            #expect(content.utf8.starts(with: outcome.body))
        }
    }

    @Test(
        arguments: [
            ("\r\n", .badChunkSize, 0), ("g\r\n", .badChunkSize, 0), (" 5\r\n", .badChunkSize, 0),
            ("-1\r\n", .badChunkSize, 0), ("+1\r\n", .badChunkSize, 0), ("0x5\r\n", .badChunkSize, 1),
            ("5g\r\n", .badChunkSize, 1), ("5,\r\n", .badChunkSize, 1), (";a\r\n", .badChunkSize, 0),
            ("5\n", .bareLineFeed, 1), ("5\rX", .bareCarriageReturn, 2), ("5\r\r", .bareCarriageReturn, 2),
            ("\0", .badChunkSize, 0), ("00000000000000005\r\n", .chunkSizeTooLong, 16),
            ("10000000000000000\r\n", .chunkSizeTooLong, 16), ("8000000000000000\r\n", .chunkSizeTooLong, 15),
            ("ffffffffffffffff\r\n", .chunkSizeTooLong, 15),
            ("5 \r\n", .badChunkExtension, 2), ("5 5\r\n", .badChunkExtension, 2), ("5;\r\n", .badChunkExtension, 2),
            ("5; \r\n", .badChunkExtension, 3), ("5;;a\r\n", .badChunkExtension, 2),
            ("5;a=\r\n", .badChunkExtension, 4),
            ("5;=a\r\n", .badChunkExtension, 2), ("5;a b\r\n", .badChunkExtension, 4),
            ("5;a \r\n", .badChunkExtension, 4),
            ("5;a=b=c\r\n", .badChunkExtension, 5), ("5;a=\"b\r\n", .badChunkExtension, 6),
            ("5;a=\"\\\r\n", .badChunkExtension, 6), ("5;a=\"b\"c\r\n", .badChunkExtension, 7),
            ("5;a\n", .badChunkExtension, 3), ("5;a=\"\n\"", .badChunkExtension, 5),
            ("5;a\0\r\n", .badChunkExtension, 3),
            ("5;a\u{7f}\r\n", .badChunkExtension, 3), ("5;\u{e9}\r\n", .badChunkExtension, 2),
            ("1\r\nab\r\n", .badChunkEnd, 4), ("1\r\na\n", .badChunkEnd, 4), ("1\r\na\rb", .badChunkEnd, 5),
            ("1\r\na0\r\n\r\n", .badChunkEnd, 4), ("1\r\na\r\n\r\n", .badChunkSize, 6), ("0\r\n\n", .bareLineFeed, 3),
            ("0\r\n\rX", .bareCarriageReturn, 3), ("0\r\nabc\r\n", .missingColon, 3),
            ("0\r\n a: b\r\n", .foldedLine, 3),
            ("0\r\na : b\r\n", .badFieldName, 4), ("0\r\na: b\n", .bareLineFeed, 7),
            ("0\r\na: \0", .controlCharacter(0), 6),
            ("0\r\na: b\r\n c\r\n", .foldedLine, 9), ("0\r\nContent-Length: 5\r\n", .framingFieldInTrailers, 3),
            ("0\r\na: b\r\ntransfer-ENCODING: chunked\r\n", .framingFieldInTrailers, 9),
        ] as [(String, HTTPError.Fault, Int)])
    func `it is refused at its place, in any cut`(text: String, fault: HTTPError.Fault, offset: Int) {
        #expect(decode(text).error == HTTPError(fault, offset: offset))
        #expect(isSameInAnyCut(text))
    }

    @Test func `the largest size does not trap`() {
        let outcome = decode("7fffffffffffffff\r\nabc")
        #expect(outcome == Outcome(body: Array("abc".utf8), taken: 21))
    }

    @Test func `after an error the same is thrown again`() {
        var decoder = ChunkedDecoder()
        let broken = Array("x".utf8)
        let good = Array("0\r\n\r\n".utf8)
        #expect(throws: HTTPError(.badChunkSize, offset: 0)) { try decoder.decode(broken.span) { _ in } }
        #expect(throws: HTTPError(.badChunkSize, offset: 0)) { try decoder.decode(good.span) { _ in } }
    }

    @Test func `content is lent from the input, whole`() throws {
        var decoder = ChunkedDecoder()
        let bytes = Array("bc\r\n".utf8) + [UInt8](repeating: 0x47, count: 188) + Array("\r\n0\r\n\r\n".utf8)
        var pieces: [Int] = []
        _ = try decoder.decode(bytes.span) { pieces.append($0.count) }
        #expect(pieces == [188])
    }

    // MARK: Limits

    @Test(arguments: [(256, true), (257, false)])
    func `extensions of the limit pass and one byte more does not`(count: Int, passes: Bool) {
        let outcome = decode("0;" + String(repeating: "a", count: count - 1) + "\r\n\r\n")
        #expect(outcome.isFinished == passes)
        #expect(outcome.error == (passes ? nil : HTTPError(.chunkExtensionsTooLong, offset: 1 + 256)))
    }

    @Test func `extensions without content run out of credit`() {
        let chunk = "1;" + String(repeating: "a", count: 255) + "\r\nx\r\n"
        let outcome = decode(String(repeating: chunk, count: 1000))
        #expect(outcome.error?.fault == .chunkExtensionsTooLong)
        // 16 KiB at 254 bytes more than two for each byte of content: 64 chunks pass.
        #expect(outcome.body.count == 64)
    }

    @Test func `extensions beside enough content go on for ever`() {
        let chunk = "80;" + String(repeating: "a", count: 255) + "\r\n" + String(repeating: "x", count: 128) + "\r\n"
        let outcome = decode(String(repeating: chunk, count: 1000))
        #expect(outcome.error == nil)
        #expect(outcome.body.count == 128_000)
    }

    @Test(arguments: [(4096, true), (4097, false)])
    func `trailers of the limit pass and one byte more does not`(count: Int, passes: Bool) {
        let outcome = decode("0\r\na:" + String(repeating: "b", count: count - 6) + "\r\n\r\n")
        #expect(outcome.isFinished == passes)
        #expect(outcome.error == (passes ? nil : HTTPError(.trailersTooLong, offset: 3 + 4096)))
        #expect(outcome.error?.status == (passes ? nil : .headTooLarge))
    }

    // MARK: There and back

    @Test(arguments: [1, 9, 10, 15, 16, 17, 255, 256, 4095, 4096, 65_535, 65_536, 1_000_000])
    func `what is encoded is decoded`(count: Int) {
        let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var bytes: [UInt8] = []
        ChunkedEncoder.append(content.span, to: &bytes)
        #expect(bytes.starts(with: (String(count, radix: 16) + "\r\n").utf8))
        bytes += ChunkedEncoder.end
        #expect(decode([bytes]) == Outcome(body: content, taken: bytes.count, isFinished: true))
    }

    @Test func `no content is no chunk`() {
        var bytes: [UInt8] = []
        let content: [UInt8] = []
        ChunkedEncoder.append(content.span, to: &bytes)
        #expect(bytes.isEmpty)
    }

    @Test func `the largest size line fits its limit`() {
        var bytes: [UInt8] = []
        ChunkedEncoder.appendHeader(contentBytes: .max, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "7fffffffffffffff\r\n")
        #expect(bytes.count <= ChunkedEncoder.headerBytesMax)
    }

    @Test func `twenty thousand broken bodies decode the same in any cut`() {
        let words = ["\r\n", "\n", "0\r\n\r\n", ";", "=", "\"", "ffffffffffffffff", "a: b\r\n", "5\r\n", " ", "\\"]
        var mutator = ByteMutator(
            seed: 0x1104, corpus: ChunkedDecoderTests.bodies.map { Array($0.0.utf8) },
            dictionary: words.map { Array($0.utf8) })
        var finished = 0
        for run in 0..<20_000 {
            let bytes = mutator.next()
            let pieces = mutator.cut(bytes)
            let outcome = decode([bytes])
            guard outcome == decode(pieces) else {
                Issue.record("run \(run): \(pieces.map { String(decoding: $0, as: UTF8.self).debugDescription })")
                return
            }
            if outcome.isFinished { finished += 1 }
        }
        #expect(finished > 2_000, "else the mutations are too wild to show anything")
    }
}
