import Configuration

/// What the command line asks for.
enum Arguments: Equatable {
    /// `tsrelay [--config] node.ini`; nil: the built-in configuration.
    case run(file: String?)
    /// `tsrelay check [...] FILE...`, `tsrelay -t -c FILE`.
    case check(CheckOptions)
    /// `tsrelay init --role ROLE [...]`; the output is nil for stdout.
    case start(StarterFile, output: String?)
    case help
    case version

    struct CheckOptions: Equatable {
        var files: [String] = []
        /// Warnings fail too.
        var isStrict = false
        /// The report as JSON instead of text.
        var isJSON = false
        /// Where the tree is drawn to.
        var picture: String?
    }

    /// Why a command line cannot be understood; the description is what the operator reads.
    struct Wrong: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// - Parameter words: without the program's name.
    init(parsing words: [String]) throws(Wrong) {
        switch words.first {
        case "check":
            self = try Arguments.check(words.dropFirst())
            return
        case "init":
            self = try StarterArguments.parse(words.dropFirst())
            return
        default: break
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
            self = .check(CheckOptions(files: [file], isStrict: isStrict))
        } else if isStrict {
            throw Wrong(description: "--strict goes with check")
        } else {
            self = .run(file: file)
        }
    }

    private static func check(_ words: ArraySlice<String>) throws(Wrong) -> Arguments {
        var options = CheckOptions()
        var rest = words
        while let word = rest.popFirst() {
            switch word {
            case "-h", "--help": return .help
            case "--strict": options.isStrict = true
            case "--json": options.isJSON = true
            case _ where word == "--svg" || word.hasPrefix("--svg="):
                let value = word == "--svg" ? rest.popFirst() : String(word.dropFirst("--svg=".count))
                guard let value, !value.isEmpty else { throw Wrong(description: "--svg needs the file to write") }
                // What reads like a configuration must not be written over for want of a word.
                guard !value.lowercased().hasSuffix(".ini") else {
                    throw Wrong(description: "--svg needs the file to write first, and \(value) is a configuration")
                }
                options.picture = value
            case _ where word.hasPrefix("-"): throw Wrong(description: "unknown option \(word) of check")
            default: options.files.append(word)
            }
        }
        guard !options.files.isEmpty else { throw Wrong(description: "check needs at least one file") }
        return .check(options)
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
               tsrelay check [--strict] [--json] [--svg PICTURE] FILE...
                                               find every fault in these files, say what the nodes will do, and draw the
                                               tree of several; --strict: warnings fail too; --json: for programs
               tsrelay -t -c FILE              the same for one file
               tsrelay init --role origin|middle|edge [--parent ADDRESS,...] [--children HOST[:PORT],...]
                            [--name NAME] [--port PORT] [--viewers PORT] [--output FILE]
                                               write a configuration with comments to begin with
               tsrelay --help | --version

        Every key can also come from the environment, as TSRELAY_<SECTION>_<KEY>.
        Signals: TERM and INT stop the node, USR1 opens the log's file again.
        Exit status: 0 done, 1 a wrong configuration or a port that cannot be opened, 2 a wrong command line.
        """
}
