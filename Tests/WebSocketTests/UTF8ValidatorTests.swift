import TestSupport
import Testing
import WebSocket

@Suite struct UTF8ValidatorTests {
    /// - Returns: how many bytes could begin a valid text, and whether all of them are one.
    private func check(_ bytes: [UInt8]) -> (accepted: Int, isWhole: Bool) {
        var validator = UTF8Validator()
        for (index, byte) in bytes.enumerated() where !validator.push(byte) { return (index, false) }
        return (bytes.count, validator.isComplete)
    }

    @Test func `every code point passes`() {
        for value in UInt32(0)...0x10ffff {
            guard let scalar = Unicode.Scalar(value) else { continue }
            var validator = UTF8Validator()
            let passes = UTF8.encode(scalar)?.allSatisfy { validator.push($0) } ?? false
            if !passes || !validator.isComplete { Issue.record("U+\(String(value, radix: 16))") }
        }
    }

    @Test(
        arguments: [
            ([0x80], 0), ([0xbf], 0), ([0xc0], 0), ([0xc1], 0), ([0xf5], 0), ([0xff], 0), ([0xfe], 0),
            ([0xc2, 0x00], 1),
            ([0xc2, 0xc2], 1), ([0xe0, 0x9f], 1), ([0xed, 0xa0], 1), ([0xef, 0xbf, 0xc0], 2), ([0xf0, 0x8f], 1),
            ([0xf4, 0x90], 1), ([0xf1, 0x80, 0x80, 0x7f], 3), ([0x61, 0xe2, 0x28], 2), ([0xf0, 0x90, 0x41], 2),
        ] as [([UInt8], Int)])
    func `it is refused at the first byte that cannot be`(bytes: [UInt8], accepted: Int) {
        let outcome = check(bytes)
        #expect(outcome.accepted == accepted)
        #expect(!outcome.isWhole)
    }

    @Test(arguments: [[0xc2], [0xe2], [0xe2, 0x82], [0xf0], [0xf0, 0x9f], [0xf0, 0x9f, 0x98]] as [[UInt8]])
    func `a text that is cut is not whole`(bytes: [UInt8]) {
        let outcome = check(bytes)
        #expect(outcome.accepted == bytes.count)
        #expect(!outcome.isWhole)
    }

    @Test func `every pair of bytes is judged as the standard library judges it`() {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let bytes = [first, second]
                if check(bytes).isWhole != (String(validating: bytes, as: UTF8.self) != nil) {
                    Issue.record("\(bytes)")
                }
            }
        }
    }

    @Test func `broken texts are judged as the standard library judges them`() {
        let corpus = ["aé你😀", "\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}", "plain"].map { Array($0.utf8) }
        var mutator = ByteMutator(
            seed: 0x3629, corpus: corpus, dictionary: [[0xed, 0xa0], [0xf4, 0x90], [0xc0, 0x80]])
        for _ in 0..<20_000 {
            let bytes = mutator.next()
            if check(bytes).isWhole != (String(validating: bytes, as: UTF8.self) != nil) { Issue.record("\(bytes)") }
        }
    }
}
