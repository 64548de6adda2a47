import TestSupport

/// Packets whose headers and adaptation fields say what cannot be (ISO/IEC 13818-1 2.4.3.2 to 2.4.3.5).
enum HostilePackets {
    static let headers: [HostileStream] = [
        HostileStream("transport errors everywhere") { HostileStream.changed { $1[1] |= 0x80 } },
        HostileStream("scrambled by the even key") { HostileStream.changed { $1[3] |= 0x80 } },
        HostileStream("scrambled by the odd key, tables too") { HostileStream.changed { $1[3] |= 0xc0 } },
        HostileStream("scrambling by the reserved word") { HostileStream.changed { $1[3] |= 0x40 } },
        HostileStream("neither payload nor adaptation field") { HostileStream.changed { $1[3] &= 0xcf } },
        HostileStream("a counter that stands") { HostileStream.changed { $1[3] &= 0xf0 } },
        HostileStream("a counter that runs back") {
            HostileStream.changed { $1[3] = $1[3] & 0xf0 | UInt8(15 - $0 % 16) }
        },
        HostileStream("a counter of chance") {
            let noise = HostileStream.noise(1000)
            return HostileStream.changed { $1[3] = $1[3] & 0xf0 | noise[$0] & 15 }
        },
        HostileStream("each packet 17 times") {
            let packets = HostileStream.cut(HostileStream.group(), 188)
            return HostileStream.each(17 * packets.count) { packets[$0 / 17] }
        },
        HostileStream("each payload begins a unit") { HostileStream.changed { $1[1] |= 0x40 } },
        HostileStream("no payload begins a unit") { HostileStream.changed { $1[1] &= 0xbf } },
        HostileStream("priority everywhere") { HostileStream.changed { $1[1] |= 0x20 } },
        HostileStream("null packets alone") {
            Array(repeatElement(HostileStream.packet(pid: 0x1fff), count: 500).joined())
        },
        HostileStream("null packets with every flag") {
            Array(repeatElement(HostileStream.packet(pid: 0x1fff, starts: true, control: 0xff), count: 500).joined())
        },
        HostileStream("no tables") { Array(HostileStream.group().dropFirst(2 * 188)) },
        HostileStream("packets of ones behind the sync byte") {
            Array(repeatElement([0x47] + [UInt8](repeating: 0xff, count: 187), count: 500).joined())
        },
        HostileStream("packets of zeros behind the sync byte") {
            Array(repeatElement([0x47] + [UInt8](repeating: 0, count: 187), count: 500).joined())
        },
        HostileStream("packets of noise behind the sync byte") {
            HostileStream.each(2000) { [0x47] + HostileStream.noise(187, seed: UInt64($0)) }
        },
        HostileStream("8192 PIDs") { HostileStream.each(8192) { HostileStream.packet(pid: UInt16($0)) } },
        HostileStream("8192 PIDs that each begin a picture") {
            let pes = TransportStreamFixture.pesHeader(streamID: 0xe0, length: 0, ticks: 1)
            return HostileStream.each(8192) { HostileStream.packet(pid: UInt16($0), starts: true, pes) }
        },
        HostileStream("all in the order of its bytes turned round") {
            Array(HostileStream.cut(HostileStream.group(), 188).reversed().joined())
        },
    ]

    static let fields: [HostileStream] = [
        field("an adaptation field of 0 bytes", 0x30, [0]),
        field("an adaptation field of 182 bytes and no payload", 0x30, [182, 0]),
        field("an adaptation field of 183 bytes beside a payload", 0x30, [183, 0]),
        field("an adaptation field of 184 bytes", 0x30, [184, 0xff]),
        field("an adaptation field of 255 bytes", 0x30, [255, 0xff]),
        field("an adaptation field alone, of 0 bytes", 0x20, [0]),
        field("an adaptation field alone, of 100 bytes", 0x20, [100, 0]),
        field("an adaptation field alone, of 184 bytes", 0x20, [184, 0]),
        field("every flag in a field of one byte", 0x30, [1, 0xff]),
        field("a clock in a field of six bytes", 0x30, [6, 0x10, 0xff, 0xff, 0xff, 0xff, 0xff]),
        field("a clock extension of 511", 0x30, [7, 0x10, 0, 0, 0, 0, 0x01, 0xff]),
        field("two clocks in a field for one", 0x30, [7, 0x18, 0, 0, 0, 0, 0x7e, 0]),
        field("a splice countdown without its byte", 0x30, [1, 0x04]),
        field("private bytes beyond the field", 0x30, [3, 0x02, 255, 1]),
        field("an extension beyond the field", 0x30, [3, 0x01, 255, 0xff]),
        field("every flag and everything in it", 0x30, [60, 0xff] + [UInt8](repeating: 0xff, count: 59)),
        field("random access everywhere", 0x30, [1, 0x40]),
        field("discontinuity everywhere", 0x30, [1, 0x80]),
    ]

    static let clocks: [HostileStream] = [
        HostileStream("a clock that jumps each time") { clocked { UInt64($0) &* 0x1234_5678_9abc % (1 << 33) } },
        HostileStream("a clock that runs back") { clocked { 9_000_000 - UInt64($0) * 3600 } },
        HostileStream("a clock that stands") { clocked { _ in 0 } },
        HostileStream("a clock that wraps") { clocked { ((1 << 33) - 20 * 3600 + UInt64($0) * 3600) % (1 << 33) } },
        HostileStream("a clock at its end") { clocked { _ in (1 << 33) - 1 } },
        HostileStream("a clock in each packet of each PID") {
            HostileStream.each(2000) {
                HostileStream.packet(pid: UInt16($0 % 64 + 32), control: 0x30, [7, 0x10, 1, 2, 3, 4, 5, 0])
            }
        },
    ]

    /// The group with this adaptation field in each packet, before what was its payload.
    private static func field(_ name: String, _ control: UInt8, _ field: [UInt8]) -> HostileStream {
        HostileStream(name) {
            HostileStream.changed { _, packet in
                packet[3] = packet[3] & 0x0f | control
                packet.replaceSubrange(4..<4 + field.count, with: field)
            }
        }
    }

    /// Pictures with a clock each, at times of the caller's choice.
    private static func clocked(_ ticks: (Int) -> UInt64) -> [UInt8] {
        HostileStream.made { stream in
            for picture in 0..<40 {
                stream.pictureTicks = ticks(picture)
                stream.appendPicture(bytes: 600, isRandomAccess: picture % 10 == 0, hasClock: true)
            }
        }
    }

    static let all = headers + fields + clocks
}
