/// How many letters apart two words are.
enum EditDistance {
    /// Words longer than this are not compared; the work grows with the square.
    static let wordBytesMax = 64

    /// The fewest insertions, deletions, changes and swaps of neighbours (optimal string alignment) that make one word
    /// of the other; ASCII letters are compared in any case.
    ///
    /// - Parameter most: distances beyond are not told apart.
    /// - Returns: nil where it is more than `most`.
    static func between(_ first: String, _ second: String, atMost most: Int = .max) -> Int? {
        between(letters(first), letters(second), atMost: most)
    }

    /// The word that was probably meant; nil when none is near.
    static func nearest(to word: String, among words: [String]) -> String? {
        guard word.utf8.count <= wordBytesMax else { return nil }
        let bytes = word.utf8.count
        var most = max(2, bytes / 3)
        var best: (word: String, distance: Int)?
        // Two words are as far apart at least as their lengths: most need no second look.
        for candidate in words where abs(min(candidate.utf8.count, wordBytesMax) - bytes) <= most {
            guard let distance = between(word, candidate, atMost: most) else { continue }
            best = (candidate, distance)
            guard distance > 0 else { break }
            most = distance - 1  // of two that are equally near the first is taken
        }
        guard let best, best.distance < best.word.utf8.count else { return nil }
        // Two letters of four are half the word: RTMP was not meant as HTTP, nor FTP as TCP.
        let isHalf = best.distance > 1 && bytes <= 4
        guard !isHalf || letters(word).first == letters(best.word).first else { return nil }
        return best.word
    }

    /// `; did you mean Port?`, or the valid words where none is near.
    static func suggestion(for word: String, among words: [String]) -> String {
        suggestion(nearest(to: word, among: words), among: words)
    }

    /// The same, where the nearest word is known.
    static func suggestion(_ nearest: String?, among words: [String]) -> String {
        if let nearest { return "; did you mean \(nearest)?" }
        return "; valid: " + words.joined(separator: ", ")
    }

    private static func between(_ first: [UInt8], _ second: [UInt8], atMost most: Int) -> Int? {
        // What they begin and end with alike changes nothing, and is the most of a variable's name.
        var (left, right) = (first[...], second[...])
        while let letter = left.first, letter == right.first {
            left = left.dropFirst()
            right = right.dropFirst()
        }
        while let letter = left.last, letter == right.last {
            left = left.dropLast()
            right = right.dropLast()
        }
        return between(Array(left), Array(right), most)
    }

    private static func between(_ left: [UInt8], _ right: [UInt8], _ most: Int) -> Int? {
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        var current = beforeLast
        var lastBest = 0
        for row in stride(from: 1, through: left.count, by: 1) {
            current[0] = row
            var rowBest = row
            for column in stride(from: 1, through: right.count, by: 1) {
                let change = left[row - 1] == right[column - 1] ? 0 : 1
                var best = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + change)
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    best = min(best, beforeLast[column - 2] + 1)
                }
                current[column] = best
                rowBest = min(rowBest, best)
            }
            // Each row is made of the two above it.
            guard rowBest <= most || lastBest <= most else { return nil }
            lastBest = rowBest
            swap(&beforeLast, &last)
            swap(&last, &current)
        }
        return last[right.count] <= most ? last[right.count] : nil
    }

    private static func letters(_ word: String) -> [UInt8] {
        word.utf8.prefix(wordBytesMax).map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }
    }
}
