@testable import Bench

/// The self-describing stream, cut into packets, for tests that lose, swap and damage some.
struct StreamPackets {
    var packets: [[UInt8]] = []

    /// - Parameter count: packets, tables included; each was sent `number of the packet` ms after the start.
    init(_ count: Int, bitsPerSecond: Int64 = 1_000_000, pacing: StreamShape.Pacing = .steady) throws {
        var maker = StreamMaker(try StreamShape(bitsPerSecond: bitsPerSecond, pacing: pacing))
        for index in 0..<count {
            var bytes: [UInt8] = []
            maker.append(to: &bytes, sentUs: UInt64(index * 1000))
            packets.append(bytes)
        }
    }

    var bytes: [UInt8] { packets.flatMap { $0 } }

    func pid(_ index: Int) -> Int { Int(packets[index][1] & 0x1f) << 8 | Int(packets[index][2]) }

    /// What a checker that got all packets in one run says.
    func checked() -> StreamChecker {
        var checker = StreamChecker()
        var delays = DelayHistogram()
        let bytes = bytes
        checker.take(bytes.span, nowUs: 0, delays: &delays)
        return checker
    }
}
