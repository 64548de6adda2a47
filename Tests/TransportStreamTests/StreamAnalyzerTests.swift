import TestSupport
import Testing

@testable import TransportStream

@Suite struct StreamAnalyzerTests {
    private typealias Fixture = TransportStreamFixture

    @Test func `tables, picture starts, ends and random access points are named`() {
        var stream = Fixture()
        stream.appendTables()
        stream.appendPicture(bytes: 500, isRandomAccess: true)
        stream.appendAudio(bytes: 100)
        stream.appendPicture(bytes: 100)
        var analyzer = StreamAnalyzer()
        var events: [PacketEvent] = []
        analyzer.analyze(stream.bytes.span, into: &events)
        #expect(
            events == [
                PacketEvent(index: 0, flags: [.tables, .pat]),
                PacketEvent(index: 1, flags: [.tables, .pmt]),
                PacketEvent(index: 2, flags: [.pictureStart, .randomAccess]),
                PacketEvent(index: 4, flags: .pictureEnd),
                PacketEvent(index: 6, flags: [.pictureStart, .pictureEnd]),
            ])
        #expect(analyzer.info.videoCodec == .mpeg1)
        #expect(analyzer.info.width == 16)
        #expect(analyzer.info.height == 16)
        #expect(analyzer.info.frameRate == 25)
        #expect(analyzer.info.audioCodecs == [.mp2])
        #expect(!analyzer.info.hasFieldsInsidePictures)
        #expect(analyzer.counters.continuityErrors == 0)
    }

    @Test(arguments: [1, 2, 7])
    func `runs of any length give the same events`(packets: Int) {
        var stream = Fixture()
        for number in 0..<20 {
            if number % 5 == 0 { stream.appendTables() }
            stream.appendPicture(bytes: 300 + number * 100, isRandomAccess: number % 5 == 0)
            stream.appendAudio(bytes: 300)
        }
        var cut = Analysis()
        cut.analyze(stream.bytes, packets: packets)
        let whole = Analysis(stream)
        #expect(cut.flags == whole.flags)
        #expect(cut.info == whole.info)
        #expect(cut.counters == whole.counters)
    }

    // MARK: - The reference PID

    @Test func `without tables the first PID with a video PES is the reference`() {
        var stream = Fixture()
        stream.appendAudio(bytes: 300)
        stream.appendPicture(bytes: 300, isRandomAccess: true)
        stream.appendPicture(bytes: 300, pid: 0x200)
        let analysis = Analysis(stream)
        #expect(analysis.info.referencePID == Fixture.videoPID)
        #expect(analysis.info.videoPID == Fixture.videoPID)
        #expect(analysis.info.videoCodec == .mpeg1)
        #expect(analysis.numbers(.pictureStart) == [2])
    }

    @Test func `tables that come later decide`() {
        var stream = Fixture()
        stream.appendPicture(bytes: 300, pid: 0x200)
        stream.appendTables()
        stream.appendPicture(bytes: 300, pid: 0x200)
        stream.appendPicture(bytes: 300)
        let analysis = Analysis(stream)
        #expect(analysis.info.referencePID == Fixture.videoPID)
        #expect(analysis.numbers(.pictureStart) == [0, 6])
    }

    @Test func `of two programs the first of the PAT is the reference`() {
        var stream = Fixture(programs: [
            .init(number: 7, mapPID: 0x1001, streams: [.init(type: 3, pid: 0x301), .init(type: 2, pid: 0x300)]),
            .init(number: 1, mapPID: 0x1000, streams: [.init(type: 2, pid: 0x100), .init(type: 3, pid: 0x101)]),
        ])
        stream.appendTables()
        stream.appendPicture(bytes: 300, isRandomAccess: true)
        stream.appendPicture(bytes: 300, pid: 0x300, isRandomAccess: true)
        let analysis = Analysis(stream)
        #expect(analysis.info.programs == 2)
        #expect(analysis.info.videoPID == 0x300)
        #expect(analysis.numbers(.pictureStart) == [5])
        // The maps of both are tables.
        #expect(analysis.numbers(.pmt) == [1, 2])
    }

    @Test func `two programs may have their maps on one PID`() {
        var stream = Fixture(programs: [
            .init(number: 2, mapPID: 0x1000, streams: [.init(type: 0x1b, pid: 0x200)]),
            .init(number: 1, mapPID: 0x1000, streams: [.init(type: 2, pid: 0x100)]),
        ])
        stream.appendTables()
        let analysis = Analysis(stream)
        #expect(analysis.info.videoPID == 0x200)
        #expect(analysis.info.videoCodec == .h264)
    }

    @Test func `in a program without video each PES of the first audio is a random access point`() {
        var stream = Fixture(programs: [
            .init(number: 1, mapPID: 0x1000, streams: [.init(type: 0x0f, pid: 0x101), .init(type: 3, pid: 0x102)])
        ])
        stream.appendTables()
        stream.appendAudio(bytes: 300, pid: 0x102)
        stream.appendAudio(bytes: 300)
        stream.appendAudio(bytes: 100)
        let analysis = Analysis(stream)
        #expect(analysis.info.isAudioOnly)
        #expect(analysis.info.videoCodec == .none)
        #expect(analysis.info.audioCodecs == [.aac, .mp2])
        #expect(analysis.numbers(.pictureStart) == [4, 6])
        #expect(analysis.numbers(.randomAccess) == [4, 6])
        #expect(analysis.numbers(.pictureEnd) == [5, 6])
    }

    // MARK: - Continuity

    @Test func `lost packets are counted, and marked on the reference PID`() {
        var stream = Fixture()
        stream.appendTables()
        stream.appendPicture(bytes: 700)
        stream.appendAudio(bytes: 700)
        let bytes = (0..<stream.packetCount).filter { ![3, 7].contains($0) }.flatMap { stream.packet($0) }
        var analysis = Analysis()
        analysis.analyze(bytes)
        #expect(analysis.counters.continuityErrors == 2)
        #expect(analysis.numbers(.damaged) == [3])
    }

    @Test func `one duplicate is allowed and brings no event, a second is an error`() {
        var stream = Fixture()
        stream.appendTables()
        stream.appendPicture(bytes: 100)
        stream.repeatPacket(2)
        var analysis = Analysis(stream)
        #expect(analysis.counters.duplicates == 1)
        #expect(analysis.counters.continuityErrors == 0)
        #expect(analysis.numbers(.pictureStart) == [2])
        stream.repeatPacket(2)
        stream.appendPicture(bytes: 100)
        analysis = Analysis(stream)
        #expect(analysis.counters.continuityErrors == 1)
        #expect(analysis.numbers(.pictureStart) == [2, 5])
    }

    @Test func `the same counter with other bytes is a loss of fifteen packets`() {
        var stream = Fixture()
        stream.appendPicture(bytes: 100)
        stream.continuity[Fixture.videoPID] = 0
        stream.appendPicture(bytes: 100)
        let analysis = Analysis(stream)
        #expect(analysis.counters.duplicates == 0)
        #expect(analysis.counters.continuityErrors == 1)
        #expect(analysis.numbers(.pictureStart) == [0, 1])
    }

    @Test func `an announced jump is no error`() {
        var stream = Fixture()
        stream.appendPicture(bytes: 100)
        stream.continuity[Fixture.videoPID] = 9
        stream.appendPacket(pid: Fixture.videoPID, startsPayload: true, field: [0x80], payload: [0, 0, 1, 0xe0, 0, 0])
        #expect(Analysis(stream).counters.continuityErrors == 0)
    }

    @Test func `packets without payload do not count`() {
        var stream = Fixture()
        stream.appendPicture(bytes: 500) { stream, _ in
            stream.appendPacket(pid: Fixture.videoPID, field: [0x10, 0, 0, 0, 0, 0, 0], payload: [])
        }
        let analysis = Analysis(stream)
        #expect(analysis.counters.continuityErrors == 0)
        #expect(analysis.numbers(.pictureEnd) == [4])
    }

    @Test func `transport errors, null packets and malformed packets are counted`() {
        var stream = Fixture()
        stream.appendTables()
        stream.appendPicture(bytes: 300)
        stream.appendNullPacket()
        var bytes = stream.bytes
        bytes[2 * TSPacket.size + 1] |= 0x80
        bytes[3 * TSPacket.size + 3] = 0x31
        bytes[3 * TSPacket.size + 4] = 184
        var analysis = Analysis()
        analysis.analyze(bytes)
        #expect(analysis.counters.transportErrors == 1)
        #expect(analysis.counters.malformedPackets == 1)
        #expect(analysis.counters.nullPackets == 1)
        #expect(analysis.numbers(.damaged) == [2, 3])
        #expect(analysis.numbers(.pictureStart) == [2])
    }

    // MARK: - Picture ends

    @Test func `a picture that fills its last packet shows its end only by its length`() {
        let bytes = Fixture.fullBytes(packets: 3)
        var stream = Fixture()
        stream.appendPicture(bytes: bytes)
        stream.appendPicture(bytes: bytes, end: .length)
        stream.appendPicture(bytes: bytes)
        #expect(Analysis(stream).numbers(.pictureEnd) == [5])
    }

    @Test func `a clock reference in mid-picture is no end`() {
        var stream = Fixture()
        let pes = Fixture.pesHeader(streamID: 0xe0, length: 0, ticks: 0)
        stream.appendPacket(
            pid: Fixture.videoPID, startsPayload: true, payload: pes + [UInt8](repeating: 1, count: 170))
        stream.appendPacket(
            pid: Fixture.videoPID, field: [0x10, 0, 0, 0, 0, 0, 0], payload: [UInt8](repeating: 1, count: 176))
        stream.appendPacket(pid: Fixture.videoPID, payload: [UInt8](repeating: 1, count: 183))
        #expect(Analysis(stream).numbers(.pictureEnd) == [2])
        #expect(Analysis(stream).info.hasFieldsInsidePictures)
    }

    @Test func `after a loss a length is no longer believed`() {
        var stream = Fixture()
        stream.appendPicture(bytes: 900, end: .length)
        stream.appendPicture(bytes: 900, end: .length)
        let bytes = (0..<stream.packetCount).filter { $0 != 2 }.flatMap { stream.packet($0) }
        var analysis = Analysis()
        analysis.analyze(bytes)
        #expect(analysis.numbers(.pictureEnd) == [3, 8])
    }

    // MARK: - Life of a stream

    @Test func `the length of GOPs is known from the second random access point on`() {
        var stream = Fixture()
        stream.appendTables()
        for number in 0..<25 {
            if number == 12 { #expect(Analysis(stream).info.gopPictures == 0) }
            stream.appendPicture(bytes: 200, isRandomAccess: number % 12 == 0)
        }
        let info = Analysis(stream).info
        #expect(info.gopPictures == 12)
        #expect(info.gopTicks == 12 * 3_600)
    }

    @Test func `scrambled pictures are known by their starts only`() {
        var stream = Fixture()
        stream.appendTables()
        stream.appendPicture(bytes: 300, isRandomAccess: true)
        var bytes = stream.bytes
        for packet in 2..<stream.packetCount { bytes[packet * TSPacket.size + 3] |= 0x80 }
        var analysis = Analysis()
        analysis.analyze(bytes)
        #expect(analysis.info.isScrambled)
        #expect(analysis.info.videoCodec == .unknown)
        #expect(analysis.numbers(.pictureStart) == [2])
        #expect(analysis.numbers(.randomAccess) == [2])  // the adaptation field is never scrambled
        #expect(analysis.numbers(.pictureEnd) == [3])
    }

    @Test func `a reset forgets the stream and keeps the counters`() {
        var stream = Fixture()
        stream.appendTables()
        stream.appendPicture(bytes: 300)
        var analyzer = StreamAnalyzer()
        var events: [PacketEvent] = []
        analyzer.analyze(stream.bytes.span, into: &events)
        analyzer.reset()
        analyzer.analyze(stream.bytes.span, into: &events)
        #expect(analyzer.counters.packets == UInt64(2 * stream.packetCount))
        #expect(analyzer.counters.continuityErrors == 0)
        #expect(analyzer.info.videoPID == Fixture.videoPID)
    }

    // MARK: - Fuzz

    @Test func `whatever comes, events are in order and name packets of the run`() {
        var stream = Fixture()
        stream.appendTables()
        stream.appendPicture(bytes: 600, isRandomAccess: true)
        stream.appendAudio(bytes: 200)
        stream.appendPicture(bytes: 300, end: .length)
        var h264 = Fixture(programs: [.init(number: 1, mapPID: 0x20, streams: [.init(type: 0x1b, pid: 0x100)])])
        h264.appendTables()
        h264.appendPES(
            pid: 0x100,
            bytes: Fixture.pesHeader(streamID: 0xe0, length: 0, ticks: 0) + PictureScannerTests.h264Supplement)
        var mutator = ByteMutator(
            seed: 2, corpus: [stream.bytes, h264.bytes],
            dictionary: [
                [0, 0, 1], [0, 0, 1, 0xb3], [0x47, 0x40, 0, 0x30], [0xff, 0xff], [0x47, 0x41, 0, 0x30, 0xb7],
            ])
        for _ in 0..<3_000 {
            let bytes = mutator.next()
            var analyzer = StreamAnalyzer()
            for piece in [bytes] + mutator.cut(bytes) {
                var events: [PacketEvent] = []
                analyzer.analyze(piece.span, into: &events)
                var last: Int32 = -1
                for event in events {
                    #expect(event.index > last && Int(event.index) < piece.count / TSPacket.size)
                    #expect(!event.flags.isEmpty)
                    last = event.index
                }
            }
        }
    }
}
