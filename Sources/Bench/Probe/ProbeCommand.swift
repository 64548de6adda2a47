import LoopIO
import TransportStream

/// `tsbench probe`: says what a stream is made of.
package enum ProbeCommand {
    static let usage = """
        tsbench probe says what a stream is made of: rate, programs, codecs, pictures and GOPs, clock, errors, each PID.

        usage: tsbench probe URL|FILE [--seconds SECONDS] [--json]

          URL                 tcp://HOST:PORT, http://HOST:PORT/PATH, ws://HOST:PORT/PATH to read from;
                              udp://ADDRESS:PORT to listen on, also a multicast group
          FILE                of packets of 188, 192 or 204 bytes; read to its end
          --seconds SECONDS   how long a URL is read (10)
          --json              one JSON object on stdout

        Jitter of the clock is how far its references arrive from their own times; pictures sent as bursts show in it.
        Exit status: 0 a stream was read, 1 none was, 2 a wrong command line.
        """

    /// - Parameter words: without the program's name and the command.
    /// - Returns: the exit status.
    package static func run(_ words: [String]) -> Int32 {
        let options: ProbeOptions
        do throws(WrongUsage) {
            options = try ProbeOptions(parsing: words)
        } catch {
            Console.complain("tsbench probe: \(error); see tsbench probe --help")
            return 2
        }
        guard let source = options.source else {
            Console.output(usage)
            return 0
        }
        do throws(IOError) {
            return tell(try report(source, options), options)
        } catch {
            Console.complain("tsbench probe: \(error)")
            return 1
        }
    }

    private static func report(_ source: ProbeOptions.Source, _ options: ProbeOptions) throws(IOError) -> ProbeReport {
        switch source {
        case .url(let url): try ProbeReader.read(url, seconds: options.seconds)
        case .file(let path): try report(file: path)
        }
    }

    static func report(file path: String) throws(IOError) -> ProbeReport {
        var aligner = PacketAligner()
        var analysis = ProbeAnalysis()
        try readFileInParts(path) { part in
            aligner.align(part) { analysis.take($0, nowUs: nil) }
            return true
        }
        var report = ProbeReport(name: path, analysis: analysis)
        report.bytesSkipped = aligner.bytesSkipped
        report.syncLosses = aligner.syncLosses
        return report
    }

    private static func tell(_ report: ProbeReport, _ options: ProbeOptions) -> Int32 {
        guard report.hasStream else {
            Console.complain("tsbench probe: no transport stream: \(report.ending ?? "no packets in \(report.name)")")
            return 1
        }
        if options.isJSON {
            Console.output(report.json.text)
        } else {
            for line in report.table { Console.output(line) }
        }
        return 0
    }
}
