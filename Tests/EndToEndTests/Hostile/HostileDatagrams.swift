import TestSupport

/// Datagrams of any size and order, and headers of RTP (RFC 3550 5.1) that lie.
enum HostileDatagrams {
    static let all: [HostileStream] = [
        udp("datagrams of no byte") { [[UInt8]](repeating: [], count: 300) },
        udp("datagrams of no byte among others") { parts(1316).flatMap { [$0, []] } },
        udp("datagrams of 65,507 bytes") { HostileStream.cut(HostileStream.group(pictures: 300), 65_507) },
        udp("datagrams of 65,507 bytes of noise") { (0..<10).map { HostileStream.noise(65_507, seed: $0) } },
        udp("datagrams of every size") {
            var rest = HostileStream.group(pictures: 300)[...]
            var sizes: [[UInt8]] = []
            while !rest.isEmpty, sizes.count < 700 {
                sizes.append(Array(rest.prefix(sizes.count)))
                rest = rest.dropFirst(sizes.count - 1)
            }
            return sizes
        },
        udp("datagrams of 1472 bytes, as ffmpeg sends by default") { parts(1472) },
        udp("datagrams without their last byte") { parts(1316).map { Array($0.dropLast()) } },
        udp("datagrams without their first byte") { parts(1316).map { Array($0.dropFirst()) } },
        udp("datagrams in the order turned round") { parts(1316).reversed() },
        udp("each datagram three times") { parts(1316).flatMap { [$0, $0, $0] } },
        udp("each second datagram lost") { parts(500).enumerated().filter { $0.offset % 2 == 0 }.map(\.element) },
        rtp("RTP") { _ in [] },
        rtp("RTP of version 3") {
            $0[0] = 0xc0; return []
        },
        rtp("RTP with sources that are not there") {
            $0[0] = 0x8f; return []
        },
        rtp("RTP with fifteen sources") {
            $0[0] = 0x8f; return [UInt8](repeating: 0x47, count: 60)
        },
        rtp("RTP with an extension beyond the datagram") {
            $0[0] = 0x90; return [0, 0, 0xff, 0xff]
        },
        rtp("RTP with padding longer than it") {
            $0[0] = 0xa0; return []
        },
        rtp("RTP of another kind") {
            $0[1] = 96; return []
        },
        rtp("RTP whose numbers stand") {
            $0[2] = 0; $0[3] = 0; return []
        },
        udp("RTP headers alone") { (0..<200).map { header(UInt8($0)) } },
        udp("RTP by turns") {
            parts(1316).enumerated().map { $0.offset % 2 == 0 ? header(UInt8($0.offset)) + $0.element : $0.element }
        },
    ]

    private static func udp(_ name: String, _ writes: @escaping @Sendable () -> [[UInt8]]) -> HostileStream {
        HostileStream(name, ways: [.udp], writes: writes)
    }

    /// The group with a header before each seven packets.
    ///
    /// - Parameter change: changes the header, and returns what stands behind it.
    private static func rtp(_ name: String, _ change: @escaping @Sendable (inout [UInt8]) -> [UInt8]) -> HostileStream {
        udp(name) {
            parts(1316).enumerated().map { number, part in
                var head = header(UInt8(number & 0xff))
                let more = change(&head)
                return head + more + part
            }
        }
    }

    private static func header(_ number: UInt8) -> [UInt8] { [0x80, 33, 0, number, 0, 0, 0, number, 1, 2, 3, 4] }

    private static func parts(_ bytes: Int) -> [[UInt8]] { HostileStream.cut(HostileStream.group(pictures: 40), bytes) }
}
