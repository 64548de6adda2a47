import TestSupport
import Testing

@testable import TransportStream

@Suite struct PacketAlignerTests {
    static func stream(packets: Int) -> [UInt8] {
        var stream = TransportStreamFixture()
        stream.appendTables()
        while stream.packetCount < packets { stream.appendPicture(bytes: 1_000) }
        return Array(stream.bytes.prefix(packets * TSPacket.size))
    }

    static func aligned(_ bytes: [UInt8], cut: Int) -> [UInt8] {
        var aligner = PacketAligner()
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: cut) {
            let piece = bytes.span.extracting(start..<min(start + cut, bytes.count))
            aligner.align(piece) { run in for index in run.indices { output.append(run[index]) } }
        }
        return output
    }

    @Test(arguments: [1, 7, 100, 187, 188, 189, 376, 1472, 5000, 1 << 20])
    func `an aligned stream comes out whole however it is cut`(cut: Int) {
        let bytes = Self.stream(packets: 40)
        #expect(Self.aligned(bytes, cut: cut) == bytes)
    }
}
