/// Makes broken inputs out of good ones, the same on every run: bits flipped, bytes changed, parts cut, doubled, moved
/// between inputs, and words of a dictionary put in.
package struct ByteMutator: Sendable {
    private let corpus: [[UInt8]]
    private let dictionary: [[UInt8]]
    private var random: SeededRandom

    /// - Parameters:
    ///   - corpus: good inputs; at least one.
    ///   - dictionary: byte strings that the parser under test knows; may be empty.
    package init(seed: UInt64, corpus: [[UInt8]], dictionary: [[UInt8]] = []) {
        precondition(!corpus.isEmpty, "nothing to mutate")
        self.corpus = corpus
        self.dictionary = dictionary
        random = SeededRandom(seed: seed)
    }

    /// One of the corpus with none to four changes.
    package mutating func next() -> [UInt8] {
        var bytes = pick(corpus)
        for _ in 0..<Int.random(in: 0...4, using: &random) { change(&bytes) }
        return bytes
    }

    /// The bytes in one to eight pieces, some of which may be empty.
    package mutating func cut(_ bytes: [UInt8]) -> [[UInt8]] {
        let borders = (0..<Int.random(in: 0...7, using: &random)).map { _ in place(in: bytes) }.sorted()
        var pieces: [[UInt8]] = []
        var start = 0
        for border in borders + [bytes.count] {
            pieces.append(Array(bytes[start..<border]))
            start = border
        }
        return pieces
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let from = place(in: bytes)
        let to = min(bytes.count, from + Int.random(in: 1...8, using: &random))
        switch Int.random(in: 0..<9, using: &random) {
        case 0 where from < bytes.count: bytes[from] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1 where from < bytes.count: bytes[from] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.removeSubrange(from..<to)
        case 3: bytes.insert(contentsOf: bytes[from..<to], at: place(in: bytes))
        case 4: bytes.removeSubrange(from...)
        case 5: bytes.insert(UInt8.random(in: 0...255, using: &random), at: from)
        case 6:
            let other = pick(corpus)
            bytes = Array(bytes[..<from]) + other[place(in: other)...]
        case 7 where !dictionary.isEmpty: bytes.insert(contentsOf: pick(dictionary), at: from)
        case 8 where !dictionary.isEmpty: bytes.replaceSubrange(from..<to, with: pick(dictionary))
        default: break
        }
    }

    private mutating func place(in bytes: [UInt8]) -> Int { Int.random(in: 0...bytes.count, using: &random) }

    private mutating func pick(_ choices: [[UInt8]]) -> [UInt8] {
        choices[Int.random(in: 0..<choices.count, using: &random)]
    }
}
