import TestSupport
import Testing
import WebSocket

@Suite struct FrameDecoderTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    // MARK: What is right

    @Test func `the masked text of RFC 6455 is read`() {
        let frame: [UInt8] = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]
        #expect(ClientFrames.decode(frame).events == [.text(bytes("Hello"))])
    }

    @Test func `fragments are one message and control frames go between`() {
        let input =
            ClientFrames.frame(0x01, "Hel") + ClientFrames.frame(0x89, "?") + ClientFrames.frame(0x00, "")
            + ClientFrames.frame(0x8a, "!") + ClientFrames.frame(0x80, "lo") + ClientFrames.frame(0x82, [1])
        let events: [FrameEvent] = [
            .ping(bytes("?")), .pong(bytes("!")), .text(bytes("Hello")), .binary([1]),
        ]
        #expect(ClientFrames.decode(input) == ClientFrames.Outcome(events: events))
    }

    @Test(arguments: ClientFrames.conversations)
    func `a conversation is read in any cut`(input: [UInt8]) {
        #expect(ClientFrames.decode(input).error == nil)
        #expect(ClientFrames.isSameInAnyCut(input))
    }

    @Test(arguments: ClientFrames.conversations)
    func `a conversation that ends early has no event too many and no error`(input: [UInt8]) {
        let whole = ClientFrames.decode(input).events
        for end in 0..<input.count {
            let outcome = ClientFrames.decode(Array(input[..<end]))
            #expect(outcome.error == nil)
            #expect(whole.starts(with: outcome.events))
        }
    }

    @Test(arguments: [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
    func `every form of length is read`(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let outcome = ClientFrames.decode(ClientFrames.frame(0x82, payload), messageBytesMax: count)
        #expect(outcome.events == [.binary(payload)])
    }

    @Test func `a mask of zeros is a mask`() {
        #expect(
            ClientFrames.decode(ClientFrames.frame(0x82, [5, 6], mask: [0, 0, 0, 0])).events == [.binary([5, 6])])
    }

    @Test(arguments: [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])
    func `a close code that may be sent is told`(code: UInt16) {
        let outcome = ClientFrames.decode(ClientFrames.close(code, bytes("gé")))
        #expect(outcome.events == [.close(CloseCode(rawValue: code), reason: "gé")])
        #expect(outcome.isClosed)
    }

    @Test func `a close without a code, and the longest reason`() {
        #expect(ClientFrames.decode(ClientFrames.frame(0x88, [])).events == [.close(.noCode, reason: "")])
        let reason = [UInt8](repeating: 0x61, count: 123)
        #expect(
            ClientFrames.decode(ClientFrames.close(1000, reason)).events
                == [.close(.normal, reason: String(decoding: reason, as: UTF8.self))])
    }

    @Test func `after a close everything is ignored`() {
        let input = ClientFrames.close(1000) + ClientFrames.frame(0x81, "x") + [0xff, 0xff, 0xff]
        #expect(ClientFrames.decode(input) == .init(events: [.close(.normal, reason: "")], isClosed: true))
        #expect(ClientFrames.isSameInAnyCut(input))
    }

    @Test func `a close between fragments ends the message unsaid`() {
        let input = ClientFrames.frame(0x01, "a") + ClientFrames.close(1001)
        #expect(ClientFrames.decode(input).events == [.close(.goingAway, reason: "")])
    }

    // MARK: What is refused

    static let refusals: [([UInt8], WebSocketError.Fault, UInt64)] = [
        ([0xc1], .reservedBits(4), 0), ([0xa1], .reservedBits(2), 0), ([0x91], .reservedBits(1), 0),
        ([0xf1], .reservedBits(7), 0), ([0xc9], .reservedBits(4), 0), ([0x83], .unknownOpcode(3), 0),
        ([0x84], .unknownOpcode(4), 0), ([0x85], .unknownOpcode(5), 0), ([0x86], .unknownOpcode(6), 0),
        ([0x87], .unknownOpcode(7), 0), ([0x8b], .unknownOpcode(11), 0), ([0x8c], .unknownOpcode(12), 0),
        ([0x8d], .unknownOpcode(13), 0), ([0x8e], .unknownOpcode(14), 0), ([0x8f], .unknownOpcode(15), 0),
        ([0x03], .unknownOpcode(3), 0), ([0x80], .continuationWithoutStart, 0), ([0x00], .continuationWithoutStart, 0),
        (ClientFrames.frame(0x81, "a") + [0x80], .continuationWithoutStart, 7),
        (ClientFrames.frame(0x01, "a") + [0x81], .startInsideMessage, 7),
        (ClientFrames.frame(0x01, "a") + [0x02], .startInsideMessage, 7),
        ([0x08], .fragmentedControlFrame, 0), ([0x09], .fragmentedControlFrame, 0),
        ([0x0a], .fragmentedControlFrame, 0),
        ([0x81, 0x05], .notMasked, 1), ([0x81, 0x00], .notMasked, 1), ([0x89, 0x7e], .notMasked, 1),
        ([0x89, 0xfe], .controlFrameTooLong(126), 1), ([0x88, 0xff], .controlFrameTooLong(127), 1),
        ([0x8a, 0xfe, 0, 126], .controlFrameTooLong(126), 1),
        ([0x81, 0xfe, 0, 0], .lengthNotMinimal, 3), ([0x81, 0xfe, 0, 125], .lengthNotMinimal, 3),
        ([0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 1], .lengthNotMinimal, 9),
        ([0x81, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff], .lengthNotMinimal, 9),
        ([0x81, 0xff, 0x80], .lengthTooLarge, 2), ([0x81, 0xff, 0xff, 0xff], .lengthTooLarge, 2),
        ([0x82, 0xfe, 0x10, 0x01], .messageTooBig, 3), ([0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0], .messageTooBig, 9),
        ([0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], .messageTooBig, 9),
        (ClientFrames.frame(0x02, "a") + [0x80, 0xfe, 0x10, 0x00], .messageTooBig, 10),
        ([0x88, 0x81], .closePayloadTooShort, 1),
        (ClientFrames.close(0), .badCloseCode(0), 7), (ClientFrames.close(999), .badCloseCode(999), 7),
        (ClientFrames.close(1004), .badCloseCode(1004), 7), (ClientFrames.close(1005), .badCloseCode(1005), 7),
        (ClientFrames.close(1006), .badCloseCode(1006), 7), (ClientFrames.close(1015), .badCloseCode(1015), 7),
        (ClientFrames.close(1016), .badCloseCode(1016), 7), (ClientFrames.close(1100), .badCloseCode(1100), 7),
        (ClientFrames.close(2000), .badCloseCode(2000), 7), (ClientFrames.close(2999), .badCloseCode(2999), 7),
        (ClientFrames.close(5000), .badCloseCode(5000), 7), (ClientFrames.close(65_535), .badCloseCode(65_535), 7),
        (ClientFrames.close(1000, [0xff]), .notUTF8, 8), (ClientFrames.close(1000, [0x61, 0xc3]), .notUTF8, 10),
        (ClientFrames.frame(0x81, [0x61, 0xff, 0x61]), .notUTF8, 7), (ClientFrames.frame(0x81, [0x80]), .notUTF8, 6),
        (ClientFrames.frame(0x81, [0xc3]), .notUTF8, 7), (ClientFrames.frame(0x81, [0xed, 0xa0, 0x80]), .notUTF8, 7),
        (ClientFrames.frame(0x01, [0xf0]) + ClientFrames.frame(0x80, [0x8f]), .notUTF8, 13),
        (ClientFrames.frame(0x01, [0xe2, 0x82]) + ClientFrames.frame(0x80, []), .notUTF8, 14),
    ]

    @Test(arguments: refusals)
    func `it is refused at its byte, in any cut`(input: [UInt8], fault: WebSocketError.Fault, offset: UInt64) {
        #expect(ClientFrames.decode(input).error == WebSocketError(fault, offset: offset))
        #expect(ClientFrames.decode(input + [0x8a, 0x80, 0, 0, 0, 0]).error == WebSocketError(fault, offset: offset))
        #expect(ClientFrames.isSameInAnyCut(input))
    }

    @Test(
        arguments: [
            (.messageTooBig, 1009), (.notUTF8, 1007), (.reservedBits(1), 1002), (.notMasked, 1002),
            (.badCloseCode(1005), 1002), (.lengthTooLarge, 1002), (.closePayloadTooShort, 1002),
        ] as [(WebSocketError.Fault, UInt16)])
    func `a fault has its close code`(fault: WebSocketError.Fault, code: UInt16) {
        #expect(WebSocketError(fault, offset: 0).closeCode == CloseCode(rawValue: code))
    }

    @Test func `what was whole before a fault is told`() {
        let outcome = ClientFrames.decode(ClientFrames.frame(0x81, "a") + ClientFrames.frame(0x89, "b") + [0x83])
        #expect(outcome.events == [.text(bytes("a")), .ping(bytes("b"))])
        #expect(outcome.error?.fault == .unknownOpcode(3))
    }

    @Test func `after an error the same is thrown again`() {
        var decoder = FrameDecoder(messageBytesMax: 10)
        let (broken, good): ([UInt8], [UInt8]) = ([0x83], ClientFrames.frame(0x81, "a"))
        #expect(throws: WebSocketError(.unknownOpcode(3), offset: 0)) { try decoder.decode(broken.span) { _ in } }
        #expect(throws: WebSocketError(.unknownOpcode(3), offset: 0)) { try decoder.decode(good.span) { _ in } }
    }

    // MARK: Limits

    @Test(arguments: [(0, 0, true), (0, 1, false), (4096, 4096, true), (4096, 4097, false)])
    func `a message of the limit passes and one byte more does not`(limit: Int, count: Int, passes: Bool) {
        let payload = [UInt8](repeating: 0x61, count: count)
        let outcome = ClientFrames.decode(ClientFrames.frame(0x81, payload), messageBytesMax: limit)
        #expect(outcome.events == (passes ? [.text(payload)] : []))
        #expect(outcome.error?.closeCode == (passes ? nil : .messageTooBig))
    }

    @Test func `fragments count together, messages and control frames do not`() {
        let part = [UInt8](repeating: 1, count: 4)
        let fits = ClientFrames.frame(0x02, part) + ClientFrames.frame(0x89, part) + ClientFrames.frame(0x80, part)
        #expect(ClientFrames.decode(fits + fits, messageBytesMax: 8).events.count == 4)
        let tooMuch = ClientFrames.frame(0x02, part) + ClientFrames.frame(0x00, part) + ClientFrames.frame(0x80, [1])
        #expect(ClientFrames.decode(tooMuch, messageBytesMax: 8).error?.fault == .messageTooBig)
    }

    @Test func `empty fragments without end hold no memory and no error`() {
        let outcome = ClientFrames.decode(
            ClientFrames.frame(0x01, "") + (0..<10_000).flatMap { _ in ClientFrames.frame(0x00, "") })
        #expect(outcome == ClientFrames.Outcome())
    }

    @Test func `twenty thousand broken conversations decode the same in any cut`() {
        var mutator = ByteMutator(seed: 0x6456, corpus: ClientFrames.conversations, dictionary: ClientFrames.words)
        var events = 0
        for run in 0..<20_000 {
            let bytes = mutator.next()
            let pieces = mutator.cut(bytes)
            let outcome = ClientFrames.decode(bytes)
            guard outcome == ClientFrames.decode(pieces) else {
                Issue.record("run \(run): \(pieces)")
                return
            }
            events += outcome.events.count
            for case .text(let text) in outcome.events where String(validating: text, as: UTF8.self) == nil {
                Issue.record("run \(run): text that is no UTF-8: \(text)")
            }
        }
        #expect(events > 5_000, "else the mutations are too wild to show anything")
    }
}
