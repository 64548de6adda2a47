/// `tsbench limit`.
package enum LimitCommand {
    static let usage = "usage: tsbench limit"

    /// - Parameter words: without the program's name and the command.
    /// - Returns: the exit status.
    package static func run(_ words: [String]) -> Int32 {
        if words.contains("--help") || words.contains("-h") {
            Console.output(usage)
            return 0
        }
        Console.complain("tsbench limit: this version cannot do it")
        return 1
    }
}
