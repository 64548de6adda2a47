import Foundation
import HTTP1
import Testing

/// Our reading against that of llhttp, Node's parser, on its own requests.
///
/// They are not kept here: `TSRELAY_LLHTTP` names the folder `test/request` of a checkout of theirs. Each difference is
/// printed with its reason; one without a reason is a failure.
@Suite struct LLHTTPVectorTests {
    private static let folder = ProcessInfo.processInfo.environment["TSRELAY_LLHTTP"]

    @Test(.enabled(if: folder != nil, "TSRELAY_LLHTTP names no folder"))
    func `llhttp's requests are read as llhttp reads them, or there is a reason`() throws {
        let vectors = try LLHTTPVector.all(in: LLHTTPVectorTests.folder ?? "")
        #expect(vectors.count > 100)
        var alike = 0
        var reasons: [String: [String]] = [:]
        for vector in vectors {
            let ours = RequestReading([vector.bytesWithHost])
            guard let difference = LLHTTPVectorTests.difference(vector, ours) else {
                alike += 1
                continue
            }
            guard let reason = LLHTTPVectorTests.reason(vector, ours) else {
                Issue.record("\(vector.place) (\(vector.kind)): \(difference)")
                continue
            }
            reasons[reason, default: []].append(vector.place)
        }
        print("llhttp: \(vectors.count) requests, \(alike) read alike")
        for (reason, places) in reasons.sorted(by: { $0.value.count > $1.value.count }) {
            print("llhttp: \(places.count) differ: \(reason): \(places.joined(separator: " "))")
        }
    }

    private static func difference(_ vector: LLHTTPVector, _ ours: RequestReading) -> String? {
        if vector.errorCode != nil {
            // We judge a line at its end: one that the bytes leave open must be refused as soon as it ends.
            let ended = RequestReading([vector.bytesWithHost, Array("\r\n\r\n".utf8)])
            return ended.error == nil ? "llhttp refuses it: \(vector.errorText)" : nil
        }
        if let error = ours.error, !vector.stopsForUpgrade { return "we refuse it: \(error)" }
        for (index, theirs) in vector.messages.enumerated() where theirs.isHeadComplete {
            guard index < ours.messages.count else { return "message \(index) is llhttp's alone: \(ours.error as Any)" }
            let message = ours.messages[index]
            guard Array(message.head.method.name.utf8) == theirs.method else { return "method \(index)" }
            guard Array(message.head.target.raw.utf8) == theirs.target else { return "target \(index)" }
            if vector.stopsForUpgrade, index == vector.messages.count - 1 { return nil }
            guard message.body == theirs.body else { return "body \(index)" }
            guard message.isComplete == theirs.isComplete else { return "end \(index)" }
        }
        return ours.messages.count == vector.messages.count { $0.isHeadComplete } ? nil : "more messages are ours"
    }

    /// Why we differ, by what either of us has against the request.
    private static func reason(_ vector: LLHTTPVector, _ ours: RequestReading) -> String? {
        if let code = vector.errorCode { return reasonToTake(code, vector) }
        if vector.isLenient, ours.error != nil { return "llhttp is told to be lenient, and we never are" }
        if vector.skipsBody { return "llhttp is told that no body follows, and we are not" }
        switch ours.error?.fault {
        case .badRequestLine: return "HTTP/0.9, whose requests name no version, is not spoken here"
        case .badTransferEncoding, .unknownTransferCoding:
            return "a coding that we cannot take off has no end that we can find (RFC 9112 6.3): 400 or 501"
        case .repeatedContentLength, .contentLengthBesideTransferEncoding:
            return "a body that two readers could end at two places is refused (RFC 9112 6.3)"
        case .badTargetForm, .badTargetCharacter, .badAuthority, .dotSegment, .badPercentEncoding, .encodedSlash:
            return "llhttp leaves the target's grammar to its caller (RFC 9112 3.2, RFC 3986)"
        case .badHost: return "llhttp leaves the Host's grammar to its caller (RFC 9112 3.2)"
        case .badVersion, .versionNotSupported:
            return "llhttp reads RTSP, ICE and HTTP of other versions too; here it is HTTP/1 alone"
        case .emptyLines: return "more than one empty line before a request is refused (RFC 9112 2.2)"
        case .badChunkExtension: return "an extension has a name (RFC 9112 7.1.1)"
        case .foldedLine: return "a folded line is refused (RFC 9112 5.2)"
        case .bareLineFeed, .bareCarriageReturn: return "a line ends with CR LF and nothing else (RFC 9112 2.2)"
        case .controlCharacter: return "a control character is refused (RFC 9110 5.5)"
        case .unknownExpectation: return "an expectation that is not known is 417 (RFC 9110 10.1.1)"
        case .some: return nil
        case nil: break
        }
        let framings = ours.messages.map(\.head.framing)
        if framings.contains(.untilClose) {
            return "POST and PUT without length and coding have the rest of the connection as body (ffmpeg sends so)"
        }
        return nil
    }

    /// Why we take what llhttp refuses.
    private static func reasonToTake(_ code: Int, _ vector: LLHTTPVector) -> String? {
        switch code {
        case 5: return "bytes behind `Connection: close` are read here; the node answers once, closes and drops them"
        case 6, 8:
            return "any token is a method (RFC 9110 9.1), answered 501 when it is not known"
        default: return nil
        }
    }
}
