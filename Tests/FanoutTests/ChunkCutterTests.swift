import Fanout
import Testing
import TransportStream

@Suite struct ChunkCutterTests {
    struct Cut: Equatable {
        var numbers: [Int]
        var flags: ChunkFlags
        var position: UInt64
    }

    /// Runs cut in pieces of `step` packets; `flush` after each when asked.
    private func cuts(
        _ packets: [UInt8], _ flags: [Int: PacketFlags], step: Int, flushing: Bool = false
    ) -> [Cut] {
        var cutter = ChunkCutter()
        var out: [Cut] = []
        let total = packets.count / TSPacket.size
        for start in stride(from: 0, to: total, by: step) {
            let end = min(start + step, total)
            let run = Array(packets[start * TSPacket.size..<end * TSPacket.size])
            let events = (start..<end).compactMap { number in
                flags[number].map { PacketEvent(index: Int32(number - start), flags: $0) }
            }
            cutter.append(run.span, events: events, nowMs: 0) { chunk, mark, _ in
                out.append(Cut(numbers: Packets.numbers(array(chunk)), flags: mark.flags, position: mark.position))
            }
            guard flushing else { continue }
            cutter.flush(nowMs: 0) { chunk, mark, _ in
                out.append(Cut(numbers: Packets.numbers(array(chunk)), flags: mark.flags, position: mark.position))
            }
        }
        cutter.flush(nowMs: 0) { chunk, mark, _ in
            out.append(Cut(numbers: Packets.numbers(array(chunk)), flags: mark.flags, position: mark.position))
        }
        return out
    }

    private func array(_ span: Span<UInt8>) -> [UInt8] { span.indices.map { span[$0] } }

    @Test(arguments: [1, 2, 3, 5, 100])
    func `chunks begin and end with pictures, however the reads were cut`(step: Int) {
        let packets = Packets.numbered(0, count: 20)
        let flags: [Int: PacketFlags] = [
            2: .pictureStart, 5: .pictureEnd, 8: [.pictureStart, .randomAccess], 12: .pictureStart, 13: .pictureEnd,
        ]
        #expect(
            cuts(packets, flags, step: step) == [
                Cut(numbers: [0, 1], flags: [], position: 0),
                Cut(numbers: [2, 3, 4, 5], flags: [.startsPicture, .endsPicture], position: 2),
                Cut(numbers: [6, 7], flags: [], position: 6),
                Cut(numbers: [8, 9, 10, 11], flags: [.startsPicture, .randomAccess], position: 8),
                Cut(numbers: [12, 13], flags: [.startsPicture, .endsPicture], position: 12),
                Cut(numbers: [14, 15, 16, 17, 18, 19], flags: [], position: 14),
            ])
    }

    @Test(arguments: [1, 2, 3, 100])
    func `tables that directly precede a picture begin its chunk`(step: Int) {
        var packets = Packets.numbered(0, count: 8)
        for tables in [2, 3] { packets[tables * TSPacket.size + 1] |= 0x40 }
        let flags: [Int: PacketFlags] = [2: .pat, 3: .pmt, 4: [.pictureStart, .randomAccess]]
        #expect(
            cuts(packets, flags, step: step) == [
                Cut(numbers: [0, 1], flags: [], position: 0),
                Cut(numbers: [2, 3, 4, 5, 6, 7], flags: [.tables, .startsPicture, .randomAccess], position: 2),
            ])
    }

    @Test func `tables with something between them and the picture are remembered for a preamble`() {
        var cutter = ChunkCutter()
        var packets = Packets.numbered(0, count: 6)
        for tables in [0, 1] { packets[tables * TSPacket.size + 1] |= 0x40 }
        packets[TSPacket.size + 2] = 0x42
        let events = [
            PacketEvent(index: 0, flags: .pat), PacketEvent(index: 1, flags: .pmt),
            PacketEvent(index: 3, flags: [.pictureStart, .randomAccess]), PacketEvent(index: 5, flags: .pictureEnd),
        ]
        var preambles: [[Int]] = []
        cutter.append(packets.span, events: events, nowMs: 0) { _, mark, cutter in
            if mark.flags.contains(.randomAccess) { preambles.append(Packets.numbers(cutter.tables)) }
        }
        #expect(preambles == [[0, 1]])
    }

    @Test func `tables of any number and length fit into the frame before a start`() {
        var cutter = ChunkCutter()
        var preambles: [[UInt8]] = []
        for pid in UInt16(0x200)..<0x300 {
            // Twelve packets each, of which the first begins a section.
            var packets = Packets.numbered(Int(pid) * 12, count: 12, pid: pid)
            packets[1] |= 0x40
            let events = (0..<12).map { PacketEvent(index: $0, flags: .pmt) }
            cutter.append(packets.span, events: events, nowMs: 0) { _, _, _ in }
        }
        let events = [
            PacketEvent(index: 1, flags: [.pictureStart, .randomAccess]), PacketEvent(index: 2, flags: .pictureEnd),
        ]
        var lane = Lane(framing: .webSocket)
        cutter.append(Packets.numbered(0, count: 3).span, events: events, nowMs: 0) { chunk, mark, cutter in
            if mark.flags.contains(.randomAccess) { preambles.append(cutter.tables) }
            lane.append(chunk, mark, tables: cutter.tables)
        }
        #expect(preambles.map(\.count) == [ChunkCutter.tablePacketsMax * TSPacket.size])
        #expect(lane.view.start != nil)
    }

    @Test func `a table that comes anew takes no more room than before`() {
        var cutter = ChunkCutter()
        for _ in 0..<1000 {
            var packets = Packets.numbered(0, count: 2)
            for tables in [0, 1] { packets[tables * TSPacket.size + 1] |= 0x40 }
            let events = [PacketEvent(index: 0, flags: .pat), PacketEvent(index: 1, flags: .pmt)]
            cutter.append(packets.span, events: events, nowMs: 0) { _, _, _ in }
        }
        #expect(Packets.numbers(cutter.tables) == [0, 1])
    }

    @Test func `no chunk holds more than 43 packets`() {
        let all = cuts(Packets.numbered(0, count: 500), [100: .pictureStart], step: 349)
        #expect(all.allSatisfy { $0.numbers.count <= ChunkCutter.packetsMax })
        #expect(all.flatMap(\.numbers) == Array(0..<500))
        #expect(all.contains { $0.numbers.first == 100 && $0.flags == .startsPicture })
    }

    @Test func `a random access point that is known late marks the picture that is open`() {
        let flags: [Int: PacketFlags] = [1: .pictureStart, 3: .randomAccess, 6: .pictureEnd]
        #expect(cuts(Packets.numbered(0, count: 7), flags, step: 2).last?.flags.contains(.randomAccess) == true)
    }

    @Test func `any cuts and flushes give every packet once and in order`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            let count = Int.random(in: 1...300, using: &random)
            var flags: [Int: PacketFlags] = [:]
            for number in 0..<count where Int.random(in: 0..<6, using: &random) == 0 {
                flags[number] = PacketFlags(rawValue: UInt8.random(in: 1...31, using: &random))
            }
            let step = Int.random(in: 1...120, using: &random)
            let all = cuts(Packets.numbered(0, count: count), flags, step: step, flushing: Bool.random())
            #expect(all.flatMap(\.numbers) == Array(0..<count))
            #expect(all.map(\.position) == all.map { UInt64($0.numbers[0]) })
        }
    }
}
