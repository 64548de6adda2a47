import CHTTPParser
import HTTP1
import TestSupport
import Testing

/// Our reading against http_parser's.
///
/// Whatever http_parser refuses, we refuse; where both read a message, its method, target and body are the same bytes.
/// Known differences, each on purpose:
/// - We are stricter in much (bare LF, folded lines, blanks in names, repeated empty lines, other versions, missing Host,
///   transfer codings in HTTP/1.0 or beside others, limits): our error ends the comparison of the rest.
/// - Methods that http_parser has no number for: any token is a method (RFC 9110 9.1), the router answers 405.
/// - A tab behind a Content-Length, a coding or a chunk size is a blank like any other (RFC 9110 5.6.3), not so for
///   http_parser.
/// - A field whose name only begins with `Transfer-Encoding` counts as one for http_parser.
/// - POST and PUT with neither length nor coding: ours take the rest of the connection as the body (ffmpeg's
///   `-chunked_post 0`), http_parser sees no body (RFC 9112 6.3).
/// - An Upgrade that http_parser follows on its own: what comes behind is not HTTP any more; here the router decides.
@Suite struct HTTPParserOracleTests {
    @Test(arguments: RequestSamples.conversations)
    func `what programs send is read as http_parser reads it`(text: String) {
        let bytes = Array(text.utf8)
        #expect(RequestReading([bytes]).error == nil)
        #expect(HTTPParserOracleTests.difference(bytes, RequestReading([bytes])) == nil)
    }

    @Test func `twenty thousand broken conversations are read alike or refused`() {
        var mutator = ByteMutator(seed: 0x1101, corpus: RequestSamples.corpus, dictionary: RequestSamples.words)
        var completed = 0
        for run in 0..<20_000 {
            let bytes = mutator.next()
            let reading = RequestReading([bytes])
            if let difference = HTTPParserOracleTests.difference(bytes, reading) {
                Issue.record("run \(run): \(difference): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
                return
            }
            if reading.messages.contains(where: \.isComplete) { completed += 1 }
        }
        #expect(completed > 5_000, "else the mutations are too wild to show anything")
    }

    /// - Returns: what differs beyond the known differences, nil when nothing does.
    private static func difference(_ bytes: [UInt8], _ ours: RequestReading) -> String? {
        let theirs = HTTPParserOracle(bytes)
        for (index, message) in ours.messages.enumerated() {
            guard index < theirs.messages.count, theirs.messages[index].isHeadComplete else {
                return isKnown(theirs.error, bytes) ? nil : "head \(index) is accepted by us alone"
            }
            let other = theirs.messages[index]
            guard message.head.method.name == other.method else { return "method \(index)" }
            guard Array(message.head.target.raw.utf8) == other.target else { return "target \(index)" }
            if message.head.framing == .untilClose { return nil }
            let isLast = index == theirs.messages.count - 1
            if isLast, theirs.stopsForUpgrade { return nil }
            if message.isComplete, !other.isComplete, isKnown(theirs.error, bytes) { return nil }
            if message.isComplete, !other.isComplete { return "body \(index) is complete for us alone" }
            if isLast, theirs.error != HPE_OK {
                guard other.body.starts(with: message.body) || message.body.starts(with: other.body) else {
                    return "body \(index) of a request that is refused"
                }
            } else if index == ours.messages.count - 1, ours.error != nil {
                guard other.body.starts(with: message.body) else { return "body \(index) of a request that we refuse" }
            } else {
                guard message.body == other.body, message.isComplete == other.isComplete else { return "body \(index)" }
            }
        }
        // We judge a line at its end: one that the bytes leave open must be refused as soon as it ends.
        if ours.error == nil, theirs.error != HPE_OK, !isKnown(theirs.error, bytes),
            RequestReading([bytes, Array("\r\n\r\n".utf8)]).error == nil
        {
            return "http_parser refuses what we take: \(theirs.error)"
        }
        return nil
    }

    private static func isKnown(_ error: http_errno, _ bytes: [UInt8]) -> Bool {
        switch error {
        case HPE_INVALID_METHOD: true
        case HPE_INVALID_CONTENT_LENGTH, HPE_INVALID_CHUNK_SIZE: bytes.contains(UInt8(ascii: "\t"))
        case HPE_UNEXPECTED_CONTENT_LENGTH, HPE_INVALID_TRANSFER_ENCODING:
            bytes.contains(UInt8(ascii: "\t")) || hasLongerName(than: "transfer-encoding", bytes)
        default: false
        }
    }

    private static func hasLongerName(than name: String, _ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).lowercased().split(separator: name, omittingEmptySubsequences: false)
            .dropFirst().contains { $0.first != ":" }
    }
}
