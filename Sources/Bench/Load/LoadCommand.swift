/// `tsbench load`.
package enum LoadCommand {
    static let usage = "usage: tsbench load"

    /// - Parameter words: without the program's name and the command.
    /// - Returns: the exit status.
    package static func run(_ words: [String]) -> Int32 {
        if words.contains("--help") || words.contains("-h") {
            Console.output(usage)
            return 0
        }
        Console.complain("tsbench load: this version cannot do it")
        return 1
    }
}
