import TestSupport
import Testing

@testable import Bench

@Suite struct StreamCheckerTests {
    @Test func `an untouched stream is whole`() throws {
        let checker = try StreamPackets(3000).checked()
        #expect(checker.packets == 3000)
        #expect(checker.lost == 0 && checker.damaged == 0 && checker.duplicates == 0 && checker.outOfOrder == 0)
        #expect(checker.firstNumber == 0)
        #expect(checker.intact + checker.tables == 3000)
        #expect(checker.lastNumber == checker.intact - 1)
    }

    /// Packet 700 is video in the second GOP, 667 and 668 are near its tables.
    @Test(arguments: [1, 2, 63, 64, 65, 200])
    func `packets that do not come are lost`(_ count: Int) throws {
        var stream = try StreamPackets(1300)
        stream.packets.removeSubrange(700..<700 + count)
        let checker = stream.checked()
        #expect(checker.lost == UInt64(count))
        #expect(checker.damaged == 0 && checker.duplicates == 0 && checker.outOfOrder == 0)
    }

    @Test func `every single lost packet is seen, tables too`() throws {
        let whole = try StreamPackets(300, bitsPerSecond: 200_000)
        #expect((2..<290).filter { whole.pid($0) == 0 }.count == 2)
        // Before the first video packet and behind the last nothing can be missed.
        for index in 3..<299 {
            var stream = whole
            stream.packets.remove(at: index)
            #expect(stream.checked().lost == 1, "packet \(index)")
        }
    }

    @Test func `two packets that changed places are out of order, not lost`() throws {
        let whole = try StreamPackets(800)
        for index in 100..<140 where whole.pid(index) == 0x100 && whole.pid(index + 1) == 0x100 {
            var stream = whole
            stream.packets.swapAt(index, index + 1)
            let checker = stream.checked()
            #expect(checker.lost == 0 && checker.outOfOrder == 1 && checker.damaged == 0 && checker.duplicates == 0)
        }
    }

    @Test func `a packet that comes sixty later is out of order, twice is a duplicate`() throws {
        var stream = try StreamPackets(500)
        let packet = stream.packets.remove(at: 100)
        stream.packets.insert(packet, at: 160)
        #expect(stream.checked().outOfOrder == 1)
        #expect(stream.checked().lost == 0)
        stream.packets.insert(packet, at: 170)
        #expect(stream.checked().duplicates == 1)
        #expect(stream.checked().outOfOrder == 1)
    }

    @Test(arguments: [1, 2, 300])
    func `a packet that comes twice is a duplicate`(_ distance: Int) throws {
        var stream = try StreamPackets(1000)
        stream.packets.insert(stream.packets[200], at: 200 + distance)
        let checker = stream.checked()
        #expect(checker.duplicates == 1 && checker.lost == 0 && checker.outOfOrder == 0 && checker.damaged == 0)
    }

    @Test func `one flipped bit anywhere is damage, and nothing is lost by it`() throws {
        // The second GOP's beginning with some of the first, so that a lost table would be known.
        var whole = try StreamPackets(170, bitsPerSecond: 200_000)
        whole.packets.removeSubrange(30..<125)
        whole.packets.removeSubrange(..<2)
        let tables = whole.packets.indices.filter { whole.pid($0) != 0x100 }
        let start = try #require(tables.last) + 1
        let end = try #require(
            whole.packets.indices.first { $0 > start && whole.packets[$0][1] == 1 && whole.packets[$0][3] & 0x20 != 0 })
        let usual = whole.checked()
        #expect(tables.count == 2 && usual.damaged == 0)
        for place in tables + [start, start + 10, end] {
            for bit in 0..<188 * 8 {
                var stream = whole
                stream.packets[place][bit / 8] ^= 1 << UInt8(bit % 8)
                let checker = stream.checked()
                // Nobody needs the continuity counter of a table, since it has a place of its own.
                let isCounter = tables.contains(place) && bit / 8 == 3 && bit % 8 < 4
                #expect(checker.damaged == (isCounter ? 0 : 1), "bit \(bit) of packet \(place)")
                #expect(checker.lost == usual.lost && checker.outOfOrder == 0, "bit \(bit) of packet \(place)")
            }
        }
    }

    @Test func `one changed byte of any video packet is damage`() throws {
        let whole = try StreamPackets(300)
        var random = SeededRandom(seed: 3)
        for _ in 0..<500 {
            var stream = whole
            let index = Int.random(in: 10..<299, using: &random)
            stream.packets[index][Int.random(in: 0..<188, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
            let checker = stream.checked()
            #expect(checker.damaged == 1 && checker.lost == 0 && checker.outOfOrder == 0, "packet \(index)")
        }
    }

    @Test func `a packet of another number in the right place is damage or loss`() throws {
        var stream = try StreamPackets(500)
        // The filler of one with the mark of the other.
        stream.packets[200].replaceSubrange(164..., with: stream.packets[201][164...])
        let checker = stream.checked()
        #expect(checker.damaged == 1 && checker.lost == 0)
    }

    @Test func `what is missing at the end is what was sent behind the last`() throws {
        let checker = try StreamPackets(400).checked()
        let last = try #require(checker.lastNumber)
        #expect(checker.missing(upTo: last) == 0)
        #expect(checker.missing(upTo: last - 5) == 0)
        #expect(checker.missing(upTo: last + 7) == 7)
        #expect(StreamChecker().missing(upTo: 7) == 0)
    }

    @Test func `a viewer that joined late has lost nothing of what was before`() throws {
        var stream = try StreamPackets(1500)
        stream.packets.removeFirst(668)
        let checker = stream.checked()
        #expect(checker.lost == 0 && checker.damaged == 0)
        #expect(checker.firstNumber ?? 0 > 600)
    }

    @Test func `the first picture is the first whole one that began at a random access point`() throws {
        let whole = try StreamPackets(1500)
        func firstPicture(of stream: StreamPackets) -> Int64? {
            var checker = StreamChecker()
            var delays = DelayHistogram()
            for (index, packet) in stream.packets.enumerated() {
                checker.take(packet.span, nowUs: Int64(index), delays: &delays)
            }
            return checker.firstPictureUs
        }
        let ends = whole.packets.indices.filter { whole.packets[$0][1] == 0x01 && whole.packets[$0][3] & 0x20 != 0 }
        #expect(firstPicture(of: whole) == Int64(ends[0]))
        var late = whole
        late.packets.removeFirst(40)
        let second = try #require(ends.first { $0 > 700 })
        #expect(firstPicture(of: late) == Int64(second - 40))
        var holed = whole
        holed.packets.remove(at: 30)
        #expect(firstPicture(of: holed) == Int64(second - 1))
    }

    @Test func `delays are those of the marks, and none is kept while they do not count`() throws {
        let stream = try StreamPackets(200)
        var checker = StreamChecker()
        var delays = DelayHistogram()
        checker.take(stream.bytes.span, nowUs: 250_000, delays: &delays, counts: false)
        #expect(delays.count == 0)
        checker = StreamChecker()
        checker.take(stream.bytes.span, nowUs: 250_000, delays: &delays)
        #expect(delays.count == 198)
        #expect(delays.maximum == 248_000)
    }

    @Test func `null packets mean nothing`() throws {
        var stream = try StreamPackets(400)
        stream.packets.insert([0x47, 0x1f, 0xff, 0x10] + [UInt8](repeating: 0, count: 184), at: 100)
        let checker = stream.checked()
        #expect(checker.lost == 0 && checker.damaged == 0 && checker.packets == 401)
    }

    @Test func `marks carry 56 bits and no byte below 0x80`() {
        var random = SeededRandom(seed: 5)
        let edges: [UInt64] = [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 0xfff_ffff, 0x1000_0000, 1 << 55, (1 << 56) - 1]
        for value in edges + (0..<1000).map({ _ in UInt64.random(in: 0..<1 << 56, using: &random) }) {
            let word = PacketMark.spread(value)
            #expect(word & PacketMark.highBits == PacketMark.highBits)
            #expect(PacketMark.gather(word) == value)
        }
    }
}
