/// Where an input is cut into pieces: the bytes themselves decide, so that a finding stays one when it is run again.
struct Cuts {
    /// One piece a unit for inputs up to this many units.
    private static let smallUnits = 256

    /// Bytes at each end of an input that decide: all of them would cost more than the parsers do.
    private static let hashedBytes = 32

    /// In order, from the first byte to the last; some may be empty.
    let ranges: [Range<Int>]

    /// Other decisions of the harness, made by the bytes too.
    let seed: UInt64

    /// - Parameter unit: bytes that stay together; what is over at the end belongs to the last piece.
    init(_ input: Span<UInt8>, unit: Int = 1) {
        var random = Cuts.hash(input)
        seed = random
        let units = input.count / unit
        var borders: [Int] = []
        if random & 7 == 0, units <= Cuts.smallUnits {
            borders = (0..<units).map { $0 * unit }
        } else {
            for _ in 0..<(random >> 8 & 7) {
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                borders.append(Int(random >> 33) % (units + 1) * unit)
            }
            borders.sort()
        }
        borders.append(input.count)
        var ranges: [Range<Int>] = []
        var start = 0
        for border in borders {
            ranges.append(start..<border)
            start = border
        }
        self.ranges = ranges
    }

    /// FNV-1a with 64 bits over both ends and the length, its lower bits stirred.
    private static func hash(_ input: Span<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func take(_ number: UInt64) { hash = (hash ^ number) &* 0x100_0000_01b3 }
        for index in 0..<min(input.count, hashedBytes) { take(UInt64(input[index])) }
        for index in max(0, input.count - hashedBytes)..<input.count { take(UInt64(input[index])) }
        take(UInt64(input.count))
        return hash ^ hash >> 29
    }
}
