/// Random files in the form that every INI reader agrees on.
enum ValidINI {
    static func make(_ random: inout SplitMix) -> String {
        let end = random.below(4) == 0 ? "\r\n" : "\n"
        var lines: [String] = []
        for number in 0...random.below(4) {
            lines += filler(&random)
            lines.append(
                "[" + word(&random) + (number == 0 ? "" : ":\(number)") + "]" + pick(["", " ", " ; c"], &random))
            // inih takes an indented line behind a value as its continuation, so only the first may be.
            var indent = pick(["", " ", "\t"], &random)
            for _ in 0..<random.below(6) {
                lines.append(
                    indent + word(&random) + pick(["=", " =", "\t= ", " = "], &random) + value(&random)
                        + pick(["", " ", "\t", " ; c = d", "\t;[e]"], &random))
                indent = ""
                lines += filler(&random)
            }
        }
        return (random.below(5) == 0 ? "\u{feff}" : "") + lines.joined(separator: end)
            + (random.below(2) == 0 ? end : "")
    }

    private static func filler(_ random: inout SplitMix) -> [String] {
        switch random.below(5) {
        case 0: [""]
        case 1: ["# " + value(&random)]
        case 2: [" ; [x] y = z"]
        default: []
        }
    }

    private static func word(_ random: inout SplitMix) -> String {
        let letters = Array("abcXYZ019._-/")
        return String((0...random.below(8)).map { _ in letters[random.below(letters.count)] })
    }

    /// No quote in front and no `#`: inih keeps the one and passes over the other.
    private static func value(_ random: inout SplitMix) -> String {
        let letters = Array("ab XY,01.:/=-[]{}$%&?!'ö☃\\\t;")
        var text = ""
        for _ in 0..<random.below(30) {
            let next = letters[random.below(letters.count)]
            // A semicolon behind a blank is a comment to both; here it is part of the value.
            if next == ";", text.last.map({ $0 == " " || $0 == "\t" }) ?? true { continue }
            text.append(next)
        }
        return text
    }

    private static func pick(_ words: [String], _ random: inout SplitMix) -> String { words[random.below(words.count)] }
}
