import TestSupport
import Testing
import TransportStream

@testable import Bench

@Suite struct StreamMakerTests {
    private static func analyze(_ bytes: [UInt8]) -> (analyzer: StreamAnalyzer, events: [PacketEvent]) {
        var analyzer = StreamAnalyzer()
        var events: [PacketEvent] = []
        analyzer.analyze(bytes.span, into: &events)
        return (analyzer, events)
    }

    @Test(arguments: [StreamShape.Pacing.steady, .pictures])
    func `an analyzer finds one H264 video without a fault`(_ pacing: StreamShape.Pacing) throws {
        let stream = try StreamPackets(4000, pacing: pacing)
        let (analyzer, events) = Self.analyze(stream.bytes)
        #expect(analyzer.counters.continuityErrors == 0)
        #expect(analyzer.counters.malformedPackets == 0)
        #expect(analyzer.counters.patErrors == 0)
        #expect(analyzer.counters.pmtErrors == 0)
        #expect(analyzer.counters.packets == 4000)
        #expect(analyzer.info.videoCodec == .h264)
        #expect(analyzer.info.videoPID == 0x100)
        #expect(analyzer.info.pcrPID == 0x100)
        #expect(analyzer.info.gopPictures == 25)
        #expect(analyzer.info.gopTicks == 90_000)
        #expect(!analyzer.info.hasFieldsInsidePictures)
        let starts = events.filter { $0.flags.contains(.pictureStart) }.count
        let ends = events.filter { $0.flags.contains(.pictureEnd) }.count
        #expect(starts > 100)
        #expect((starts - 1...starts).contains(ends))
    }

    @Test func `PAT and PMT stand before each random access point and nowhere else`() throws {
        let stream = try StreamPackets(4000)
        let starts = Self.analyze(stream.bytes).events.filter { $0.flags.contains(.randomAccess) }.map { Int($0.index) }
        #expect(starts.count == 7)
        for start in starts { #expect(stream.pid(start - 2) == 0 && stream.pid(start - 1) == 0x1000) }
        #expect((0..<4000).filter { stream.pid($0) != 0x100 }.count == starts.count * 2)
    }

    @Test func `a random access point is five times as large as another picture`() throws {
        let stream = try StreamPackets(4000)
        let starts = Self.analyze(stream.bytes).events.filter { $0.flags.contains(.pictureStart) }.map { Int($0.index) }
        let sizes = zip(starts, starts.dropFirst()).map { $1 - $0 }
        #expect((110...120).contains(sizes[0]))
        // The last before the next GOP has its tables.
        for size in sizes[1..<24] { #expect((22...24).contains(size)) }
    }

    @Test(arguments: [92_000, 450_000, 1_000_000, 10_000_000] as [Int64])
    func `a minute has the bytes of its rate`(_ bitsPerSecond: Int64) throws {
        var maker = StreamMaker(try StreamShape(bitsPerSecond: bitsPerSecond, pacing: .pictures))
        var bytes: [UInt8] = []
        while maker.dueUs < 60_000_000 { maker.append(to: &bytes, sentUs: 0) }
        let expected = bitsPerSecond * 60 / 8
        #expect(abs(Int64(bytes.count) - expected) <= 188)
    }

    @Test func `steady packets are due at even distances`() throws {
        var maker = StreamMaker(try StreamShape(bitsPerSecond: 1_504_000))
        var bytes: [UInt8] = []
        for index in 0..<3000 {
            #expect(maker.dueUs == Int64(index) * 1000)
            maker.append(to: &bytes, sentUs: 0)
        }
    }

    @Test func `all packets of a picture are due at once, and pictures forty milliseconds apart`() throws {
        var maker = StreamMaker(try StreamShape(bitsPerSecond: 1_000_000, pacing: .pictures))
        var bytes: [UInt8] = []
        var dues: [Int64] = []
        for _ in 0..<2000 {
            if maker.dueUs != dues.last {
                #expect(maker.isAtPicture)
                dues.append(maker.dueUs)
            }
            maker.append(to: &bytes, sentUs: 0)
        }
        #expect(dues == (0..<Int64(dues.count)).map { $0 * 40_000 })
        #expect(dues.count > 70)
    }

    @Test func `a rate that cannot fill its pictures is refused with the least that can`() throws {
        var minimum: Int64 = 0
        do {
            _ = try StreamShape(bitsPerSecond: 50_000)
        } catch .rateTooLow(let least) {
            minimum = least
        }
        #expect((90_000...93_000).contains(minimum))
        #expect(throws: StreamShape.Wrong.rateTooLow(minimum: minimum)) { try StreamShape(bitsPerSecond: minimum - 1) }
        let shape = try StreamShape(bitsPerSecond: minimum)
        var maker = StreamMaker(shape)
        var bytes: [UInt8] = []
        for _ in 0..<3000 { maker.append(to: &bytes, sentUs: 0) }
        var checker = StreamChecker()
        var delays = DelayHistogram()
        checker.take(bytes.span, nowUs: 0, delays: &delays)
        #expect(checker.damaged == 0 && checker.lost == 0 && checker.packets == 3000)
    }

    @Test(arguments: [(0, 25), (121, 25), (25, 0), (25, 1501)])
    func `picture rates and GOPs out of range are refused`(_ rate: Int, _ gop: Int) {
        #expect(throws: StreamShape.Wrong.badPictureRate) {
            try StreamShape(bitsPerSecond: 1_000_000, picturesPerSecond: rate, gopPictures: gop)
        }
    }

    @Test func `no start code stands behind the first bytes of a slice`() throws {
        let stream = try StreamPackets(4000)
        for packet in stream.packets where packet[2] == 0 && packet[1] & 0x1f == 1 {
            let start = packet[1] & 0x40 != 0 ? 36 : packet[3] & 0x20 != 0 ? 5 + Int(packet[4]) : 4
            #expect(packet[start...].allSatisfy { $0 >= 0x80 })
        }
    }
}
