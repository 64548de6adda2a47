import Bench
import LoopIO

/// The command: hands the words of its command line to the sub-command that they name.
@main struct Main {
    static let usage = """
        tsbench measures servers of live MPEG-TS, tsrelay and others.

        usage: tsbench load OPTIONS       publish a stream, hold viewers, check every packet, bill the server
               tsbench limit OPTIONS      run the least server that does the job: what others are measured against
               tsbench compare OPTIONS    run servers in turn under the same load and print the ratios
               tsbench probe URL|FILE     say what a stream is made of
               tsbench COMMAND --help | --help

        Exit status: 0 done, 1 it could not be done, 2 a wrong command line.
        """

    static func main() {
        Machine.openStandardDescriptors()
        let words = Array(CommandLine.arguments.dropFirst())
        let rest = Array(words.dropFirst())
        switch words.first {
        case "load": exitProcessNow(LoadCommand.run(rest))
        case "limit": exitProcessNow(LimitCommand.run(rest))
        case "compare": exitProcessNow(CompareCommand.run(rest))
        case "probe": exitProcessNow(ProbeCommand.run(rest))
        case "-h", "--help":
            Console.output(usage)
            exitProcessNow(0)
        case .some(let word):
            Console.complain("tsbench: no command \"\(word)\"; see tsbench --help")
            exitProcessNow(2)
        case nil:
            Console.complain(usage)
            exitProcessNow(2)
        }
    }
}
