import TestSupport

/// Bytes that a broken line, a broken encoder or a stranger sends where a transport stream is awaited.
struct HostileStream: Sendable {
    enum Way: String, Sendable, CaseIterable { case tcp, http, udp }

    let name: String
    let ways: [Way]
    /// The bytes as they are written: slices of TCP, chunks of HTTP, datagrams.
    let writes: @Sendable () -> [[UInt8]]

    /// - Parameter slice: bytes of one write.
    init(_ name: String, slice: Int = 1316, ways: [Way] = Way.allCases, _ bytes: @escaping @Sendable () -> [UInt8]) {
        self.name = name
        self.ways = ways
        writes = { HostileStream.cut(bytes(), slice) }
    }

    init(_ name: String, ways: [Way] = Way.allCases, writes: @escaping @Sendable () -> [[UInt8]]) {
        self.name = name
        self.ways = ways
        self.writes = writes
    }

    static func cut(_ bytes: [UInt8], _ slice: Int) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: slice).map { Array(bytes[$0..<min($0 + slice, bytes.count)]) }
    }

    // MARK: - What most of them are made of

    /// Tables, a random access point and more pictures with sound, all as they should be.
    static func group(pictures: Int = 12, ticks: UInt64 = 126_000) -> [UInt8] {
        var stream = TransportStreamFixture()
        stream.pictureTicks = ticks
        stream.appendTables()
        for picture in 0..<pictures {
            stream.appendPicture(bytes: 700 + 90 * (picture % 5), isRandomAccess: picture == 0, hasClock: true)
            stream.appendAudio(bytes: 300)
        }
        return stream.bytes
    }

    /// The group's packets, each changed.
    static func changed(
        pictures: Int = 12, _ change: (_ number: Int, _ packet: inout [UInt8]) -> Void
    ) -> [UInt8] {
        var out: [UInt8] = []
        for (number, var packet) in cut(group(pictures: pictures), 188).enumerated() {
            change(number, &packet)
            out += packet
        }
        return out
    }

    /// The group, with this behind each of its packets.
    static func interleaved(_ more: (_ number: Int) -> [UInt8]) -> [UInt8] {
        let packets = cut(group(), 188)
        return each(packets.count) { packets[$0] + more($0) }
    }

    /// The tables, then what the body appends.
    static func made(_ body: (inout TransportStreamFixture) -> Void) -> [UInt8] {
        var stream = TransportStreamFixture()
        stream.appendTables()
        body(&stream)
        return stream.bytes
    }

    /// What the body makes of 0, 1, 2 and so on, one behind the other.
    static func each(_ count: Int, _ body: (Int) -> [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        for number in 0..<count { out += body(number) }
        return out
    }

    /// One packet from its header's parts; filled with 0xff.
    static func packet(pid: UInt16, starts: Bool = false, control: UInt8 = 0x10, _ rest: [UInt8] = []) -> [UInt8] {
        let head: [UInt8] = [0x47, (starts ? 0x40 : 0) | UInt8(pid >> 8 & 0x1f), UInt8(pid & 0xff), control]
        return head + rest.prefix(184) + [UInt8](repeating: 0xff, count: max(0, 184 - rest.count))
    }

    static func noise(_ count: Int, seed: UInt64 = 1, without: UInt8? = nil) -> [UInt8] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { _ in
            let byte = UInt8.random(in: 0...255, using: &random)
            return byte == without ? 0 : byte
        }
    }
}
