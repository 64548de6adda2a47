import TestSupport
import Testing

@testable import TransportStream

/// Random damage against a model that knows which packet belongs to which picture.
@Suite struct PictureGatePropertyTests {
    private typealias Fixture = TransportStreamFixture

    /// A packet of the damaged stream, with what the model knows of it.
    private struct Labelled {
        let bytes: [UInt8]

        /// Number of the picture, and of the packet in it; nil for other PIDs.
        let picture: Int?
        let place: Int
        var isDuplicate = false
        var isDamaged = false
    }

    private struct Model {
        var packets: [Labelled] = []

        /// Packets of each picture.
        var sizes: [Int] = []

        init(random: inout SeededRandom) {
            var stream = Fixture()
            stream.appendTables()
            for number in 0..<30 {
                // A third of the pictures fill their last packet, so that only the next start shows the end.
                let packets = Int.random(in: 1...9, using: &random)
                let isFull = Int.random(in: 0..<3, using: &random) == 0
                let isRandomAccess = number % 10 == 0
                let bytes = Fixture.fullBytes(packets: packets, isRandomAccess: isRandomAccess)
                let seed = Int.random(in: 0...3, using: &random)
                stream.appendPicture(
                    bytes: max(20, isFull ? bytes : bytes - Int.random(in: 1...150, using: &random)),
                    isRandomAccess: isRandomAccess,
                    end: Int.random(in: 0..<4, using: &random) == 0 ? .length : .stuffing
                ) { stream, number in
                    if number % 4 == seed { stream.appendAudio(bytes: 90) }
                }
                if seed == 0 { stream.appendAudio(bytes: 400) }
            }
            for number in 0..<stream.packetCount {
                let packet = stream.packet(number)
                let isVideo = packet[1] & 0x1f == 0x01 && packet[2] == 0
                if isVideo, packet[1] & 0x40 != 0 { sizes.append(0) }
                let place = isVideo ? sizes[sizes.count - 1] : 0
                if isVideo { sizes[sizes.count - 1] += 1 }
                packets.append(Labelled(bytes: packet, picture: isVideo ? sizes.count - 1 : nil, place: place))
            }
        }

        /// Loses, doubles, marks and swaps packets. Never 15 video packets in a row: a counter of four bits cannot
        /// show that 16 are lost.
        mutating func damage(_ random: inout SeededRandom) {
            var lostInARow = 0
            var result: [Labelled] = []
            let share = Int.random(in: 5...60, using: &random)
            for packet in packets {
                switch Int.random(in: 0..<share, using: &random) {
                case 0 where lostInARow < 10:
                    if packet.picture != nil { lostInARow += 1 }
                    continue
                case 1 where packet.picture != nil:
                    var copy = packet
                    copy.isDuplicate = true
                    result += [packet, copy]
                case 2 where packet.picture != nil:
                    var bytes = packet.bytes
                    bytes[1] |= 0x80
                    result.append(
                        Labelled(bytes: bytes, picture: packet.picture, place: packet.place, isDamaged: true))
                case 3 where packet.picture != nil && result.last?.picture != nil && result.last?.isDuplicate == false:
                    result.insert(packet, at: result.count - 1)
                default:
                    result.append(packet)
                }
                if packet.picture != nil { lostInARow = 0 }
            }
            packets = result
        }

        /// Pictures that must pass: whole, and nothing near them casts doubt on their end or start.
        func certain() -> Set<Int> {
            var certain: Set<Int> = []
            let video = packets.indices.filter { packets[$0].picture != nil && !packets[$0].isDuplicate }
            for (order, start) in video.enumerated() where packets[start].place == 0 {
                guard let picture = packets[start].picture, order + sizes[picture] < video.count else { continue }
                let own = video[order..<order + sizes[picture]]
                let isWhole = zip(own, 0...).allSatisfy {
                    packets[$0].picture == picture && packets[$0].place == $1 && !packets[$0].isDamaged
                }
                let next = packets[video[order + sizes[picture]]]
                let endsSurely = next.picture == picture + 1 && next.place == 0 && !next.isDamaged
                if isWhole, endsSurely { certain.insert(picture) }
            }
            return certain
        }
    }

    @Test(arguments: UInt64(0)..<300)
    func `nothing but whole pictures passes, and none that is certainly whole is missed`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var model = Model(random: &random)
        if seed % 10 != 0 { model.damage(&random) }
        let isCutAnywhere = seed % 3 == 0

        var harness = GateHarness()
        var start = 0
        while start < model.packets.count {
            // Either the stream's cuts within reads of any length, or cuts anywhere, which the gate must bear too.
            let end = min(model.packets.count, start + Int.random(in: 1...30, using: &random))
            let bytes = model.packets[start..<end].flatMap(\.bytes)
            if isCutAnywhere { harness.passChunk(bytes, []) } else { harness.pass(bytes) }
            start = end
        }

        let input = model.packets.flatMap(\.bytes)
        var passed: [Int: [Int]] = [:]
        var last: UInt64?
        var otherPackets = 0
        for (order, position) in harness.positions.enumerated() {
            let packet = model.packets[Int(position)]
            #expect(last.map { $0 < position } ?? true, "order is kept")
            last = position
            #expect(
                harness.bytes[order * 188..<(order + 1) * 188] == input[Int(position) * 188..<Int(position + 1) * 188])
            if let picture = packet.picture {
                #expect(!packet.isDamaged && !packet.isDuplicate)
                passed[picture, default: []].append(packet.place)
            } else {
                otherPackets += 1
            }
        }
        for (picture, places) in passed {
            #expect(places == Array(0..<model.sizes[picture]), "picture \(picture) is whole")
        }
        if !harness.gate.isHolding {
            #expect(otherPackets == model.packets.count { $0.picture == nil })
        }
        let missed = model.certain().subtracting(passed.keys)
        #expect(missed.isEmpty)
        if seed % 10 == 0 { #expect(harness.gate.packetsDropped == 0) }
    }
}
