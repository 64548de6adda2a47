import TestSupport
import Testing
import WebSocket

/// Our decoder against wslay's server.
///
/// Both tell the same messages and control frames in the same order, and both close with the same code. Known
/// differences, each on purpose:
/// - Close codes 1012 to 1014 are registered by now and taken; wslay 1.1.1 stops at 1011.
/// - A close payload of one byte is refused (RFC 6455 5.5.1); wslay takes it for a close without a code.
/// - A close frame with a bad code and a reason that is no UTF-8 is 1002 here, since the code comes first; 1007 there.
/// - We judge a header and a close code byte by byte, wslay when header or frame are complete: a frame that the bytes
///   leave open is completed before wslay is asked.
@Suite struct WslayOracleTests {
    private static let messageBytesMax = 1000
    /// The longest header and the longest close payload.
    private static let openFrameBytesMax = 14 + 125

    @Test(arguments: ClientFrames.conversations)
    func `conversations are read as wslay reads them`(input: [UInt8]) {
        #expect(WslayOracleTests.difference(input) == nil)
    }

    @Test(arguments: FrameDecoderTests.refusals.map(\.0))
    func `faults are closed as wslay closes them`(input: [UInt8]) {
        #expect(WslayOracleTests.difference(input) == nil)
    }

    @Test func `twenty thousand broken conversations are read alike`() {
        var mutator = ByteMutator(seed: 0x6457, corpus: ClientFrames.conversations, dictionary: ClientFrames.words)
        for run in 0..<20_000 {
            let input = mutator.next()
            if let difference = WslayOracleTests.difference(input) {
                Issue.record("run \(run): \(difference): \(input)")
                return
            }
        }
    }

    /// - Returns: what differs beyond the known differences, nil when nothing does.
    private static func difference(_ input: [UInt8]) -> String? {
        let ours = ClientFrames.decode(input, messageBytesMax: messageBytesMax)
        guard var theirs = WslayOracle(input, messageBytesMax: messageBytesMax) else { return "wslay fails" }
        if ours.error != nil, theirs.closeCode == nil {
            let completed = input + [UInt8](repeating: 0, count: openFrameBytesMax)
            guard let again = WslayOracle(completed, messageBytesMax: messageBytesMax) else { return "wslay fails" }
            theirs = again
        }
        if ours.events == theirs.events, ours.error?.closeCode.rawValue == theirs.closeCode { return nil }
        if isKnown(ours, theirs) { return nil }
        return "\(ours) is \(theirs.events), \(String(describing: theirs.closeCode))"
    }

    private static func isKnown(_ ours: ClientFrames.Outcome, _ theirs: WslayOracle) -> Bool {
        if case .close(let code, _) = ours.events.last, (1012...1014).contains(code.rawValue) {
            return theirs.closeCode == CloseCode.protocolError.rawValue
                && ours.events.dropLast().elementsEqual(theirs.events)
        }
        switch ours.error?.fault {
        case .closePayloadTooShort:
            return theirs.events == ours.events + [.close(.noCode, reason: "")]
        case .badCloseCode:
            return theirs.events == ours.events && theirs.closeCode == CloseCode.invalidPayload.rawValue
        default:
            return false
        }
    }
}
