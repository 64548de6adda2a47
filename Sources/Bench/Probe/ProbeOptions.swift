/// What `tsbench probe` is to look at.
struct ProbeOptions: Equatable {
    enum Source: Equatable {
        case url(StreamURL)
        case file(String)
    }

    /// Nil: only the help is asked for.
    private(set) var source: Source?
    private(set) var seconds = 10.0
    private(set) var isJSON = false

    /// - Parameter words: without the program's name and the command.
    init(parsing words: [String]) throws(WrongUsage) {
        var options = OptionReader(words)
        while let item = try options.next() {
            switch item {
            case .option("--seconds"): seconds = try options.number(in: 0.1...86_400)
            case .option("--json"): isJSON = true
            case .option("-h"), .option("--help"):
                source = nil
                return
            case .option(let name): throw WrongUsage("unknown option \(name)")
            case .word(let word):
                guard source == nil else { throw WrongUsage("one stream at a time, not also \(word)") }
                source = word.contains("://") ? .url(try StreamURL(parsing: word)) : .file(word)
            }
        }
        guard source != nil else { throw WrongUsage("probe needs a URL or a file") }
    }
}
