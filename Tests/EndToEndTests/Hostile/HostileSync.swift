import TestSupport

/// Bytes in which packets are hard to find, or are none (ISO/IEC 13818-1 2.4.3.2, Annex G).
enum HostileSync {
    static let nothing: [HostileStream] = [
        HostileStream("not a byte", ways: [.tcp, .http]) { [] },
        HostileStream("one byte") { [0x47] },
        HostileStream("no sync byte at all") { HostileStream.noise(60_000, without: 0x47) },
        HostileStream("noise until the sender is given up") { HostileStream.noise(200_000) },
        HostileStream("sync bytes alone") { [UInt8](repeating: 0x47, count: 100_000) },
        HostileStream("zeros") { [UInt8](repeating: 0, count: 100_000) },
        HostileStream("ones") { [UInt8](repeating: 0xff, count: 100_000) },
        HostileStream("a sync byte each 187 bytes") { spaced(187) },
        HostileStream("a sync byte each 189 bytes") { spaced(189) },
        HostileStream("packets of 208 bytes") { spaced(208) },
        HostileStream("sync bytes turned over, as of scrambled packets") {
            HostileStream.changed { _, packet in packet[0] = 0xb8 }
        },
        HostileStream("an HTTP request") { Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8) },
        HostileStream("an FLV file") { Array("FLV".utf8) + [1, 5, 0, 0, 0, 9] + HostileStream.noise(30_000) },
        HostileStream("an MP4 file") { [0, 0, 0, 24] + Array("ftypisom".utf8) + HostileStream.noise(30_000) },
        HostileStream("a program stream") {
            Array(repeatElement([0, 0, 1, 0xba] + HostileStream.noise(2040), count: 20).joined())
        },
        HostileStream("bare H.264") {
            Array(repeatElement([0, 0, 0, 1, 0x67] + HostileStream.noise(999), count: 50).joined())
        },
    ]

    static let distances: [HostileStream] = [
        HostileStream("four packets and no fifth") { Array(HostileStream.group().prefix(4 * 188)) },
        HostileStream("half a packet") { Array(HostileStream.group().prefix(94)) },
        HostileStream("a stream without its last byte") { Array(HostileStream.group().dropLast()) },
        HostileStream("a stream that begins in a packet") { Array(HostileStream.group().dropFirst(77)) },
        HostileStream("packets of 192 bytes") { HostileStream.interleaved { _ in [0, 0, 0, 0] } },
        HostileStream("packets of 204 bytes") {
            HostileStream.interleaved { _ in [UInt8](repeating: 0x47, count: 16) }
        },
        HostileStream("188, 192 and 204 by turns") {
            HostileStream.interleaved { [UInt8](repeating: 1, count: [0, 4, 16][$0 % 3]) }
        },
        HostileStream("188, then 192, then 204") {
            HostileStream.group() + HostileStream.interleaved { _ in [1, 2, 3, 4] }
                + HostileStream.interleaved { _ in [UInt8](repeating: 2, count: 16) }
        },
        HostileStream("a distance that grows") { HostileStream.interleaved { [UInt8](repeating: 0, count: $0) } },
        HostileStream("garbage between packets") {
            HostileStream.interleaved { HostileStream.noise(1 + $0 * 7 % 187) }
        },
        HostileStream("garbage of sync bytes between packets") {
            HostileStream.interleaved { [UInt8](repeating: 0x47, count: $0 % 5) }
        },
        HostileStream("a byte lost in each tenth packet") {
            HostileStream.changed { if $0 % 10 == 9 { $1.remove(at: 100) } }
        },
        HostileStream("a byte doubled in each tenth packet") {
            HostileStream.changed { if $0 % 10 == 9 { $1.insert($1[100], at: 100) } }
        },
        HostileStream("each third sync byte wrong") { HostileStream.changed { if $0 % 3 == 2 { $1[0] = 0x46 } } },
        HostileStream("each sixth packet missing its tail") {
            HostileStream.changed { if $0 % 6 == 5 { $1.removeLast(90) } }
        },
        HostileStream("payloads full of sync bytes") {
            HostileStream.changed { for index in 8..<188 where $0 % 2 == 1 { $1[index] = 0x47 } }
        },
        HostileStream("writes of one byte", slice: 1) { HostileStream.group(pictures: 2) },
        HostileStream("writes of 187 bytes", slice: 187) { HostileStream.group() },
        HostileStream("writes of three bytes", slice: 3) { HostileStream.group(pictures: 3) },
        HostileStream(
            "one write of everything", ways: [.tcp, .http], writes: { [HostileStream.group(pictures: 400)] }),
    ]

    private static func spaced(_ distance: Int) -> [UInt8] {
        Array(repeatElement([0x47] + [UInt8](repeating: 0x11, count: distance - 1), count: 300).joined())
    }

    static let all = nothing + distances
}
