import TestSupport
import Testing

@testable import TransportStream

@Suite struct RTPHeaderTests {
    private static let packets = PacketAlignerTests.stream(packets: 7)

    private static func datagram(
        first: UInt8 = 0x80, type: UInt8 = 33, csrc: Int = 0, extra: [UInt8] = [], payload: [UInt8] = packets
    ) -> [UInt8] {
        let fixed: [UInt8] = [first | UInt8(csrc), type, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]
        return fixed + [UInt8](repeating: 9, count: csrc * 4) + extra + payload
    }

    private static func payload(_ datagram: [UInt8]) -> Range<Int>? { RTPHeader(parsing: datagram.span)?.payload }

    @Test func `a plain header has 12 bytes`() {
        #expect(Self.payload(Self.datagram()) == 12..<12 + 1_316)
    }

    @Test func `the marker bit and dynamic payload types are accepted`() {
        #expect(Self.payload(Self.datagram(type: 0x80 | 33)) != nil)
        #expect(Self.payload(Self.datagram(type: 96)) != nil)
    }

    @Test func `the list of sources and the extension are left out`() {
        let extra: [UInt8] = [0xbe, 0xde, 0, 2] + [UInt8](repeating: 7, count: 8)
        let datagram = Self.datagram(first: 0x90, csrc: 3, extra: extra)
        #expect(Self.payload(datagram) == 36..<36 + 1_316)
    }

    @Test func `padding is left out`() {
        let datagram = Self.datagram(first: 0xa0) + [0, 0, 0, 4]
        #expect(Self.payload(datagram) == 12..<12 + 1_316)
    }

    @Test(arguments: [
        [], [0x80], packets, datagram(first: 0x40), datagram(type: 34), datagram(payload: Array(packets.dropLast())),
        datagram(payload: [UInt8](repeating: 0, count: 376)), datagram(first: 0x90, extra: [0, 0, 0xff, 0xff]),
        datagram(first: 0xa0) + [0xff], datagram(csrc: 15, payload: Array(packets.prefix(188 - 60))),
    ])
    func `anything else is no RTP`(datagram: [UInt8]) {
        #expect(Self.payload(datagram) == nil)
    }

    @Test func `datagrams of RTP come out as their packets`() {
        let stream = PacketAlignerTests.stream(packets: 70)
        var aligner = PacketAligner()
        var output: [UInt8] = []
        for payload in PacketAlignerTests.cut(stream, every: 1_316) {
            let datagram = Self.datagram(payload: payload)
            aligner.alignDatagram(datagram.span) { run in for index in run.indices { output.append(run[index]) } }
        }
        #expect(output == stream)
        #expect(aligner.rtpHeadersRemoved == 10)
        #expect(aligner.bytesSkipped == 0)
    }
}
