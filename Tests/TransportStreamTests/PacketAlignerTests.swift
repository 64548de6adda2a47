import TestSupport
import Testing

@testable import TransportStream

@Suite struct PacketAlignerTests {
    static let size = TSPacket.size

    /// Packets whose payload holds no sync byte but by chance.
    static func stream(packets: Int) -> [UInt8] {
        var stream = TransportStreamFixture()
        stream.appendTables()
        while stream.packetCount < packets { stream.appendPicture(bytes: 1_000) }
        return Array(stream.bytes.prefix(packets * size))
    }

    /// What comes out of pieces that are given one after another, as one array of packets.
    static func align(_ pieces: [[UInt8]], with aligner: inout PacketAligner) -> [UInt8] {
        var output: [UInt8] = []
        for piece in pieces {
            aligner.align(piece.span) { run in
                #expect(run.count > 0 && run.count % size == 0)
                for index in run.indices { output.append(run[index]) }
            }
        }
        return output
    }

    static func align(_ pieces: [[UInt8]]) -> [UInt8] {
        var aligner = PacketAligner()
        return align(pieces, with: &aligner)
    }

    static func cut(_ bytes: [UInt8], every length: Int) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: length).map { Array(bytes[$0..<min($0 + length, bytes.count)]) }
    }

    static func padded(_ bytes: [UInt8], lead: Int, trail: Int) -> [UInt8] {
        cut(bytes, every: size).flatMap { packet in
            [UInt8](repeating: 0x11, count: lead) + packet + [UInt8](repeating: 0x22, count: trail)
        }
    }

    // MARK: - Cuts

    @Test(arguments: [1, 7, 100, 187, 188, 189, 376, 1_472, 5_000, 1 << 20])
    func `an aligned stream comes out whole however it is cut`(length: Int) {
        let bytes = Self.stream(packets: 40)
        var aligner = PacketAligner()
        #expect(Self.align(Self.cut(bytes, every: length), with: &aligner) == bytes)
        #expect(aligner.bytesSkipped == 0)
        #expect(aligner.syncLosses == 0)
    }

    @Test(arguments: [(4, 0), (0, 16)], [1, 50, 192, 204, 1_000, 1 << 20])
    func `foreign bytes between packets are left out however the stream is cut`(padding: (Int, Int), length: Int) {
        let bytes = Self.stream(packets: 40)
        let padded = Self.padded(bytes, lead: padding.0, trail: padding.1)
        var aligner = PacketAligner()
        #expect(Self.align(Self.cut(padded, every: length), with: &aligner) == bytes)
        #expect(aligner.bytesSkipped == UInt64(padding.0))
    }

    @Test(arguments: UInt64(0)..<50)
    func `random cuts of a stream behind garbage give the same packets`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let garbage = (0..<Int.random(in: 0...600, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
        }
        let bytes = garbage + Self.stream(packets: 30)
        var pieces: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Int.random(in: 1...500, using: &random))
            pieces.append(Array(bytes[start..<end]))
            start = end
        }
        let whole = Self.align([bytes])
        #expect(Self.align(pieces) == whole)
        #expect(whole.suffix(30 * Self.size) == bytes.suffix(30 * Self.size))
    }

    @Test func `a whole packet is handed on without a wait for the next`() {
        let packets = Self.cut(Self.stream(packets: 12), every: Self.size)
        var aligner = PacketAligner()
        #expect(Self.align(Array(packets.prefix(4)), with: &aligner).isEmpty)  // not yet believed
        #expect(Self.align([packets[4]], with: &aligner) == packets.prefix(5).flatMap { $0 })
        #expect(aligner.isLocked)
        #expect(Self.align([packets[5]], with: &aligner) == packets[5])
    }

    @Test func `packets that lie whole in the input are handed on as one run`() {
        let bytes = Self.stream(packets: 20)
        var aligner = PacketAligner()
        var runs: [Int] = []
        aligner.align(bytes.span.extracting(0..<10 * 188 + 50)) { runs.append($0.count / 188) }
        aligner.align(bytes.span.extracting(10 * 188 + 50..<20 * 188)) { runs.append($0.count / 188) }
        #expect(runs == [10, 1, 9])
    }

    // MARK: - Losses

    @Test(arguments: [1, 100, 187, 188 + 60])
    func `a packet that lost bytes in its middle is dropped, not passed on torn`(lost: Int) {
        var bytes = Self.stream(packets: 40)
        bytes.removeSubrange(10 * 188 + 40..<10 * 188 + 40 + lost)
        var aligner = PacketAligner()
        let output = Self.align([bytes], with: &aligner)
        let kept = Self.cut(Self.stream(packets: 40), every: Self.size)
        let after = 10 + 1 + (40 + lost - 1) / 188
        #expect(output == (kept.prefix(10) + kept.dropFirst(after)).flatMap { $0 })
        #expect(aligner.syncLosses == 1)
        #expect(UInt64(bytes.count) == aligner.bytesSkipped + UInt64(output.count))
    }

    @Test(arguments: 1...9)
    func `lost datagrams that are not aligned cost only the packets they touch`(lost: Int) {
        let bytes = Self.stream(packets: 100)
        var datagrams = Self.cut(bytes, every: 1_472)
        datagrams.remove(at: lost)
        var aligner = PacketAligner()
        var output: [UInt8] = []
        for datagram in datagrams {
            aligner.alignDatagram(datagram.span) { run in for index in run.indices { output.append(run[index]) } }
        }
        let packets = Self.cut(bytes, every: Self.size)
        let first = lost * 1_472 / 188
        let last = (min((lost + 1) * 1_472, bytes.count) - 1) / 188
        #expect(output == (packets.prefix(first) + packets.dropFirst(last + 1)).flatMap { $0 })
    }

    @Test func `bytes put in between packets are skipped`() {
        var bytes = Self.stream(packets: 40)
        bytes.insert(contentsOf: [1, 2, 3, 0x47, 5], at: 20 * 188)
        var aligner = PacketAligner()
        let output = Self.align([bytes], with: &aligner)
        // The packet before them is given up too: what follows it is no sync byte.
        #expect(output.count == 39 * 188)
        #expect(aligner.bytesSkipped == 188 + 5)
    }

    @Test func `it finds a stream again and again, in inputs of any size`() {
        // Each belief lasts five packets only: a search that recursed would take a stack frame for each.
        let short: [UInt8] = Self.stream(packets: 5) + [0]
        let bytes = Array(repeatElement(short, count: 2_000).joined())
        var aligner = PacketAligner()
        let output = Self.align([bytes], with: &aligner)
        #expect(aligner.syncLosses == 2_000)
        #expect(output.count + Int(aligner.bytesSkipped) <= bytes.count)
    }

    // MARK: - What is no stream

    @Test func `a sender of garbage is hopeless after 64 KiB`() {
        let request = Array("GET / HTTP/1.1\r\nHost: G\r\n\r\n".utf8)
        let garbage = Array(repeatElement(request, count: PacketAligner.hopelessBytes / request.count).joined())
        var aligner = PacketAligner()
        #expect(Self.align([garbage], with: &aligner).isEmpty)
        #expect(!aligner.isHopeless)
        #expect(Self.align([request], with: &aligner).isEmpty)
        #expect(aligner.isHopeless)
        aligner.reset()
        #expect(!aligner.isHopeless)
    }

    @Test func `a sender that once sent a stream is never hopeless`() {
        var aligner = PacketAligner()
        _ = Self.align([Self.stream(packets: 10), [UInt8](repeating: 0, count: 100_000)], with: &aligner)
        #expect(!aligner.isHopeless)
        #expect(aligner.syncLosses == 1)
    }

    @Test func `after a reset the kept part of a packet is forgotten`() {
        let bytes = Self.stream(packets: 20)
        var aligner = PacketAligner()
        _ = Self.align([Array(bytes.prefix(1_000))], with: &aligner)
        aligner.reset()
        #expect(Self.align([bytes], with: &aligner) == bytes)
    }

    // MARK: - Fuzz

    @Test func `whatever comes, runs are whole packets and every byte is accounted for`() {
        var mutator = ByteMutator(
            seed: 1,
            corpus: [
                Self.stream(packets: 12), Self.padded(Self.stream(packets: 12), lead: 4, trail: 0),
                Self.padded(Self.stream(packets: 12), lead: 0, trail: 16), [UInt8](repeating: 0x47, count: 2_000), [],
            ], dictionary: [[0x47], [UInt8](repeating: 0, count: 188), [UInt8](repeating: 0x47, count: 4)])
        for _ in 0..<2_000 {
            let bytes = mutator.next()
            var aligner = PacketAligner()
            var packets = 0
            for piece in mutator.cut(bytes) {
                aligner.align(piece.span) { run in
                    #expect(run.count > 0 && run.count % 188 == 0)
                    for start in stride(from: 0, to: run.count, by: 188) where run[start] != TSPacket.syncByte {
                        Issue.record("a packet begins with \(run[start])")
                    }
                    packets += run.count / 188
                }
            }
            // Foreign bytes are at most 16 a packet; what is kept is less than five units.
            let known = packets * 188 + Int(aligner.bytesSkipped)
            #expect(known <= bytes.count && known + packets * 16 + 5 * 204 >= bytes.count)
        }
    }
}
