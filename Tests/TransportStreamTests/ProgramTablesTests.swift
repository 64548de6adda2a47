import TestSupport
import Testing

@testable import TransportStream

/// Tables as the field sends them: long, changing, early, broken.
@Suite struct ProgramTablesTests {
    private typealias Fixture = TransportStreamFixture

    private static let other = Fixture.Program(
        number: 1, mapPID: 0x500, streams: [.init(type: 0x1b, pid: 0x600), .init(type: 0x0f, pid: 0x601)])

    @Test func `a map of several packets is read`() {
        var stream = Fixture()
        stream.appendSection(pid: 0, section: stream.associationSection())
        let long = [0x05, 200] + [UInt8](repeating: 0x47, count: 200)
        stream.appendSection(
            pid: Fixture.mapPID, section: stream.mapSection(stream.programs[0], descriptors: long + long))
        #expect(stream.packetCount == 4)
        let analysis = Analysis(stream)
        #expect(analysis.info.videoPID == Fixture.videoPID)
        #expect(analysis.numbers(.pmt) == [1, 2, 3])
    }

    @Test func `a map that lost a packet is not read`() {
        var stream = Fixture()
        stream.appendSection(pid: 0, section: stream.associationSection())
        let long = [0x05, 250] + [UInt8](repeating: 0x47, count: 250)
        stream.appendSection(
            pid: Fixture.mapPID, section: stream.mapSection(stream.programs[0], descriptors: long + long))
        var analysis = Analysis()
        analysis.analyze(stream.packet(0) + stream.packet(1) + stream.packet(3))
        #expect(analysis.info.videoPID == nil)
        #expect(analysis.counters.pmtErrors == 0)
    }

    @Test func `a section may begin where another ends within a packet`() {
        var stream = Fixture()
        stream.appendSection(pid: 0, section: stream.associationSection())
        // A section of another table ends in the packet in which the map begins.
        let foreign = Fixture.section(table: 0x42, number: 1, version: 0, body: [UInt8](repeating: 7, count: 200))
        let map = stream.mapSection(stream.programs[0])
        stream.appendPacket(pid: Fixture.mapPID, startsPayload: true, payload: [0] + foreign.prefix(183))
        let rest = Array(foreign.dropFirst(183))
        let payload = [UInt8(rest.count)] + rest + map
        stream.appendPacket(
            pid: Fixture.mapPID, startsPayload: true,
            payload: payload + [UInt8](repeating: 0xff, count: 184 - payload.count))
        let analysis = Analysis(stream)
        #expect(analysis.info.videoPID == Fixture.videoPID)
    }

    @Test func `a table with a wrong checksum is counted and changes nothing`() {
        var stream = Fixture()
        stream.appendTables()
        stream.appendTables()
        var bytes = stream.bytes
        bytes[2 * TSPacket.size + 17] ^= 1
        bytes[3 * TSPacket.size + 17] ^= 1
        var analysis = Analysis()
        analysis.analyze(bytes)
        #expect(analysis.counters.patErrors == 1)
        #expect(analysis.counters.pmtErrors == 1)
        #expect(analysis.info.programs == 1 && analysis.info.videoPID == Fixture.videoPID)
    }

    @Test func `tables that are not yet in force change nothing`() {
        var stream = Fixture()
        stream.appendTables()
        stream.programs = [Self.other]
        stream.appendTables(isCurrent: false)
        let analysis = Analysis(stream)
        #expect(analysis.info.videoPID == Fixture.videoPID)
        #expect(analysis.numbers(.pmt) == [1])
    }

    @Test func `a program that moves to other PIDs is followed when its new map comes`() {
        var stream = Fixture()
        stream.appendTables()
        stream.appendPicture(bytes: 100, isRandomAccess: true)
        stream.programs = [Self.other]
        stream.tablesVersion = 1
        stream.appendSection(pid: 0, section: stream.associationSection())
        stream.appendPicture(bytes: 100)
        var analysis = Analysis(stream)
        // The new map is not there yet: the old pictures are still pictures.
        #expect(analysis.numbers(.pictureStart) == [2, 4])

        stream.appendSection(pid: 0x500, section: stream.mapSection(Self.other))
        stream.appendPicture(bytes: 100)
        stream.appendPicture(bytes: 100, pid: 0x600)
        analysis = Analysis(stream)
        #expect(analysis.numbers(.pictureStart) == [2, 4, 7])
        #expect(analysis.info.videoPID == 0x600)
        #expect(analysis.info.videoCodec == .h264)
        #expect(analysis.info.width == nil)
    }

    @Test func `a new version of the map with the same video keeps what the sequence header said`() {
        var stream = Fixture()
        stream.appendTables()
        stream.appendPicture(bytes: 100, isRandomAccess: true)
        stream.programs[0].streams.append(.init(type: 0x81, pid: 0x102))
        stream.tablesVersion = 1
        stream.appendTables()
        let info = Analysis(stream).info
        #expect(info.videoCodec == .mpeg1)
        #expect(info.width == 16)
        #expect(info.audioCodecs == [.mp2, .ac3])
    }

    @Test func `a network PID in the PAT is no program`() {
        var stream = Fixture(programs: [
            .init(number: 0, mapPID: 0x10, streams: []),
            .init(number: 1, mapPID: 0x1000, streams: [.init(type: 1, pid: 0x100)]),
        ])
        stream.appendTables()
        let info = Analysis(stream).info
        #expect(info.programs == 1)
        #expect(info.videoCodec == .mpeg1)
    }

    @Test(
        arguments: [
            (0x01, VideoCodec.mpeg1), (0x02, .unknown), (0x1b, .h264), (0x24, .hevc), (0x10, .other(0x10)),
        ] as [(UInt8, VideoCodec)])
    func `the video codec is told by the stream type`(type: UInt8, codec: VideoCodec) {
        var stream = Fixture(programs: [.init(number: 1, mapPID: 0x20, streams: [.init(type: type, pid: 0x100)])])
        stream.appendTables()
        #expect(Analysis(stream).info.videoCodec == codec)
    }

    @Test(
        arguments: [
            ([0x6a, 0], .audio(.ac3)), ([0x7a, 0], .audio(.eac3)), ([0x05, 4] + Array("Opus".utf8), .audio(.opus)),
            ([0x0a, 1, 2, 0x05, 4] + Array("HEVC".utf8), .video(.hevc)), ([0x05, 4] + Array("none".utf8), .other),
            ([0x56, 5, 1, 2, 3, 4, 5], .other), ([0x6a], .other), ([0x05, 9, 1], .other), ([], .other),
        ] as [([UInt8], ElementaryStream)])
    func `a private stream is told by its descriptors`(descriptors: [UInt8], stream: ElementaryStream) {
        #expect(ElementaryStream(streamType: 0x06, descriptors: descriptors.span) == stream)
    }
}
