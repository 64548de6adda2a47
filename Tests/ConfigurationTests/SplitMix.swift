/// A seeded source of numbers, the same on every machine.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }

    /// 0 ..< limit.
    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

    /// One byte changed, taken out, put in, or a part doubled.
    mutating func mutated(_ bytes: [UInt8], letters: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let place = below(bytes.count + 1)
        switch below(4) {
        case 0: bytes.insert(letters[below(letters.count)], at: place)
        case 1: if place < bytes.count { bytes.remove(at: place) }
        case 2: if place < bytes.count { bytes[place] = letters[below(letters.count)] }
        default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 1 + below(8))], at: place)
        }
        return bytes
    }
}
