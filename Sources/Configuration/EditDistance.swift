/// How many letters apart two words are.
enum EditDistance {
    /// Words longer than this are not compared; the work grows with the square.
    static let wordBytesMax = 64

    /// The fewest insertions, deletions, changes and swaps of neighbours (optimal string alignment) that make one word
    /// of the other; letters are compared in any case.
    static func between(_ first: String, _ second: String) -> Int {
        let left = Array(first.lowercased().utf8.prefix(wordBytesMax))
        let right = Array(second.lowercased().utf8.prefix(wordBytesMax))
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for row in 1...left.count {
            var current = [row] + [Int](repeating: 0, count: right.count)
            for column in 1...right.count {
                let change = left[row - 1] == right[column - 1] ? 0 : 1
                var best = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + change)
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    best = min(best, beforeLast[column - 2] + 1)
                }
                current[column] = best
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }

    /// The word that was probably meant; nil when none is near.
    static func nearest(to word: String, among words: [String]) -> String? {
        guard word.utf8.count <= wordBytesMax else { return nil }
        let best = words.map { (word: $0, distance: between(word, $0)) }.min { $0.distance < $1.distance }
        guard let best, best.distance <= max(2, word.utf8.count / 3), best.distance < best.word.utf8.count else {
            return nil
        }
        // Two letters of four are half the word: RTMP was not meant as HTTP, nor FTP as TCP.
        let isHalf = best.distance > 1 && word.utf8.count <= 4
        guard !isHalf || word.lowercased().first == best.word.lowercased().first else { return nil }
        return best.word
    }

    /// `; did you mean Port?`, or the valid words where none is near.
    static func suggestion(for word: String, among words: [String]) -> String {
        if let nearest = nearest(to: word, among: words) { return "; did you mean \(nearest)?" }
        return "; valid: " + words.joined(separator: ", ")
    }
}
