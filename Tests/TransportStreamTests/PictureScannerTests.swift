import TestSupport
import Testing

@testable import TransportStream

/// Random access points by the coded bytes alone, however packets cut them.
@Suite struct PictureScannerTests {
    private static let filler = [UInt8](repeating: 0x55, count: 40)

    /// User data of 600 bytes as x264 sends them, then a recovery point.
    static let h264Supplement: [UInt8] =
        [0, 0, 0, 1, 9, 0xf0, 0, 0, 1, 6, 5, 255, 255, 90] + [UInt8](repeating: 0x41, count: 600)
        + [6, 1, 0xc4, 0x80, 0, 0, 1, 0x41, 0x9a]

    private static func findings(_ codec: VideoCodec, _ bytes: [UInt8], cut: Int) -> PictureScanner.Findings {
        var scanner = PictureScanner()
        scanner.begin(codec)
        var findings: PictureScanner.Findings = []
        for start in stride(from: 0, to: bytes.count, by: cut) where !scanner.isDone {
            findings.formUnion(scanner.scan(bytes.span, start..<min(start + cut, bytes.count)))
        }
        return findings
    }

    @Test(
        arguments: [
            (.h264, [0, 0, 0, 1, 9, 0xf0, 0, 0, 0, 1, 0x67, 0x64] + filler),  // parameter set
            (.h264, [0, 0, 1, 0x65, 0x88]),  // IDR slice
            (.h264, h264Supplement),  // recovery point
            (.h264, [0, 0, 1, 6, 4, 3, 0, 0, 3, 1, 6, 1, 0xc4, 0x80]),  // behind an emulation prevention byte
            (.hevc, [0, 0, 1, 0x46, 1, 0x50, 0, 0, 1, 0x26, 1]),  // IDR
            (.hevc, [0, 0, 1, 0x2a, 1]),  // CRA
            (.mpeg1, [0, 0, 1, 0xb3, 0x14, 0, 0xf0, 0x13] + filler),
            (.mpeg2, [0, 0, 1, 0xb3, 0x14, 0, 0xf0, 0x13] + filler),
            (.unknown, [0, 0, 1, 0xb3, 0x14, 0, 0xf0, 0x13] + filler),
        ] as [(VideoCodec, [UInt8])], [1, 2, 3, 5, 1_000])
    func `decoding can start here`(picture: (VideoCodec, [UInt8]), cut: Int) {
        #expect(Self.findings(picture.0, picture.1, cut: cut).contains(.randomAccess))
    }

    @Test(
        arguments: [
            (.h264, [0, 0, 0, 1, 9, 0xf0, 0, 0, 1, 0x41, 0, 0, 1, 0x65]),  // nothing behind the first slice counts
            (.h264, [0, 0, 1, 6, 5, 3, 6, 1, 0x80, 0x80, 0, 0, 1, 1]),  // a 6 in another message's payload
            (.h264, [0, 0, 1, 6, 255, 255, 255]),
            (.hevc, [0, 0, 1, 0x02, 1, 0, 0, 1, 0x26]),
            (.hevc, [0, 0, 1, 0x40, 1, 0, 0, 1, 0x42, 1]),
            (.mpeg1, [0, 0, 1, 0, 0, 0, 0, 0, 1, 0xb3]),
            (.mpeg1, [0, 0, 1, 0xb8, 0, 8, 0, 0, 0, 0, 1, 0]),  // a GOP header alone has no matrices and no size
            (.other(0x10), [0, 0, 1, 0xb3, 0, 0, 0, 0]),
            (.none, [0, 0, 1, 0xb3, 0, 0, 0, 0]),
        ] as [(VideoCodec, [UInt8])], [1, 3, 1_000])
    func `decoding can not start here`(picture: (VideoCodec, [UInt8]), cut: Int) {
        #expect(Self.findings(picture.0, picture.1, cut: cut).isEmpty)
    }

    @Test(arguments: [1, 4, 1_000])
    func `an extension behind the sequence header means MPEG-2`(cut: Int) {
        let header: [UInt8] = [0, 0, 1, 0xb3, 0x2d, 0x01, 0xe0, 0x14] + Self.filler
        for (next, isMPEG2) in [([0, 0, 1, 0xb5, 0x14], true), ([0, 0, 1, 0xb8, 0], false), ([0, 0, 1, 0], false)] {
            var scanner = PictureScanner()
            scanner.begin(.unknown)
            let bytes = header + next.map { UInt8($0) }
            var findings: PictureScanner.Findings = []
            for start in stride(from: 0, to: bytes.count, by: cut) {
                findings.formUnion(scanner.scan(bytes.span, start..<min(start + cut, bytes.count)))
            }
            #expect(findings.contains(.sequence))
            #expect(scanner.sequence.isMPEG2 == isMPEG2)
            #expect(scanner.sequence.width == 720 && scanner.sequence.height == 480)
            #expect(scanner.sequence.frameRate == 30_000.0 / 1_001)
        }
    }

    @Test func `a random access point on a later packet is reported there, once`() {
        var stream = TransportStreamFixture(programs: [
            .init(number: 1, mapPID: 0x20, streams: [.init(type: 0x1b, pid: 0x100)])
        ])
        stream.appendTables()
        stream.appendPES(
            pid: 0x100,
            bytes: TransportStreamFixture.pesHeader(streamID: 0xe0, length: 0, ticks: 0) + Self.h264Supplement
                + Self.filler)
        stream.appendPES(
            pid: 0x100,
            bytes: TransportStreamFixture.pesHeader(streamID: 0xe0, length: 0, ticks: 3_600)
                + [0, 0, 1, 0x67] + [UInt8](repeating: 0x55, count: 300) + [0, 0, 1, 0x65] + Self.filler)
        let analysis = Analysis(stream)
        #expect(analysis.numbers(.pictureStart) == [2, 6])
        #expect(analysis.numbers(.randomAccess) == [5, 6])
        #expect(analysis.counters.randomAccessPoints == 2)
    }
}
