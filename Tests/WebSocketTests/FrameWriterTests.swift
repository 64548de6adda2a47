import Testing
import WebSocket

@Suite struct FrameWriterTests {
    private func frame(_ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
        var output: [UInt8] = []
        FrameWriter.append(opcode, payload.span, isFinal: isFinal, to: &output)
        return output
    }

    @Test func `the unmasked frames of RFC 6455 are written`() {
        #expect(frame(.text, Array("Hello".utf8)) == [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f])
        #expect(frame(.text, Array("Hel".utf8), isFinal: false) == [0x01, 0x03, 0x48, 0x65, 0x6c])
        #expect(frame(.continuation, Array("lo".utf8)) == [0x80, 0x02, 0x6c, 0x6f])
        #expect(frame(.ping, Array("Hello".utf8)) == [0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f])
    }

    @Test(
        arguments: [
            (0, [0x82, 0x00]), (125, [0x82, 0x7d]), (126, [0x82, 0x7e, 0x00, 0x7e]), (256, [0x82, 0x7e, 0x01, 0x00]),
            (65_535, [0x82, 0x7e, 0xff, 0xff]), (65_536, [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]),
            (.max, [0x82, 0x7f, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ] as [(Int, [UInt8])])
    func `a length has its shortest form`(count: Int, header: [UInt8]) {
        var output: [UInt8] = []
        FrameWriter.appendHeader(payloadBytes: count, opcode: .binary, to: &output)
        #expect(output == header)
        #expect(output.count <= FrameWriter.headerBytesMax)
    }

    @Test func `a frame goes behind what is there`() {
        var output: [UInt8] = [9]
        let payload: [UInt8] = [1, 2]
        FrameWriter.append(.binary, payload.span, to: &output)
        #expect(output == [9, 0x82, 2, 1, 2])
    }

    @Test func `a close frame has its code and its reason`() {
        var output: [UInt8] = []
        FrameWriter.appendClose(.goingAway, reason: "bye", to: &output)
        #expect(output == [0x88, 5, 0x03, 0xe9, 0x62, 0x79, 0x65])
        output = []
        FrameWriter.appendClose(.noCode, to: &output)
        #expect(output == [0x88, 0])
    }

    @Test func `a long reason is cut between code points`() {
        var output: [UInt8] = []
        FrameWriter.appendClose(.normal, reason: String(repeating: "é", count: 100), to: &output)
        #expect(output.count == 2 + 2 + 122)
        #expect(String(validating: output[4...], as: UTF8.self) == String(repeating: "é", count: 61))
    }

    @Test(arguments: [
        CloseCode.abnormal, CloseCode(rawValue: 1015), CloseCode(rawValue: 0), CloseCode(rawValue: 65_535),
    ])
    func `a code that is never in a frame is not allowed there`(code: CloseCode) {
        #expect(!code.isAllowedOnWire)
    }

    @Test func `a control frame that is too long is a mistake of ours`() async {
        await #expect(processExitsWith: .failure) {
            var output: [UInt8] = []
            FrameWriter.appendHeader(payloadBytes: 126, opcode: .ping, to: &output)
        }
    }
}
