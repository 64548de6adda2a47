import TestSupport
import Testing

@testable import TransportStream

/// Pictures of ffmpeg, whole and damaged.
@Suite struct MPEG1CheckTests {
    /// The elementary stream of each video PES, in order.
    private static func pictures(_ kind: Samples.Kind) throws -> [[UInt8]] {
        let packets = TransportPackets(try Samples.bytes(kind))
        var pictures: [[UInt8]] = []
        for index in 0..<packets.count where packets.pid(index) == packets.videoPID {
            let packet = Array(packets[index])
            let header = PacketHeader(packet.span, at: 0)
            if header.startsPayload, let pes = PESHeader(parsing: packet.span, header.payload) {
                pictures.append(Array(packet[pes.elementaryStart...]))
            } else if header.hasPayload, !pictures.isEmpty {
                pictures[pictures.count - 1] += packet[header.payload]
            }
        }
        return pictures
    }

    /// A check whose answers can be expected.
    private final class Checker {
        private var check = MPEG1Check()

        func isSound(_ bytes: [UInt8]) -> Bool { check.judge(bytes.span) == .sound }

        func judge(_ bytes: [UInt8]) -> MPEG1Check.Verdict { check.judge(bytes.span) }
    }

    /// A check that has seen the sequence header of the first picture.
    private static func primed(_ pictures: [[UInt8]]) -> Checker {
        let check = Checker()
        _ = check.isSound(pictures[0])  // for what it learns
        return check
    }

    @Test(arguments: [Samples.Kind.mpeg1MP2, .mpeg1Only, .openPESLength])
    func `every picture of an encoder is sound`(kind: Samples.Kind) throws {
        let check = Checker()
        for picture in try Self.pictures(kind) {
            #expect(check.isSound(picture))
        }
    }

    @Test(arguments: [Samples.Kind.mpeg2AC3, .h264AAC])
    func `a picture of another codec is not judged`(kind: Samples.Kind) throws {
        let check = Checker()
        for picture in try Self.pictures(kind).prefix(30) {
            #expect(check.judge(picture) == .unknown)
        }
    }

    @Test func `without a sequence header before it no picture is judged`() throws {
        let check = Checker()
        let pictures = try Self.pictures(.mpeg1Only)
        #expect(check.judge(pictures[1]) == .unknown)
        #expect(check.judge(Array(pictures[0].dropLast(900))) == .unsound)  // the header is in it
        #expect(check.judge(pictures[1]) == .unknown)  // and is not believed
        #expect(check.judge(pictures[0]) == .sound)
        #expect(check.judge(pictures[1]) == .sound)
    }

    @Test(arguments: [0, 1, 7])
    func `a picture that ends early is not sound, wherever it ends`(number: Int) throws {
        let pictures = try Self.pictures(.mpeg1Only)
        let check = Self.primed(pictures)
        let picture = pictures[number]
        let end = picture.lastIndex { $0 != 0 } ?? 0
        for length in stride(from: 0, through: end, by: 41) {
            #expect(!check.isSound(Array(picture[..<length])), "\(length) of \(picture.count) bytes")
        }
        #expect(!check.isSound(Array(picture[..<end])))
    }

    @Test func `a picture with a hole of sixteen packets is not sound`() throws {
        var pictures = try Self.pictures(.mpeg1Only)
        let hole = 16 * 184
        let check = Self.primed(pictures)
        pictures = pictures.filter { $0.count > hole + 500 }
        #expect(!pictures.isEmpty)
        for picture in pictures {
            for start in stride(from: 100, to: picture.count - hole - 1, by: 1_997) {
                let torn = Array(picture[..<start] + picture[(start + hole)...])
                #expect(!check.isSound(torn), "from \(start)")
            }
        }
    }

    @Test func `the head of one picture with the tail of another is hardly ever sound`() throws {
        let pictures = try Self.pictures(.mpeg1Only).prefix(60)
        let check = Self.primed(Array(pictures))
        let sound = zip(pictures, pictures.dropFirst()).count { first, second in
            check.isSound(Array(first.prefix(first.count / 2) + second.suffix(second.count / 2)))
        }
        #expect(sound <= 1)  // codes fall into step again: such a picture decodes
    }

    @Test func `a damaged sequence header is not remembered`() throws {
        let pictures = try Self.pictures(.mpeg1Only)
        let check = Self.primed(pictures)
        var damaged = pictures[0]
        damaged[4] ^= 0x20
        #expect(!check.isSound(damaged))
        #expect(check.isSound(pictures[1]))
    }

    @Test func `most overwritten bytes are noticed`() throws {
        let pictures = try Self.pictures(.mpeg1Only)
        let check = Self.primed(pictures)
        var random = SeededRandom(seed: 3)
        var noticed = 0
        for _ in 0..<300 {
            var picture = pictures[Int.random(in: 1...11, using: &random)]
            for _ in 0..<4 {
                picture[Int.random(in: 20..<picture.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if !check.isSound(picture) { noticed += 1 }
        }
        #expect(noticed > 270)
    }

    @Test func `whatever comes is read without harm`() throws {
        let pictures = try Self.pictures(.mpeg1Only)
        var mutator = ByteMutator(
            seed: 4, corpus: Array(pictures[0..<2].map { Array($0.prefix(1_500)) }) + [[]],
            dictionary: [
                [0, 0, 1], [0, 0, 1, 0], [0, 0, 1, 0xb3], [0, 0, 1, 0xaf], [0, 0, 1, 0xb2], [0xff, 0xff],
            ])
        let check = Checker()
        for _ in 0..<1_000 {
            let bytes = mutator.next()
            _ = check.judge(bytes)  // any answer will do
        }
    }
}
