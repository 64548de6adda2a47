import LoopIO

/// `tsbench load`: publishes a stream that describes itself, holds viewers, checks every packet, and bills the server.
package enum LoadCommand {
    static let usage = """
        tsbench load publishes a stream, holds viewers, checks every packet of each, and bills the server.

        usage: tsbench load [--publish URL] [--watch URL] OPTIONS

          --publish URL       tcp://HOST:PORT, udp://HOST:PORT or http://HOST:PORT/PATH; without, or "none": nobody
          --watch URL         ws://HOST:PORT/PATH, tcp://HOST:PORT or http://HOST:PORT/PATH
          --viewers N         how many watch (100)
          --rate BITS         of the whole stream, as 450K, 1M, 10M (1M)
          --pictures FPS      one burst a picture, as ffmpeg sends by TCP; without: every packet at its own time
          --gop PICTURES      from one random access point to the next (a second's worth)
          --slow N            of the viewers, those that read at 0.7 of the rate
          --stalled N         of the viewers, those that never read (also --deaf)
          --churn N           so many leave and come each second while it is measured
          --connects N        dials a second before it is measured (1000)
          --storm N           so many more dial within one second as soon as it is measured: how soon each is answered and
                              sees a picture, and the longest gap between packets of those who watched before
          --publisher-change S  the publisher connects anew every S seconds

          --warmup SECONDS    from when every viewer has its first packet (2)
          --seconds SECONDS   measured (10)
          --drain SECONDS     how long the last packets may take behind the end, and the storm's last pictures (2)
          --threads N         loops of this tool (1)
          --cores LIST        pins them: 1 or 0,1
          --sources N         viewers dial from 127.0.0.1 ... 127.0.0.N (as many as they need)
          --spin              never sleep, so that the server's writes do not pay for waking us
          --pid PID           the server to bill, on this machine (also --bill)
          --json              one JSON object on stdout, and nothing else
          --quiet             no progress on stderr

        A packet is lost when it is missing between the first and the last one of a viewer that is neither slow nor
        stalled, or still behind its last one when --drain is over. Delay: from the publisher's write to the viewer's read.
        Connect: from the dial to the end of the answer's head, by tcp to the first byte. With --threads 2 and more the
        last thread has the storm to itself, so that dialling does not delay the clocks of those who watch.
        Where nobody publishes, it is clean that every viewer stays.
        Exit status: 0 nothing was lost, 1 something was or it could not be run (no JSON then), 2 a wrong command line.
        """

    /// - Parameter words: without the program's name and the command.
    /// - Returns: the exit status.
    package static func run(_ words: [String]) -> Int32 {
        let options: LoadOptions
        do throws(WrongUsage) {
            options = try LoadOptions(parsing: words)
        } catch {
            Console.complain("tsbench load: \(error); see tsbench load --help")
            return 2
        }
        if options.isHelp {
            Console.output(usage)
            return 0
        }
        do throws(IOError) {
            return tell(try LoadRun.run(options))
        } catch {
            Console.complain("tsbench load: \(error)")
            return 1
        }
    }

    private static func tell(_ report: LoadReport) -> Int32 {
        if let reason = report.cannotBeTold {
            Console.complain("tsbench load: \(reason)")
            return 1
        }
        if report.options.isJSON {
            Console.output(report.json.text)
            for warning in report.warnings { Console.complain("tsbench load: " + warning) }
        } else {
            for line in report.table { Console.output(line) }
        }
        return report.isClean ? 0 : 1
    }
}
