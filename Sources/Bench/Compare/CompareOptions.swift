/// What `tsbench compare` is told.
package struct CompareOptions: Equatable {
    package var suite: BenchSuite?
    /// The case to run where no suite is named.
    package var single = BenchCase(.ws, viewers: 500, bitsPerSecond: 1_000_000)
    /// Nil: the tsrelay that lies beside this program.
    package var relayPath: String?
    package var withoutRelay = false
    package var policies: [LimitOptions.Policy] = []
    /// Servers by `--server`, with what `--publish` and `--watch` said of them.
    package var others: [Contender] = []
    package var base: String?
    package var rounds = 3
    package var seconds = 10.0
    package var warmupSeconds = 2.0
    package var loadThreads = 1
    package var loadSpins = true
    package var serverCores = [0]
    package var loadCores = [1]
    package var isJSON = false
    package var savePath: String?

    package init() {}

    /// - Parameter words: without the program's name and the command.
    /// - Returns: nil when only help is asked for.
    package init?(parsing words: [String]) throws(WrongUsage) {
        var options = OptionReader(words)
        var isSingle = false
        while let item = try options.next() {
            guard case .option(let name) = item else { throw WrongUsage("every word of compare is an option") }
            if name == "-h" || name == "--help" { return nil }
            if try takeCase(name, &options) {
                isSingle = true
                continue
            }
            if try takeServer(name, &options) { continue }
            try takeRun(name, &options)
        }
        guard suite == nil || !isSingle else {
            throw WrongUsage("--suite has cases of its own: no --tier, --viewers, --rate or --pictures")
        }
        if let base, !contenders(relayPath: "").contains(where: { $0.name == base }) {
            let names = contenders(relayPath: "").map(\.name).joined(separator: ", ")
            throw WrongUsage("--base \(base) is none of the servers: \(names)")
        }
        guard !contenders(relayPath: "").isEmpty else { throw WrongUsage("there is no server to run") }
    }

    private mutating func takeCase(_ name: String, _ options: inout OptionReader) throws(WrongUsage) -> Bool {
        switch name {
        case "--tier": single.tier = try options.word(of: BenchCase.Tier.self)
        case "--viewers": single.viewers = try options.integer(in: 1...100_000)
        case "--rate": single.bitsPerSecond = try options.bitRate()
        case "--pictures": single.pictures = try options.integer(in: 1...240)
        default: return false
        }
        return true
    }

    private mutating func takeServer(_ name: String, _ options: inout OptionReader) throws(WrongUsage) -> Bool {
        switch name {
        case "--tsrelay":
            relayPath = try options.text()
            withoutRelay = false
        case "--without-tsrelay": withoutRelay = true
        case "--limit":
            let policy = try options.word(of: LimitOptions.Policy.self)
            if !policies.contains(policy) { policies.append(policy) }
        case "--server":
            let (name, line) = try CompareOptions.pair(try options.text(), of: "--server")
            guard !contenders(relayPath: "").contains(where: { $0.name == name }) else {
                throw WrongUsage("two servers are called \(name)")
            }
            others.append(Contender(name: name, kind: .command(line)))
        case "--publish":
            let (name, url) = try CompareOptions.pair(try options.text(), of: "--publish")
            others[try other(name, "--publish")].publishURL = url
        case "--watch":
            let (name, url) = try CompareOptions.pair(try options.text(), of: "--watch")
            guard let tier = BenchCase.Tier.allCases.first(where: { url.hasPrefix($0.rawValue + "://") }) else {
                throw WrongUsage("--watch \(name) needs an address by ws://, tcp:// or http://, not \(url)")
            }
            others[try other(name, "--watch")].watchURLs[tier] = url
        case "--base": base = try options.text()
        default: return false
        }
        return true
    }

    private mutating func takeRun(_ name: String, _ options: inout OptionReader) throws(WrongUsage) {
        switch name {
        case "--suite": suite = try options.word(of: BenchSuite.self)
        case "--rounds": rounds = try options.integer(in: 1...100)
        case "--seconds": seconds = try options.number(in: 0.5...3600)
        case "--warmup": warmupSeconds = try options.number(in: 0...600)
        case "--load-threads": loadThreads = try options.integer(in: 1...64)
        case "--sleep": loadSpins = false
        case "--server-cores": serverCores = try options.cores()
        case "--load-cores": loadCores = try options.cores()
        case "--json": isJSON = true
        case "--save": savePath = try options.text()
        default: throw WrongUsage("unknown option \(name)")
        }
    }

    private func other(_ name: String, _ option: String) throws(WrongUsage) -> Int {
        guard let index = others.firstIndex(where: { $0.name == name }) else {
            throw WrongUsage("\(option) \(name): a --server of that name must stand before it")
        }
        return index
    }

    /// `name=text`.
    private static func pair(_ text: String, of option: String) throws(WrongUsage) -> (String, String) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw WrongUsage("\(option) needs NAME=TEXT, not \(text)")
        }
        let name = String(text[..<equals])
        let value = String(text[text.index(after: equals)...])
        guard !value.isEmpty, name.utf8.allSatisfy({ 0x21...0x7e ~= $0 && $0 != UInt8(ascii: "|") }) else {
            throw WrongUsage("\(option) needs NAME=TEXT, not \(text)")
        }
        return (name, value)
    }

    package var cases: [BenchCase] { suite?.cases ?? [single] }

    /// The servers in the order that they are told in; limits `picture` and `read` where none was named.
    package func contenders(relayPath: String) -> [Contender] {
        let limits = policies.isEmpty ? [LimitOptions.Policy.picture, .read] : policies
        return (withoutRelay ? [] : [Contender(name: "tsrelay", kind: .relay(path: relayPath))])
            + limits.map { Contender(name: "limit-" + $0.rawValue, kind: .limit($0)) } + others
    }

    /// What the others are divided by: the one that was named, else the first limit.
    package var baseName: String {
        base ?? "limit-" + (policies.first ?? .picture).rawValue
    }

    static let usage = """
        tsbench compare runs servers in turn under the same load, each started fresh for every run, and prints what each
        cost per GB that viewers got, how late packets came, and the ratios to one of them.

        usage: tsbench compare [--suite quick|bars] [OPTIONS]
               tsbench compare [--tier ws|tcp|http] [--viewers N] [--rate BITS] [--pictures FPS] [OPTIONS]

        What is compared:
          --tsrelay PATH         default: the tsrelay beside this program; --without-tsrelay leaves it out
          --limit POLICY         read, timer or picture; may be given again; default picture and read
          --server NAME=COMMAND  any other server; COMMAND goes to the shell, with {in}, {ws}, {tcp} and {http} replaced
                                 by free ports: of the publisher, and of viewers by each transport
          --publish NAME=URL     where it is published to, default tcp://127.0.0.1:{in}
          --watch NAME=URL       where it is watched, default ws://127.0.0.1:{ws}/ and so on for what COMMAND names
          --base NAME            what the others are divided by, default the first limit

        How:
          --suite quick|bars     ready cases; without: the one case of --tier (ws), --viewers (500), --rate (1M) and
                                 --pictures (none: steady)
          --rounds N             runs of each server, default 3; the order turns by one each round
          --seconds S            measured in each run, default 10; --warmup S before it, default 2
          --server-cores LIST    processors of the server, default 0; --load-cores LIST of the load, default 1
          --load-threads N       default 1
          --sleep                the load's readers sleep where nothing comes; without it they spin, so that no server
                                 pays for waking them

        What comes out:
          --json                 one JSON object on stdout in place of the table
          --save FILE            the JSON object to a file as well

        Tables are Markdown. Progress goes to stderr. Exit status: 0 done, 1 a run failed, 2 a wrong command line.
        """
}
