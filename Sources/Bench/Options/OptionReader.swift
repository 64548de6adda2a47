/// Reads long options one after another, each value as what it is meant to be.
///
/// ```swift
/// var options = OptionReader(words)
/// while let item = try options.next() {
///     switch item {
///     case .option("--viewers"): viewers = try options.integer(in: 1...100_000)
///     case .option("--rate"): rate = try options.bitRate()
///     case .option("--json"): isJSON = true
///     case .option("-h"), .option("--help"): return .help
///     case .option(let name): throw WrongUsage("unknown option \(name)")
///     case .word(let word): files.append(word)
///     }
/// }
/// ```
///
/// `--name value` and `--name=value` are the same; a value for an option that takes none is an error of the next
/// `next()`. Behind `--` everything is a word.
package struct OptionReader {
    package enum Item: Equatable {
        case option(String)
        case word(String)
    }

    private var rest: ArraySlice<String>
    private var name = ""
    private var attached: String?
    private var onlyWords = false

    /// - Parameter words: without the program's name and the command.
    package init(_ words: [String]) {
        rest = words[...]
    }

    /// The next option or word; nil at the end.
    package mutating func next() throws(WrongUsage) -> Item? {
        guard attached == nil else { throw WrongUsage("\(name) takes no value") }
        guard let word = rest.popFirst() else { return nil }
        guard !onlyWords, word.hasPrefix("-"), word != "-" else { return .word(word) }
        if word == "--" {
            onlyWords = true
            return try next()
        }
        name = word
        if word.hasPrefix("--"), let equals = word.firstIndex(of: "=") {
            name = String(word[..<equals])
            attached = String(word[word.index(after: equals)...])
        }
        return .option(name)
    }

    /// The value of the option that came last; any text but none.
    package mutating func text() throws(WrongUsage) -> String {
        let value = attached ?? rest.popFirst()
        attached = nil
        guard let value, !value.isEmpty else { throw WrongUsage("\(name) needs a value") }
        return value
    }

    package mutating func integer(in range: ClosedRange<Int>) throws(WrongUsage) -> Int {
        let text = try text()
        guard let value = Int(text), range.contains(value) else {
            throw WrongUsage(
                "\(name) needs a whole number from \(range.lowerBound) to \(range.upperBound), not \(text)")
        }
        return value
    }

    /// Seconds or anything else that need not be whole.
    package mutating func number(in range: ClosedRange<Double>) throws(WrongUsage) -> Double {
        let text = try text()
        guard let value = Double(text), range.contains(value) else {
            throw WrongUsage("\(name) needs a number from \(range.lowerBound) to \(range.upperBound), not \(text)")
        }
        return value
    }

    /// Bits per second, 1,000 ... 10^10: `450K`, `1M`, `2.5M`, `1000000`; K is 1,000.
    package mutating func bitRate() throws(WrongUsage) -> Int {
        let text = try text()
        var digits = text[...]
        var factor = 1.0
        switch digits.last {
        case "K", "k": factor = 1e3
        case "M", "m": factor = 1e6
        case "G", "g": factor = 1e9
        default: break
        }
        if factor > 1 { digits.removeLast() }
        guard let value = Double(digits), (1e3...1e10).contains(value * factor) else {
            throw WrongUsage("\(name) needs bits per second as 450K, 1M or 2.5M, not \(text)")
        }
        return Int((value * factor).rounded())
    }

    /// Processors by number: `0`, `0,1` or `0-3`, each below 1,024, ascending and each once.
    package mutating func cores() throws(WrongUsage) -> [Int] {
        let text = try text()
        var cores: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last,
                first >= 0, last < 1024
            else { throw WrongUsage("\(name) needs processors as 0, 0,1 or 0-3, not \(text)") }
            cores.formUnion(first...last)
        }
        return cores.sorted()
    }

    package mutating func port() throws(WrongUsage) -> UInt16 {
        UInt16(try integer(in: 0...65_535))
    }

    /// One of the words that the type has.
    package mutating func word<Choice: RawRepresentable & CaseIterable>(
        of type: Choice.Type
    ) throws(WrongUsage) -> Choice where Choice.RawValue == String {
        let text = try text()
        guard let choice = Choice(rawValue: text) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw WrongUsage("\(name) needs one of \(choices), not \(text)")
        }
        return choice
    }
}
