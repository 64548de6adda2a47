import HTTP1
import Testing

@Suite struct ResponseHeadTests {
    private func text(_ head: ResponseHead) -> String { String(decoding: head.bytes, as: UTF8.self) }

    @Test func `a head is a status line, the fields and an empty line`() {
        var head = ResponseHead(.ok)
        head.add("Content-Type", "video/mp2t")
        head.add("Access-Control-Allow-Origin", "*")
        #expect(text(head) == "HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\nAccess-Control-Allow-Origin: *\r\n\r\n")
    }

    @Test func `a small answer tells its length and closes`() {
        #expect(
            text(ResponseHead(.notFound, contentType: "text/plain", contentBytes: 10))
                == "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 10\r\nConnection: close\r\n\r\n"
        )
        #expect(
            text(ResponseHead(.badRequest, contentType: "text/plain", contentBytes: 0))
                == "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        #expect(
            text(ResponseHead(.noContent, contentType: "text/plain", contentBytes: 0))
                == "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
    }

    @Test func `a value cannot end its line`() {
        var head = ResponseHead(.ok)
        head.add("X", "a\r\nSet-Cookie: b\0\u{7f}\tc")
        #expect(text(head) == "HTTP/1.1 200 OK\r\nX: a  Set-Cookie: b  \tc\r\n\r\n")
    }

    @Test(arguments: [
        101, 200, 204, 400, 401, 403, 404, 405, 408, 409, 411, 413, 414, 417, 421, 426, 431, 500, 501, 503, 505,
    ])
    func `each status has a line`(code: Int) throws {
        let status = try #require(HTTPStatus(rawValue: code))
        #expect(text(ResponseHead(status)) == "HTTP/1.1 \(code) \(status.reason)\r\n\r\n")
        #expect(!status.reason.isEmpty)
        #expect(status.allowsContent == (code != 101 && code != 204))
    }

    @Test func `the interim answer is a head of its own`() {
        #expect(String(decoding: ResponseHead.continueBytes, as: UTF8.self) == "HTTP/1.1 100 Continue\r\n\r\n")
    }

    @Test func `a field name that is no token is a mistake of ours`() async {
        await #expect(processExitsWith: .failure) {
            var head = ResponseHead(.ok)
            head.add("a b", "c")
        }
    }
}
