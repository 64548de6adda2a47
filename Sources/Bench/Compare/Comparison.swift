import LoopIO

/// Runs every server of every case in turn, and keeps what they brought.
final class Comparison {
    /// Somebody asked this program to end.
    struct Stopped: Error {}

    private let options: CompareOptions
    private let loop: EventLoop
    /// This program, which is also the load and the limit.
    private let program: String
    private let contenders: [Contender]
    private var report: CompareReport
    private var isStopping = false
    private var runsDone = 0

    init(_ options: CompareOptions, command: String, program: String, relayPath: String, loop: EventLoop) {
        self.options = options
        self.loop = loop
        self.program = program
        contenders = options.contenders(relayPath: relayPath)
        report = CompareReport(machine: .now(), command: command, base: options.baseName)
    }

    /// Makes the running load and server end; `run` throws then.
    func stop() { isStopping = true }

    func run() throws(Stopped) -> CompareReport {
        for benchCase in options.cases { report.sections.append(try section(benchCase)) }
        return report
    }

    private var runsInAll: Int {
        options.cases.reduce(0) { sum, benchCase in
            sum + (benchCase.rounds ?? options.rounds) * contenders.count { $0.watchURLs[benchCase.tier] != nil }
        }
    }

    private func section(_ benchCase: BenchCase) throws(Stopped) -> CompareReport.Section {
        let serving = contenders.filter { $0.watchURLs[benchCase.tier] != nil }
        var section = CompareReport.Section(
            benchCase: benchCase, entries: serving.map { CompareReport.Entry(server: $0.name) })
        for turn in RunOrder(servers: serving.count, rounds: benchCase.rounds ?? options.rounds) {
            let outcome: String
            do throws(ServerRun.Failure) {
                let figures = try measure(serving[turn.server], benchCase)
                section.entries[turn.server].runs.append(figures)
                outcome =
                    "\(Decimals.grouped(figures.cpuMsPerGB)) ms/GB, p99 \(Decimals.text(figures.delayP99Ms, 2)) ms, "
                    + "\(Decimals.grouped(figures.packetsBad)) lost" + (figures.loadWasBusy ? ", load busy" : "")
            } catch {
                if !isStopping { section.entries[turn.server].failures.append(error.description) }
                outcome = "failed: \(error)"
            }
            guard !isStopping else { throw Stopped() }
            runsDone += 1
            Console.complain(
                "\(runsDone) of \(runsInAll): \(benchCase.name): \(serving[turn.server].name): \(outcome)")
        }
        return section
    }

    /// One run: the server on its processors, the load on its own.
    private func measure(_ contender: Contender, _ benchCase: BenchCase) throws(ServerRun.Failure) -> RunFigures {
        let server = try ServerRun(
            contender, tier: benchCase.tier, loop: loop, program: program, cores: options.serverCores)
        defer { server.end() }
        try server.waitUntilReady()
        let before = (atUs: monotonicUs(), waitedNs: server.waitedNs)
        let load: SpawnedProcess
        do throws(IOError) {
            try ThreadClock.pin(to: options.loadCores)
            load = try SpawnedProcess(loop: loop, words: loadWords(server, benchCase), errors: .kept)
        } catch {
            throw ServerRun.Failure(description: "the load cannot be started: \(error)")
        }
        defer { load.end(withinMs: 3000) }
        let timeoutMs = Int64((options.warmupSeconds + options.seconds) * 1000) + 60_000 + Int64(benchCase.viewers) * 10
        let isOver = loop.run(until: { load.isOver || isStopping || server.ended != nil }, timeoutMs: timeoutMs)
        guard !isStopping else { throw ServerRun.Failure(description: "stopped") }
        if let ended = server.ended { throw ServerRun.Failure(description: ended) }
        guard isOver else { throw ServerRun.Failure(description: "the load did not end in \(timeoutMs / 1000) s") }
        let wall = Double(monotonicUs() - before.atUs) * 1000
        let waited = server.waitedNs
        let line = load.output.last { $0.hasPrefix("{") }
        guard let line, let json = try? JSON(parsing: line), var figures = RunFigures(report: json) else {
            throw ServerRun.Failure(
                description: "the load brought no figures: " + (load.errors.suffix(5).joined(separator: " / ")))
        }
        // A thread that ended meanwhile took its share with it.
        figures.serverWaitShare = waited > before.waitedNs ? Double(waited - before.waitedNs) / max(wall, 1) : 0
        return figures
    }

    private func loadWords(_ server: ServerRun, _ benchCase: BenchCase) -> [String] {
        var words = [
            program, "load", "--publish", server.publishURL, "--watch", server.watchURL,
            "--viewers", String(benchCase.viewers), "--rate", String(benchCase.bitsPerSecond),
            "--warmup", Decimals.text(options.warmupSeconds, atMost: 3),
            "--seconds", Decimals.text(options.seconds, atMost: 3), "--threads", String(options.loadThreads),
            "--pid", String(server.pid), "--json", "--quiet",
        ]
        if let pictures = benchCase.pictures { words += ["--pictures", String(pictures)] }
        if options.loadSpins { words.append("--spin") }
        return words
    }
}
