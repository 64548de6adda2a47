import Testing

@testable import Configuration

/// inih has a history of its own, so it does not share our mistakes.
@Suite struct InihOracleTests {
    @Test func `inih reads the same from valid files`() throws {
        var random = SplitMix(seed: 7)
        for _ in 0..<2_000 {
            let text = ValidINI.make(&random)
            let document = INIDocument(parsing: text)
            #expect(document.errors.isEmpty, "\(text)")
            let mine = document.sections.flatMap { section in
                section.entries.map { InihReader.Entry(section: section.name, key: $0.key, value: $0.value) }
            }
            let other = try #require(InihReader.read(text), "\(text)")
            #expect(mine == other, "\(text)")
        }
    }

    @Test func `inih finds the first bad line where both forbid it`() {
        for bad in ["what", "[s", "\"x\""] {
            for line in 1...5 {
                var lines = ["[a]", "k = 1", "# c", "l = 2", "m = 3"]
                lines.insert(bad, at: line - 1)
                let text = lines.joined(separator: "\n")
                #expect(INIDocument(parsing: text).errors.first?.line == line)
                #expect(InihReader.firstError(text) == line)
            }
        }
    }

    @Test func `mutated lines never trap and inih agrees on the plain ones`() {
        var random = SplitMix(seed: 99)
        let seeds = ["[section] ; c", "key = value ; c", "k=\"a b\", c", "  # comment", "a = b = c"]
        let letters = Array("[]=;abc, x".utf8)
        for _ in 0..<20_000 {
            var bytes = Array(seeds[random.below(seeds.count)].utf8)
            for _ in 0...random.below(4) { bytes = random.mutated(bytes, letters: letters) }
            let line = try? INILine(parsing: bytes[...])
            // Where quotes, `#` and blanks around a section's name play no part, both read the same.
            guard !bytes.contains(UInt8(ascii: "\"")), !bytes.contains(UInt8(ascii: "#")), let line,
                case .entry(let key, let value) = line
            else { continue }
            let text = "[s]\n" + String(decoding: bytes, as: UTF8.self)
            #expect(InihReader.read(text) == [InihReader.Entry(section: "s", key: key, value: value)], "\(text)")
        }
    }
}
