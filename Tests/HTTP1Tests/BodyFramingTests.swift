import HTTP1
import Testing

@Suite struct BodyFramingTests {
    private func reading(_ method: String, _ fields: String, version: String = "1.1") -> RequestReading {
        RequestReading("\(method) / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n")
    }

    @Test(
        arguments: [
            ("GET", "", .none), ("HEAD", "", .none), ("DELETE", "", .none), ("PATCH", "", .none), ("LOCK", "", .none),
            ("POST", "", .untilClose), ("PUT", "", .untilClose), ("GET", "Content-Length: 5\r\n", .length(5)),
            ("POST", "Content-Length: 0\r\n", .length(0)), ("POST", "Content-Length:0007\r\n", .length(7)),
            ("POST", "content-length: \t5\t \r\n", .length(5)),
            ("POST", "Content-Length: 9223372036854775807\r\n", .length(9_223_372_036_854_775_807)),
            ("POST", "Transfer-Encoding: chunked\r\n", .chunked), ("GET", "transfer-encoding:CHUNKED\r\n", .chunked),
            ("PUT", "Transfer-Encoding: \tchunked \r\n", .chunked),
        ] as [(String, String, BodyFraming)])
    func `the framing follows from method and fields`(method: String, fields: String, framing: BodyFraming) {
        let reading = reading(method, fields)
        #expect(reading.error == nil)
        #expect(reading.messages.first?.head.framing == framing)
    }

    @Test(
        arguments: [
            ("Content-Length: 5\r\nContent-Length: 5\r\n", .repeatedContentLength, .badRequest),
            ("Content-Length: 5\r\nContent-Length: 6\r\n", .repeatedContentLength, .badRequest),
            ("Content-Length: 5, 5\r\n", .badContentLength, .badRequest),
            ("Content-Length:\r\n", .badContentLength, .badRequest),
            ("Content-Length: -1\r\n", .badContentLength, .badRequest),
            ("Content-Length: +1\r\n", .badContentLength, .badRequest),
            ("Content-Length: 0x10\r\n", .badContentLength, .badRequest),
            ("Content-Length: 1 0\r\n", .badContentLength, .badRequest),
            ("Content-Length: 1.0\r\n", .badContentLength, .badRequest),
            ("Content-Length: 1e3\r\n", .badContentLength, .badRequest),
            ("Content-Length: \u{661}\r\n", .badContentLength, .badRequest),
            ("Content-Length: 9223372036854775808\r\n", .badContentLength, .badRequest),
            ("Content-Length: 18446744073709551615\r\n", .badContentLength, .badRequest),
            ("Content-Length: 18446744073709551616\r\n", .badContentLength, .badRequest),
            ("Content-Length: 99999999999999999999999999999999\r\n", .badContentLength, .badRequest),
            ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", .contentLengthBesideTransferEncoding, .badRequest),
            ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", .contentLengthBesideTransferEncoding, .badRequest),
            ("Transfer-Encoding:\r\nContent-Length: 5\r\n", .contentLengthBesideTransferEncoding, .badRequest),
            ("Transfer-Encoding:\r\n", .badTransferEncoding, .badRequest),
            ("Transfer-Encoding: identity\r\n", .badTransferEncoding, .badRequest),
            ("Transfer-Encoding: xchunked\r\n", .badTransferEncoding, .badRequest),
            ("Transfer-Encoding: \"chunked\"\r\n", .badTransferEncoding, .badRequest),
            ("Transfer-Encoding: chunked;q=1\r\n", .badTransferEncoding, .badRequest),
            ("Transfer-Encoding: chunked, gzip\r\n", .badTransferEncoding, .badRequest),
            ("Transfer-Encoding: chunked, chunked\r\n", .badTransferEncoding, .badRequest),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", .badTransferEncoding, .badRequest),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", .badTransferEncoding, .badRequest),
            ("Transfer-Encoding: ,chunked\r\n", .badTransferEncoding, .badRequest),
            ("Transfer-Encoding: chunked,\r\n", .badTransferEncoding, .badRequest),
            ("Transfer-Encoding: chun ked\r\n", .badTransferEncoding, .badRequest),
            ("Transfer-Encoding: gzip, chunked\r\n", .unknownTransferCoding, .notImplemented),
            ("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", .unknownTransferCoding, .notImplemented),
            ("Transfer-Encoding: identity, chunked\r\n", .unknownTransferCoding, .notImplemented),
        ] as [(String, HTTPError.Fault, HTTPStatus)], ["GET", "POST"])
    func `a framing that can be read in two ways is refused`(
        refusal: (fields: String, fault: HTTPError.Fault, status: HTTPStatus), method: String
    ) {
        let reading = reading(method, refusal.fields)
        #expect(reading.error?.fault == refusal.fault)
        #expect(reading.error?.status == refusal.status)
        #expect(reading.messages.isEmpty)
    }

    @Test func `HTTP 1.0 has no transfer codings`() {
        #expect(
            reading("POST", "Transfer-Encoding: chunked\r\n", version: "1.0").error?.fault == .transferEncodingInHTTP10)
    }

    @Test func `a body that does not come is not waited for with a 100`() {
        #expect(
            reading("PUT", "Expect: 100-continue\r\nContent-Length: 0\r\n").messages.first?.head.expectsContinue
                == false)
        #expect(reading("GET", "Expect: 100-continue\r\n").messages.first?.head.expectsContinue == false)
        #expect(reading("PUT", "Expect: 100-Continue\r\n").messages.first?.head.expectsContinue == true)
    }
}
