import TestSupport
import Testing

@testable import TransportStream

@Suite struct PictureGateTests {
    private typealias Fixture = TransportStreamFixture

    /// Three pictures of several packets with audio between their packets: packets 0 to 1 tables, then the pictures.
    private static func threePictures(middle: Int = 1_000) -> Fixture {
        var stream = Fixture()
        stream.appendTables()
        stream.appendPicture(bytes: 1_000, isRandomAccess: true)
        stream.appendPicture(bytes: middle) { stream, number in
            if number == 2 { stream.appendAudio(bytes: 100) }
        }
        stream.appendPicture(bytes: 1_000)
        return stream
    }

    private static func without(_ numbers: Set<Int>, _ stream: Fixture) -> [UInt8] {
        (0..<stream.packetCount).filter { !numbers.contains($0) }.flatMap { stream.packet($0) }
    }

    private static func numbers(_ stream: Fixture, where isWanted: ([UInt8]) -> Bool) -> [Int] {
        (0..<stream.packetCount).filter { isWanted(stream.packet($0)) }
    }

    private static func isVideo(_ packet: [UInt8]) -> Bool { packet[1] & 0x1f == 0x01 && packet[2] == 0x00 }

    // MARK: - What passes

    @Test(arguments: [1, 2, 5, 43])
    func `whole pictures pass unchanged, with the packets between them`(chunkPackets: Int) {
        let stream = Self.threePictures()
        var harness = GateHarness()
        harness.pass(stream.bytes, chunkPackets: chunkPackets)
        #expect(harness.bytes == stream.bytes)
        #expect(harness.positions == (0..<UInt64(stream.packetCount)).map { $0 })
        #expect(harness.gate.picturesDropped == 0)
        #expect(!harness.gate.isHolding)
    }

    @Test func `chunks keep their borders and marks`() {
        let stream = Self.threePictures()
        var harness = GateHarness()
        harness.pass(stream.bytes)
        #expect(
            harness.outputs == [
                .init(position: 0, packets: 8, flags: [.tables, .startsPicture, .randomAccess, .endsPicture]),
                .init(position: 8, packets: 7, flags: [.startsPicture, .endsPicture]),
                .init(position: 15, packets: 6, flags: [.startsPicture, .endsPicture]),
            ])
    }

    @Test func `a picture with its length passes`() {
        var stream = Fixture()
        stream.appendPicture(bytes: 900, end: .length)
        stream.appendPicture(bytes: Fixture.fullBytes(packets: 3), end: .length)
        var harness = GateHarness()
        harness.pass(stream.bytes)
        #expect(harness.bytes == stream.bytes)
    }

    @Test func `a picture that fills its last packet passes with the next start`() {
        var stream = Fixture()
        stream.appendPicture(bytes: Fixture.fullBytes(packets: 3))
        var harness = GateHarness()
        harness.pass(stream.takeBytes(), nowMs: 1_000)
        #expect(harness.bytes.isEmpty)
        #expect(harness.gate.holdDeadlineMs == 2_000)
        stream.appendPicture(bytes: 500)
        harness.pass(stream.bytes, nowMs: 1_040)
        #expect(harness.positions.count == 3 + stream.packetCount)
        #expect(harness.gate.holdDeadlineMs == nil)
    }

    @Test func `other packets pass at once while no picture is open`() {
        var stream = Fixture()
        stream.appendAudio(bytes: 500)
        stream.appendNullPacket()
        var harness = GateHarness()
        harness.pass(stream.bytes)
        #expect(harness.bytes == stream.bytes)
    }

    @Test func `a clock reference without payload is part of its picture`() {
        var stream = Fixture()
        stream.appendPicture(bytes: 500) { stream, _ in
            stream.appendPacket(pid: Fixture.videoPID, field: [0x10, 0, 0, 0, 0, 0, 0], payload: [])
        }
        var harness = GateHarness()
        harness.pass(stream.bytes)
        #expect(harness.bytes == stream.bytes)
    }

    // MARK: - What is dropped

    @Test(arguments: 0..<6)
    func `a picture that lacks any one packet is dropped whole`(lost: Int) {
        let stream = Self.threePictures(middle: 1_010)
        let middle = Self.numbers(stream, where: Self.isVideo)[6..<12]
        var harness = GateHarness()
        harness.pass(Self.without([middle[middle.startIndex + lost]], stream))
        #expect(harness.bytes == Self.without(Set(middle), stream))
        #expect(harness.gate.picturesDropped == 1)
        #expect(harness.gate.packetsDropped == 5)
    }

    @Test(arguments: 0..<6)
    func `a picture with a transport error is dropped whole`(broken: Int) {
        let stream = Self.threePictures(middle: 1_010)
        let middle = Self.numbers(stream, where: Self.isVideo)[6..<12]
        var damaged = stream.bytes
        damaged[middle[middle.startIndex + broken] * TSPacket.size + 1] |= 0x80
        var harness = GateHarness()
        harness.pass(damaged)
        #expect(harness.bytes == Self.without(Set(middle), stream))
        #expect(harness.gate.picturesDropped == 1)
    }

    @Test func `a transport error on another PID passes`() {
        let stream = Self.threePictures()
        var damaged = stream.bytes
        damaged[10 * TSPacket.size + 1] |= 0x80
        var harness = GateHarness()
        harness.pass(damaged)
        #expect(harness.bytes == damaged)
    }

    @Test func `a duplicate is taken out, since players count it twice`() {
        let stream = Self.threePictures()
        var doubled: [UInt8] = []
        for number in 0..<stream.packetCount {
            doubled += stream.packet(number)
            if number == 4 || number == 7 { doubled += stream.packet(number) }
        }
        var harness = GateHarness()
        harness.pass(doubled)
        #expect(harness.bytes == stream.bytes)
        #expect(harness.gate.packetsDropped == 2)
        #expect(harness.gate.picturesDropped == 0)
        #expect(
            harness.outputs.prefix(2) == [
                .init(position: 0, packets: 5, flags: [.tables, .startsPicture, .randomAccess]),
                .init(position: 6, packets: 3, flags: .endsPicture),
            ])
    }

    @Test func `an end that only the next start shows is not believed after a gap`() {
        var stream = Fixture()
        stream.appendPicture(bytes: Fixture.fullBytes(packets: 3))
        stream.continuity[Fixture.videoPID] = 9
        stream.appendPicture(bytes: 500)
        var harness = GateHarness()
        harness.pass(stream.bytes)
        #expect(harness.bytes == Self.without([0, 1, 2], stream))
    }

    @Test(arguments: [UInt64(0), UInt64(90_001), UInt64(1 << 33 - 3_600)])
    func `an end that only the next start shows is not believed when the time jumps`(step: UInt64) {
        var stream = Fixture()
        stream.ticksPerPicture = step
        stream.appendPicture(bytes: Fixture.fullBytes(packets: 3))
        stream.appendPicture(bytes: 500)
        var harness = GateHarness()
        harness.pass(stream.bytes)
        #expect(harness.bytes == Self.without([0, 1, 2], stream))
    }

    @Test func `an end is believed across the wrap of the clock`() {
        var stream = Fixture()
        stream.pictureTicks = 1 << 33 - 1_800
        stream.appendPicture(bytes: Fixture.fullBytes(packets: 3))
        stream.appendPicture(bytes: 500)
        var harness = GateHarness()
        harness.pass(stream.bytes)
        #expect(harness.bytes == stream.bytes)
    }

    @Test func `sixteen packets lost from a picture that has its length are noticed`() {
        var stream = Fixture()
        stream.appendPicture(bytes: 20 * 184, end: .length)
        stream.appendPicture(bytes: 500, end: .length)
        var harness = GateHarness()
        harness.pass(Self.without(Set(2..<18), stream))
        #expect(harness.bytes == Self.without(Set(0..<21), stream))
    }

    @Test func `a picture without its first packet is dropped, also at the very start`() {
        let stream = Self.threePictures()
        var harness = GateHarness()
        harness.pass(Self.without([0, 1, 2], stream))
        #expect(harness.bytes == Self.without(Set(0..<8), stream))
        #expect(harness.gate.picturesDropped == 1)
    }

    // MARK: - Limits

    @Test func `a picture that waits too long is dropped, and what waited behind it goes`() {
        var stream = Fixture()
        stream.appendPicture(bytes: 5_000)
        let picture = stream.takeBytes()
        stream.appendAudio(bytes: 300)
        let audio = stream.takeBytes()
        stream.appendPicture(bytes: 300)
        let next = stream.takeBytes()

        var harness = GateHarness()
        harness.pass(Array(picture.prefix(10 * TSPacket.size)), nowMs: 500)
        harness.pass(audio, nowMs: 600)
        #expect(harness.gate.holdDeadlineMs == 1_500)
        harness.expire(nowMs: 1_499)
        #expect(harness.bytes.isEmpty)
        harness.expire(nowMs: 1_500)
        #expect(harness.bytes == audio)
        harness.pass(Array(picture.dropFirst(10 * TSPacket.size)), nowMs: 1_510)
        harness.pass(next, nowMs: 1_540)
        #expect(harness.bytes == audio + next)
        #expect(harness.gate.picturesDropped == 1)
    }

    @Test func `a picture that is too large is dropped, the one after it passes`() {
        var stream = Fixture()
        stream.appendPicture(bytes: 30_000)
        let large = stream.takeBytes()
        stream.appendPicture(bytes: 15_000)
        let small = stream.takeBytes()
        var harness = GateHarness(
            gate: PictureGate(videoPID: Fixture.videoPID, heldBytesMax: 20_000, heldMsMax: 200))
        harness.pass(large)
        harness.pass(small)
        #expect(harness.bytes == small)
        #expect(harness.gate.picturesDropped == 1)
    }

    // MARK: - Source changes

    @Test func `after a change of source pictures wait for a random access point, other packets do not`() {
        var old = Fixture()
        old.appendPicture(bytes: 2_000, isRandomAccess: true)
        var new = Fixture()
        new.continuity[Fixture.videoPID] = UInt8(old.packetCount - 5)  // the counter follows by chance
        new.appendPicture(bytes: 700)
        new.appendAudio(bytes: 100)
        let waiting = new.takeBytes()
        new.appendPicture(bytes: 700, isRandomAccess: true)
        new.appendPicture(bytes: 300)
        let flowing = new.takeBytes()

        var harness = GateHarness()
        harness.pass(Array(old.bytes.prefix(5 * TSPacket.size)))
        harness.sourceChanged()
        #expect(!harness.gate.isHolding)
        harness.pass(waiting)
        #expect(harness.bytes == Array(waiting.suffix(TSPacket.size)))
        harness.pass(flowing)
        #expect(harness.bytes == Array(waiting.suffix(TSPacket.size)) + flowing)
        #expect(harness.gate.picturesDropped == 2)
    }

    // MARK: - Filled first packets

    @Test func `a picture of one filled packet passes at once, but the first only with its successor`() {
        var stream = Fixture()
        var harness = GateHarness()
        stream.appendPicture(bytes: 100)
        harness.pass(stream.takeBytes())
        #expect(harness.bytes.isEmpty)
        stream.appendPicture(bytes: 100)
        harness.pass(stream.takeBytes())
        #expect(harness.positions == [0, 1])
        stream.appendPicture(bytes: 100)
        harness.pass(stream.takeBytes())
        #expect(harness.positions == [0, 1, 2])
    }

    @Test func `an encoder that fills first packets of long pictures loses none`() {
        var stream = Fixture()
        for _ in 0..<3 {
            let pes = Fixture.pesHeader(streamID: 0xe0, length: 0, ticks: stream.pictureTicks)
            stream.appendPacket(
                pid: Fixture.videoPID, startsPayload: true, field: [0x10, 0, 0, 0, 0, 0, 0],
                payload: pes + [UInt8](repeating: 1, count: 100))
            stream.appendPacket(pid: Fixture.videoPID, payload: [UInt8](repeating: 2, count: 184))
            stream.appendPacket(pid: Fixture.videoPID, payload: [UInt8](repeating: 3, count: 100))
            stream.pictureTicks += 3_600
        }
        var harness = GateHarness()
        harness.pass(stream.bytes, chunkPackets: 1)
        #expect(harness.bytes == stream.bytes)
    }

    // MARK: - Reading pictures

    @Test func `a source whose pictures never read well is judged by its counters after 25 of them`() {
        // Each picture begins like MPEG-1 and goes on with nothing that is.
        var stream = Fixture()
        func appendNonsense() {
            let pes = Fixture.pesHeader(streamID: 0xe0, length: 0, ticks: stream.pictureTicks) + Fixture.sequenceHeader
            stream.appendPES(pid: Fixture.videoPID, bytes: pes + [UInt8](repeating: 7, count: 300), firstField: [0x40])
            stream.pictureTicks += 3_600
        }
        var harness = GateHarness()
        for number in 0..<30 {
            appendNonsense()
            harness.pass(stream.takeBytes())
            #expect(harness.gate.picturesDropped == min(UInt64(number + 1), 25))
        }
        harness.sourceChanged()
        appendNonsense()
        harness.pass(stream.bytes)
        #expect(harness.gate.picturesDropped == 26)
    }

    @Test func `a picture with a changed byte is dropped, and one with changed user data is not`() {
        let stream = Self.threePictures()
        var harness = GateHarness()
        var damaged = stream.bytes
        damaged[9 * TSPacket.size + 100] ^= 0x40
        harness.pass(damaged)
        #expect(harness.bytes == damaged)

        harness = GateHarness()
        let last = 14 * TSPacket.size + TSPacket.size - 2  // in the slice, which ends the middle picture
        damaged[last] ^= 0x40
        harness.pass(damaged)
        let video = Self.numbers(stream, where: Self.isVideo)[6..<12]
        #expect(harness.bytes == (0..<stream.packetCount).filter { !video.contains($0) }.flatMap { stream.packet($0) })
    }
}
