/// What the command line asks for.
enum Arguments: Equatable {
    /// `tsrelay [--config] node.ini`; nil: the built-in configuration.
    case run(file: String?)
    /// `tsrelay check [--strict] FILE...`, `tsrelay -t -c FILE`.
    case check(files: [String], isStrict: Bool)
    case help
    case version

    /// Why a command line cannot be understood; the description is what the operator reads.
    struct Wrong: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// - Parameter words: without the program's name.
    init(parsing words: [String]) throws(Wrong) {
        if words.first == "check" {
            self = try Arguments.check(Array(words.dropFirst()))
            return
        }
        var file: String?
        var isTest = false
        var isStrict = false
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "-h", "--help":
                self = .help
                return
            case "-V", "-v", "--version":
                self = .version
                return
            case "-t", "--test": isTest = true
            case "--strict": isStrict = true
            case "-c", "--config":
                guard let value = rest.popFirst() else { throw Wrong(description: "\(word) needs a file") }
                try Arguments.set(&file, value)
            case _ where word.hasPrefix("--config="):
                try Arguments.set(&file, String(word.dropFirst("--config=".count)))
            case _ where word.hasPrefix("-") && word != "-":
                throw Wrong(description: "unknown option \(word)")
            default: try Arguments.set(&file, word)
            }
        }
        if isTest {
            guard let file else { throw Wrong(description: "-t needs -c FILE") }
            self = .check(files: [file], isStrict: isStrict)
        } else if isStrict {
            throw Wrong(description: "--strict goes with check")
        } else {
            self = .run(file: file)
        }
    }

    private static func check(_ words: [String]) throws(Wrong) -> Arguments {
        var files: [String] = []
        var isStrict = false
        for word in words {
            switch word {
            case "-h", "--help": return .help
            case "--strict": isStrict = true
            case _ where word.hasPrefix("-"): throw Wrong(description: "unknown option \(word) of check")
            default: files.append(word)
            }
        }
        guard !files.isEmpty else { throw Wrong(description: "check needs at least one file") }
        return .check(files: files, isStrict: isStrict)
    }

    private static func set(_ file: inout String?, _ value: String) throws(Wrong) {
        guard file == nil else {
            throw Wrong(description: "one configuration file, not \"\(file ?? "")\" and \"\(value)\"")
        }
        guard !value.isEmpty else { throw Wrong(description: "the name of the configuration file is empty") }
        file = value
    }

    static let usage = """
        tsrelay takes live MPEG-TS over TCP, UDP or HTTP and fans it out to viewers and to other nodes.

        usage: tsrelay [--config] node.ini     run a node (-c for short)
               tsrelay                         run with TCP in on 127.0.0.1:50001 and the player on 127.0.0.1:56001
               tsrelay check [--strict] FILE...
                                               find every fault in these files, and say what the nodes will do
               tsrelay -t -c FILE              the same for one file
               tsrelay --help | --version

        Every key can also come from the environment, as TSRELAY_<SECTION>_<KEY>.
        Exit status: 0 done, 1 a wrong configuration or a port that cannot be opened, 2 a wrong command line.
        """
}
