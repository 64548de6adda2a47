import HTTP1
import Testing

@Suite struct RequestParserTests {
    @Test func `ffmpeg's push is a chunked POST`() throws {
        let text =
            "POST /secret HTTP/1.1\r\nTransfer-Encoding: chunked\r\nUser-Agent: Lavf/59.27.100\r\nAccept: */*\r\n"
            + "Connection: close\r\nHost: 127.0.0.1:50001\r\nIcy-MetaData: 1\r\n\r\n"
        let bytes = Array(text.utf8)
        var parser = RequestParser()
        guard case .head(let head, let consumed) = try parser.parse(bytes.span) else {
            Issue.record("no head")
            return
        }
        #expect(consumed == bytes.count)
        #expect(head.method == .post)
        #expect(head.segments == ["secret"])
        #expect(head.framing == .chunked)
        #expect(!head.expectsContinue)
        #expect(!head.wantsKeepAlive)
    }
}
