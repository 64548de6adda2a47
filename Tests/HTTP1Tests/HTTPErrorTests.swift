import HTTP1
import Testing

@Suite struct HTTPErrorTests {
    @Test(
        arguments: [
            (.bareLineFeed, .badRequest), (.targetTooLong, .uriTooLong), (.tooManySegments, .uriTooLong),
            (.headTooLarge, .headTooLarge), (.tooManyFields, .headTooLarge), (.unknownExpectation, .expectationFailed),
            (.methodTooLong, .notImplemented), (.schemeNeedsTLS, .misdirected),
            (.unknownTransferCoding, .notImplemented),
            (.versionNotSupported, .versionNotSupported), (.dotSegment, .badRequest), (.badChunkSize, .badRequest),
        ] as [(HTTPError.Fault, HTTPStatus)])
    func `a fault has its status`(fault: HTTPError.Fault, status: HTTPStatus) {
        #expect(HTTPError(fault, offset: 0).status == status)
    }

    @Test func `an error says what and where, in words that can be logged`() {
        #expect("\(HTTPError(.controlCharacter(7), offset: 12))" == "controlCharacter(7) at byte 12")
    }
}
