import TransportStream

/// Packets that only their number tells apart.
enum Packets {
    /// `count` packets of PID 0x100 from `first` on, numbered in bytes 4 to 7.
    static func numbered(_ first: Int, count: Int, pid: UInt16 = 0x100) -> [UInt8] {
        var bytes: [UInt8] = []
        for number in first..<first + count {
            var packet = [UInt8](repeating: 0xff, count: TSPacket.size)
            packet[0] = 0x47
            packet[1] = UInt8(pid >> 8)
            packet[2] = UInt8(pid & 0xff)
            packet[3] = 0x10
            for byte in 0..<4 { packet[4 + byte] = UInt8(number >> (8 * (3 - byte)) & 0xff) }
            bytes += packet
        }
        return bytes
    }

    /// The numbers of bare packets.
    static func numbers(_ bytes: [UInt8]) -> [Int] {
        stride(from: 0, to: bytes.count, by: TSPacket.size).map { at in
            (0..<4).reduce(0) { $0 << 8 | Int(bytes[at + 4 + $1]) }
        }
    }
}
