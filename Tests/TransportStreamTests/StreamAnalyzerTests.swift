import TestSupport
import Testing

@testable import TransportStream

@Suite struct StreamAnalyzerTests {
    @Test func `tables, picture starts, ends and random access points are named`() {
        var stream = TransportStreamFixture()
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
        #expect(analyzer.info.width == 320)
        #expect(analyzer.info.audioCodecs == [.mp2])
        #expect(analyzer.counters.continuityErrors == 0)
    }
}
