import HTTP1
import TestSupport
import Testing

@Suite struct RequestParserTests {
    private func onlyHead(_ text: String) throws -> RequestHead {
        let reading = RequestReading(text)
        #expect(reading.error == nil)
        #expect(reading.messages.count == 1)
        return try #require(reading.messages.first).head
    }

    // MARK: What programs send

    @Test func `ffmpeg's push is a chunked POST`() throws {
        let head = try onlyHead(RequestSamples.ffmpegPush)
        #expect(head.method == .post)
        #expect(head.segments == ["secret"])
        #expect(head.versionMinor == 1)
        #expect(head.framing == .chunked)
        #expect(head.host == "127.0.0.1:50001")
        #expect(!head.expectsContinue)
        #expect(!head.wantsKeepAlive)
        #expect(head.fields.first("icy-METADATA") == "1")
        #expect(head.fields.count == 6)
    }

    @Test func `ffmpeg's push without chunks ends with the connection`() throws {
        let head = try onlyHead(RequestSamples.ffmpegRawPush)
        #expect(head.framing == .untilClose)
        #expect(head.target.first("secret") == "a/b")
    }

    @Test func `ffmpeg's push with credentials waits for a 100`() throws {
        let head = try onlyHead(RequestSamples.ffmpegPushWithCredentials)
        #expect(head.expectsContinue)
        #expect(BasicCredentials(head.fields)?.password == "pa:ss")
    }

    @Test func `ffmpeg's pull has no body`() throws {
        let head = try onlyHead(RequestSamples.ffmpegPull)
        #expect(head.method == .get)
        #expect(head.framing == .none)
        #expect(head.fields.first("Range") == "bytes=0-")
    }

    @Test func `curl's upload is a chunked PUT that waits for a 100`() throws {
        let head = try onlyHead(RequestSamples.curlPut)
        #expect(head.method == .put)
        #expect(head.framing == .chunked)
        #expect(head.expectsContinue)
        #expect(head.wantsKeepAlive)
    }

    @Test func `curl's data and GStreamer's buffer have a length`() throws {
        #expect(try onlyHead(RequestSamples.curlData).framing == .length(5))
        #expect(try onlyHead(RequestSamples.gstreamerPut).framing == .length(5))
        #expect(try onlyHead(RequestSamples.curlData).host == "[::1]:50001")
    }

    @Test func `a browser's handshake keeps its lists`() throws {
        let head = try onlyHead(RequestSamples.browserSocket)
        #expect(head.fields.contains("UPGRADE", in: "connection"))
        #expect(head.fields.elements(of: "connection") == ["keep-alive", "Upgrade"])
        #expect(head.wantsKeepAlive)
    }

    @Test func `HTTP 1.0 needs no Host and closes`() throws {
        let head = try onlyHead(RequestSamples.oldPull)
        #expect(head.versionMinor == 0)
        #expect(head.host == nil)
        #expect(!head.wantsKeepAlive)
    }

    @Test func `HTTP 1.0 with keep-alive is kept, and its Expect is ignored`() throws {
        let head = try onlyHead(
            "POST / HTTP/1.0\r\nConnection: Keep-Alive\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
        #expect(head.wantsKeepAlive)
        #expect(!head.expectsContinue)
    }

    @Test func `the authority of an absolute target goes before Host`() throws {
        let head = try onlyHead(RequestSamples.absolute)
        #expect(head.host == "relay:56001")
        #expect(head.segments == ["live", "main.ts"])
        #expect(head.target.form == .absolute(authority: "relay:56001"))
    }

    @Test(arguments: ["1.2", "1.9"])
    func `a higher minor version is served as 1_1`(version: String) throws {
        #expect(try onlyHead("GET / HTTP/\(version)\r\nHost: a\r\n\r\n").versionMinor == 1)
    }

    // MARK: What is refused

    static let refusals: [(String, HTTPError.Fault, Int, HTTPStatus)] = [
        // Lines.
        ("GET / HTTP/1.1\nHost: a\r\n\r\n", .bareLineFeed, 14, .badRequest),
        ("GET / HTTP/1.1\r\nHost: a\n\r\n", .bareLineFeed, 23, .badRequest),
        ("GET / HTTP/1.1\r\nHost: a\r\n\n", .bareLineFeed, 25, .badRequest),
        ("GET / HTTP/1.1\rHost: a\r\n\r\n", .bareCarriageReturn, 14, .badRequest),
        ("GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", .bareCarriageReturn, 23, .badRequest),
        ("GET / HTTP/1.1\r\nHost: a\r\n\rX\n", .bareCarriageReturn, 25, .badRequest),
        ("GET / HTTP/1.1\r\nHost: a\0\r\n\r\n", .controlCharacter(0), 23, .badRequest),
        ("GET / HTTP/1.1\r\nHost: a\u{b}\r\n\r\n", .controlCharacter(0x0b), 23, .badRequest),
        ("GET / HTTP/1.1\r\nHost: a\u{7f}\r\n\r\n", .controlCharacter(0x7f), 23, .badRequest),
        ("\u{16}\u{3}\u{1}", .controlCharacter(0x16), 0, .badRequest),
        ("\r\n\r\nGET / HTTP/1.1\r\n", .emptyLines, 2, .badRequest),
        ("\n", .bareLineFeed, 0, .badRequest),
        // The request line.
        ("GET\r\n", .badRequestLine, 0, .badRequest), ("GET /\r\n", .badRequestLine, 0, .badRequest),
        (" \r\n", .badRequestLine, 0, .badRequest), (" GET / HTTP/1.1\r\n", .badMethod, 0, .badRequest),
        ("G@T / HTTP/1.1\r\n", .badMethod, 1, .badRequest), ("G\tT / HTTP/1.1\r\n", .badMethod, 1, .badRequest),
        ("GET  / HTTP/1.1\r\n", .badTargetCharacter(0x20), 4, .badRequest),
        ("GET /  HTTP/1.1\r\n", .badTargetCharacter(0x20), 5, .badRequest),
        ("GET / HTTP/1.1 \r\n", .badVersion, 15, .badRequest), ("GET / HTTP/1\r\n", .badVersion, 6, .badRequest),
        ("GET / HTTP/11\r\n", .badVersion, 6, .badRequest), ("GET / HTTP/1.10\r\n", .badVersion, 6, .badRequest),
        ("GET / http/1.1\r\n", .badVersion, 6, .badRequest), ("GET / ICE/1.0\r\n", .badVersion, 6, .badRequest),
        ("GET / HTTP/01.1\r\n", .badVersion, 6, .badRequest), ("GET / HTTP/1,1\r\n", .badVersion, 6, .badRequest),
        ("PRI * HTTP/2.0\r\n", .versionNotSupported, 6, .versionNotSupported),
        ("GET / HTTP/0.9\r\n", .versionNotSupported, 6, .versionNotSupported),
        ("GET / HTTP/9.9\r\n", .versionNotSupported, 6, .versionNotSupported),
        // Field lines.
        ("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", .foldedLine, 25, .badRequest),
        ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", .foldedLine, 16, .badRequest),
        ("GET / HTTP/1.1\r\n\tHost: a\r\n\r\n", .foldedLine, 16, .badRequest),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", .badFieldName, 20, .badRequest),
        ("GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", .badFieldName, 20, .badRequest),
        ("GET / HTTP/1.1\r\n: a\r\n\r\n", .badFieldName, 16, .badRequest),
        ("GET / HTTP/1.1\r\nH\u{e9}: a\r\n\r\n", .badFieldName, 17, .badRequest),
        ("GET / HTTP/1.1\r\n(a): a\r\n\r\n", .badFieldName, 16, .badRequest),
        ("GET / HTTP/1.1\r\nHost\r\n\r\n", .missingColon, 16, .badRequest),
        // Host.
        ("GET / HTTP/1.1\r\n\r\n", .missingHost, 18, .badRequest),
        ("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", .repeatedHost, 36, .badRequest),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .badHost, 29, .badRequest),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .badHost, 29, .badRequest),
        ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", .badHost, 29, .badRequest),
        ("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", .badHost, 29, .badRequest),
        ("GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", .badHost, 33, .badRequest),
        ("GET / HTTP/1.1\r\nHost: a:99999999999999999999\r\n\r\n", .badHost, 48, .badRequest),
        ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", .badHost, 30, .badRequest),
        ("GET / HTTP/1.1\r\nHost: []\r\n\r\n", .badHost, 28, .badRequest),
        ("GET / HTTP/1.1\r\nHost: :80\r\n\r\n", .badHost, 29, .badRequest),
        ("GET / HTTP/1.1\r\nHost: a%2\r\n\r\n", .badHost, 29, .badRequest),
        ("GET / HTTP/1.0\r\nHost: a,b:c\r\n\r\n", .badHost, 31, .badRequest),
        // Expect.
        ("PUT / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", .unknownExpectation, 40, .expectationFailed),
        ("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue, tea\r\n\r\n", .unknownExpectation, 54, .expectationFailed),
    ]

    @Test(arguments: refusals)
    func `it is refused, with the place and the status`(
        text: String, fault: HTTPError.Fault, offset: Int, status: HTTPStatus
    ) {
        let reading = RequestReading(text)
        #expect(reading.error == HTTPError(fault, offset: offset))
        #expect(reading.error?.status == status)
        #expect(reading.messages.isEmpty)
        #expect(RequestReading.isSameInAnyCut(Array(text.utf8)))
    }

    @Test func `after an error the same is thrown again`() {
        var parser = RequestParser()
        let broken: [UInt8] = [0]
        let good = Array(RequestSamples.oldPull.utf8)
        #expect(throws: HTTPError(.controlCharacter(0), offset: 0)) { try parser.parse(broken.span) }
        #expect(throws: HTTPError(.controlCharacter(0), offset: 0)) { try parser.parse(good.span) }
    }

    // MARK: Limits

    @Test func `a head of the limit passes and one byte more does not`() {
        var limits = RequestLimits()
        limits.headBytesMax = RequestSamples.ffmpegPush.utf8.count
        #expect(RequestReading(RequestSamples.ffmpegPush, limits: limits).messages.count == 1)
        limits.headBytesMax -= 1
        let reading = RequestReading(RequestSamples.ffmpegPush, limits: limits)
        #expect(reading.error == HTTPError(.headTooLarge, offset: limits.headBytesMax))
        #expect(reading.error?.status == .headTooLarge)
    }

    @Test func `the default head is 16 KiB, whatever never ends`() {
        let endless = "GET / HTTP/1.1\r\nHost: " + String(repeating: "a", count: 1 << 20)
        #expect(RequestReading(endless).error == HTTPError(.headTooLarge, offset: 16 << 10))
    }

    @Test(arguments: [(100, true), (101, false)])
    func `a hundred field lines pass and one more does not`(count: Int, passes: Bool) {
        let text = "GET / HTTP/1.0\r\n" + String(repeating: "a: b\r\n", count: count) + "\r\n"
        let reading = RequestReading(text)
        #expect(reading.messages.count == (passes ? 1 : 0))
        #expect(reading.error?.fault == (passes ? nil : .tooManyFields))
    }

    @Test(arguments: [(32, true), (33, false)])
    func `a method of 32 bytes passes and one of 33 is not implemented`(count: Int, passes: Bool) {
        let name = String(repeating: "M", count: count)
        let reading = RequestReading("\(name) / HTTP/1.0\r\n\r\n")
        #expect(reading.messages.first?.head.method == (passes ? .other(name) : nil))
        #expect(reading.error?.status == (passes ? nil : .notImplemented))
    }

    @Test func `a line without end is too long a method or too long a target`() {
        let name = String(repeating: "M", count: 20_000)
        #expect(RequestReading(name).error?.fault == .methodTooLong)
        #expect(RequestReading(name.prefix(33) + " " + name).error?.fault == .methodTooLong)
        #expect(RequestReading(name.prefix(32) + " " + name).error?.fault == .targetTooLong)
    }

    @Test(arguments: [(8000, true), (8001, false), (16000, false)])
    func `a target of 8000 bytes passes and a longer one is too long`(count: Int, passes: Bool) {
        let target = "/?" + String(repeating: "q", count: count - 2)
        let reading = RequestReading("GET \(target) HTTP/1.0\r\n\r\n")
        #expect(reading.messages.first?.head.target.raw == (passes ? target : nil))
        #expect(reading.error?.status == (passes ? nil : .uriTooLong))
    }

    @Test func `a request line that never ends is refused before the head's limit`() {
        let reading = RequestReading("GET /" + String(repeating: "a", count: 1 << 20))
        #expect(reading.error?.fault == .targetTooLong)
        #expect((reading.error?.offset ?? .max) < 8100)
    }

    // MARK: In parts, and more than one

    @Test(arguments: RequestSamples.conversations)
    func `the cut does not matter`(text: String) {
        #expect(RequestReading.isSameInAnyCut(Array(text.utf8)))
    }

    @Test(arguments: RequestSamples.conversations)
    func `a conversation that ends early has no request too many and no error`(text: String) {
        let bytes = Array(text.utf8)
        let whole = RequestReading([bytes]).messages
        for end in 0..<bytes.count {
            let reading = RequestReading([Array(bytes[..<end])])
            #expect(reading.error == nil)
            #expect(reading.messages.count <= whole.count)
            #expect(zip(reading.messages, whole).allSatisfy { $0.head == $1.head && $1.body.starts(with: $0.body) })
        }
    }

    @Test func `pipelined requests are read one after the other`() {
        let reading = RequestReading(RequestSamples.gstreamerPut + "hello" + RequestSamples.vlcPull)
        #expect(reading.messages.map(\.head.method) == [.put, .get])
        #expect(reading.messages.map(\.body) == [Array("hello".utf8), []])
        #expect(reading.messages.allSatisfy { $0.isComplete })
    }

    @Test func `a head tells how much of the input it took`() throws {
        let bytes = Array((RequestSamples.oldPull + "rest").utf8)
        var parser = RequestParser()
        #expect(!parser.isInsideHead)
        guard case .head(_, let consumed) = try parser.parse(bytes.span) else {
            Issue.record("no head")
            return
        }
        #expect(consumed == bytes.count - 4)
        #expect(!parser.isInsideHead)
        let begun = Array("G".utf8)
        #expect(try parser.parse(begun.span) == .needsMore)
        #expect(parser.isInsideHead)
    }

    @Test func `ten thousand broken conversations read the same in any cut`() {
        var mutator = ByteMutator(seed: 0x1102, corpus: RequestSamples.corpus, dictionary: RequestSamples.words)
        for run in 0..<10_000 {
            let bytes = mutator.next()
            let pieces = mutator.cut(bytes)
            guard RequestReading([bytes]) == RequestReading(pieces) else {
                Issue.record("run \(run): \(pieces.map { String(decoding: $0, as: UTF8.self).debugDescription })")
                return
            }
        }
    }
}
