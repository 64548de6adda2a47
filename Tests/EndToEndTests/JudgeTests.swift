import TestSupport
import Testing

/// The judges themselves: each fault that they are there to find, put in by hand.
@Suite struct JudgeTests {
    private let reference: [UInt8]

    init() throws { reference = try Samples.bytes(.mpeg1MP2) }

    @Test func `a stream is exact against itself`() {
        let verdict = TransportStreamJudge(received: reference, reference: reference)
        #expect(verdict.isExact && verdict.notReached == 0 && verdict.continuityErrors == 0, "\(verdict)")
    }

    @Test func `a viewer that joined late with a preamble of tables is exact`() throws {
        let packets = TransportPackets(reference)
        let tables = Array(packets[1]) + packets[2]
        let join = try #require((500..<packets.count).first { packets.isRandomAccess($0) })
        let received = tables + packets.filtered { $0 >= join && $0 < packets.count - 100 }
        let verdict = TransportStreamJudge(received: received, reference: reference)
        #expect(verdict.isExact && verdict.preamble == 2 && verdict.firstPacket == join, "\(verdict)")
        #expect(verdict.notReached == 100)
    }

    @Test func `a missing, an altered, a repeated and a swapped packet are each seen`() {
        let packets = TransportPackets(reference)
        let one = TransportStreamJudge(received: packets.filtered { $0 != 700 }, reference: reference)
        #expect(one.missing == 1 && !one.isExact && one.continuityErrors == 1, "\(one)")
        var altered = packets.bytes
        altered[700 * 188 + 100] ^= 1
        let two = TransportStreamJudge(received: altered, reference: reference)
        #expect(two.unknown == 1 && two.missing == 1, "\(two)")
        let repeated = Array(packets.bytes[..<(701 * 188)] + packets.bytes[(700 * 188)...])
        let three = TransportStreamJudge(received: repeated, reference: reference)
        #expect(three.outOfOrder == 1 && three.missing == 0, "\(three)")
        var swapped = packets.bytes
        swapped.replaceSubrange((700 * 188)..<(702 * 188), with: Array(packets[701]) + packets[700])
        let four = TransportStreamJudge(received: swapped, reference: reference)
        #expect(four.outOfOrder == 1 && !four.isExact, "\(four)")
    }

    @Test func `a truncated picture is broken and a picture left out is missing`() {
        let packets = TransportPackets(reference)
        let whole = PictureJudge(received: reference, reference: reference)
        #expect(whole.allAreWhole && whole.missing == 0 && whole.pictures == Samples.seconds * 25 - 1, "\(whole)")
        let truncated = packets.filteredByPicture { picture, place in picture != 50 || place <= 2 }
        #expect(PictureJudge(received: truncated, reference: reference).broken == [49])
        let lost = PictureJudge(
            received: packets.filteredByPicture { picture, _ in picture != 50 }, reference: reference)
        #expect(lost.allAreWhole && lost.missing == 1, "\(lost)")
    }

    @Test func `a stream that ends in the middle of a picture ends torn`() {
        let torn = PictureJudge(
            received: StreamDamage.midPictureEnd.applied(to: reference), reference: reference)
        #expect(!torn.endsWhole && torn.allAreWhole, "\(torn)")
    }

    @Test(arguments: Samples.Kind.allCases)
    func `every sample is made and is cut into packets`(_ kind: Samples.Kind) throws {
        let bytes = try Samples.bytes(kind)
        let packets = TransportPackets(bytes)
        #expect(packets.count > 300 && bytes.count < 3_000_000)
        let isCut = [Samples.Kind.lostBytes, .midPacketStart].contains(kind)
        #expect((packets.bytesSkipped > 0) == isCut, "\(packets.bytesSkipped) bytes")
    }
}
