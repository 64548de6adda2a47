/// What lines and encoders do to a transport stream, the same on every run.
package enum StreamDamage: String, CaseIterable, Sendable {
    /// Bits turned over in about one of 100,000, never in the four header bytes.
    case bitFlips
    /// One packet in a hundred lost, and seven in a row as with a lost datagram.
    case drops
    /// Whole pictures lost.
    case lostPictures
    /// The tail of one picture in 40 lost.
    case truncatedPictures
    /// Legal repeats of single packets, and one packet three times.
    case repeats
    /// `transport_error_indicator` set.
    case transportErrors
    /// The clock reference jumps 10 s ahead in the middle, unannounced.
    case clockJump
    /// A hundred bytes lost and fifty put in: sync must be found again.
    case lostBytes
    /// Begins in the middle of a packet.
    case midPacketStart
    /// Sixteen bytes behind each packet.
    case pad204
    /// Ends in the middle of a picture.
    case midPictureEnd

    package func applied(to input: [UInt8]) -> [UInt8] {
        var random = SeededRandom(seed: 1)
        let packets = TransportPackets(input)
        let size = TransportPackets.size
        switch self {
        case .bitFlips:
            var out = packets.bytes
            for _ in 0..<max(3, out.count * 8 / 100_000) {
                let packet = Int.random(in: 0..<packets.count, using: &random)
                let byte = Int.random(in: 4..<size, using: &random)
                out[packet * size + byte] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            return out
        case .drops:
            let burst = packets.count / 2..<packets.count / 2 + 7
            return packets.filtered { !random.happens(0.01) && !burst.contains($0) }
        case .lostPictures: return packets.filteredByPicture { picture, _ in !(7...8).contains(picture % 20) }
        case .truncatedPictures: return packets.filteredByPicture { picture, place in picture % 40 != 7 || place <= 2 }
        case .repeats:
            var out: [UInt8] = []
            for index in 0..<packets.count {
                out += packets[index]
                if packets.hasPayload(index) && random.happens(0.01) { out += packets[index] }
                if index == packets.count / 2 { out += Array(packets[index]) + packets[index] }
            }
            return out
        case .transportErrors:
            var out = packets.bytes
            for _ in 0..<max(3, packets.count / 200) {
                out[Int.random(in: 0..<packets.count, using: &random) * size + 1] |= 0x80
            }
            return out
        case .clockJump: return packets.withClockMoved(ticks90kHz: 900_000, from: packets.count / 2)
        case .lostBytes:
            let third = packets.bytes.count / 3
            let junk = (0..<50).map { _ in UInt8.random(in: 0...255, using: &random) }
            return Array(packets.bytes[..<third] + packets.bytes[(third + 100)..<(2 * third)] + junk)
                + packets.bytes[(2 * third)...]
        case .midPacketStart: return Array(packets.bytes[(packets.count / 4 * size + 77)...])
        case .pad204:
            var out: [UInt8] = []
            for index in 0..<packets.count { out += Array(packets[index]) + [UInt8](repeating: 0, count: 16) }
            return out
        case .midPictureEnd: return packets.endingInMidPicture()
        }
    }
}

extension TransportPackets {
    /// The packets whose number the body keeps.
    package func filtered(_ keep: (Int) -> Bool) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        for index in 0..<count where keep(index) { out += self[index] }
        return out
    }

    /// Asks for each packet of the video PID by its picture, from 1, and its place in it, from 1; others are kept.
    package func filteredByPicture(_ keep: (_ picture: Int, _ place: Int) -> Bool) -> [UInt8] {
        let video = videoPID
        var picture = 0
        var place = 0
        return filtered { index in
            guard pid(index) == video else { return true }
            if startsUnit(index) {
                picture += 1
                place = 0
            }
            place += 1
            return keep(picture, place)
        }
    }

    /// Without what follows the middle of its longest picture in the last third, so that the stream ends torn.
    package func endingInMidPicture() -> [UInt8] {
        guard let video = videoPID else { return bytes }
        var best = (length: 0, middle: count)
        var start: Int?
        var members: [Int] = []
        for index in (count * 2 / 3)..<count where pid(index) == video {
            if startsUnit(index) {
                if start != nil && members.count > best.length { best = (members.count, members[members.count / 2]) }
                start = index
                members = []
            }
            members.append(index)
        }
        return Array(bytes[..<(best.middle * TransportPackets.size)])
    }

    /// The clock references (PCR) of the packets from `first` on, moved.
    func withClockMoved(ticks90kHz: Int, from first: Int) -> [UInt8] {
        var out = bytes
        for index in first..<count {
            let at = index * TransportPackets.size
            guard out[at + 3] & 0x20 != 0, out[at + 4] >= 7, out[at + 5] & 0x10 != 0 else { continue }
            var base = out[(at + 6)..<(at + 10)].reduce(0) { $0 << 8 | Int($1) } << 1 | Int(out[at + 10] >> 7)
            base = (base + ticks90kHz) & ((1 << 33) - 1)
            for byte in 0..<4 { out[at + 6 + byte] = UInt8(truncatingIfNeeded: base >> (25 - 8 * byte)) }
            out[at + 10] = out[at + 10] & 0x7f | UInt8(base & 1) << 7
        }
        return out
    }
}
