/// Adds a teletext stream (ETSI EN 300 472) to a stream of one program: an entry in its PMT and a PES packet now and then.
package enum Teletext {
    private static let pid = 0x1100
    /// One teletext packet follows each so many packets.
    private static let packetsBetween = 40

    package static func added(to input: [UInt8]) throws -> [UInt8] {
        let packets = TransportPackets(input)
        guard let tablePID = programMapPID(packets) else { throw TestFailure("no PAT") }
        var out: [UInt8] = []
        var number = 0
        for index in 0..<packets.count {
            if packets.pid(index) == tablePID && packets.startsUnit(index) {
                out += extended(Array(packets[index]))
            } else {
                out += packets[index]
            }
            if (index + 1) % packetsBetween == 0 {
                out += packet(number)
                number += 1
            }
        }
        return out
    }

    private static func programMapPID(_ packets: TransportPackets) -> Int? {
        for index in 0..<packets.count where packets.pid(index) == 0 && packets.startsUnit(index) {
            let packet = Array(packets[index])
            let section = Array(packet[(5 + Int(packet[4]))...])
            let end = 3 + (Int(section[1] & 15) << 8 | Int(section[2])) - 4
            for entry in stride(from: 8, to: end, by: 4) where section[entry] != 0 || section[entry + 1] != 0 {
                return Int(section[entry + 2] & 31) << 8 | Int(section[entry + 3])
            }
        }
        return nil
    }

    /// The PMT packet with one more elementary stream: private data with a teletext descriptor.
    private static func extended(_ packet: [UInt8]) -> [UInt8] {
        let start = 5 + Int(packet[4])
        let old = Array(packet[start...])
        let length = Int(old[1] & 15) << 8 | Int(old[2])
        var section = Array(old[..<(3 + length - 4)])
        section +=
            [0x06, 0xe0 | UInt8(pid >> 8), UInt8(pid & 0xff), 0xf0, 7, 0x56, 5] + Array("eng".utf8) + [0x09, 0x00]
        let newLength = section.count - 3 + 4
        section[1] = section[1] & 0xf0 | UInt8(newLength >> 8)
        section[2] = UInt8(newLength & 0xff)
        let check = checksum(section)
        section += (0..<4).map { UInt8(truncatingIfNeeded: check >> (24 - 8 * $0)) }
        let whole = packet[..<start] + section
        return Array(whole) + [UInt8](repeating: 0xff, count: TransportPackets.size - whole.count)
    }

    /// One PES in one packet: a header of 45 bytes and three data units of stuffing.
    private static func packet(_ number: Int) -> [UInt8] {
        let time = 126_000 + number * 3600
        var pes: [UInt8] = [0, 0, 1, 0xbd, 0, 178, 0x84, 0x80, 0x24]
        pes += [0x21 | UInt8(time >> 29 & 0x0e), UInt8(time >> 22 & 0xff), 1 | UInt8(time >> 14 & 0xfe)]
        pes += [UInt8(time >> 7 & 0xff), 1 | UInt8(time << 1 & 0xfe)]
        pes += [UInt8](repeating: 0xff, count: 31) + [0x10]
        for _ in 0..<3 { pes += [0xff, 0x2c] + [UInt8](repeating: 0xff, count: 44) }
        return [0x47, 0x40 | UInt8(pid >> 8), UInt8(pid & 0xff), 0x10 | UInt8(number & 15)] + pes
    }

    /// CRC_32 of a section (ISO/IEC 13818-1 annex A).
    package static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = 0xffff_ffff
        for byte in bytes {
            value ^= UInt32(byte) << 24
            for _ in 0..<8 { value = value & 0x8000_0000 != 0 ? value << 1 ^ 0x04c1_1db7 : value << 1 }
        }
        return value
    }
}
