import Configuration
import Glibc
import LoopIO
import Node
import Telemetry

/// The command: reads its arguments, checks the configuration, and runs the node until it is told to stop.
///
/// What people are to read goes to stdout (start-up lines, the report of `check`) or to stderr (why it did not start);
/// log lines go where `[log]` says.
@main struct Main {
    /// A configuration file larger than this is something else.
    static let fileBytesMax = 1 << 20

    static func main() {
        Machine.openStandardDescriptors()
        switch arguments() {
        case .help:
            output(Arguments.usage)
            exitProcessNow(0)
        case .version:
            output("tsrelay " + Version.text)
            exitProcessNow(0)
        case .check(let options): check(options)
        case .start(let file, let output): start(file, output)
        case .run(let file): run(file)
        }
    }

    private static func arguments() -> Arguments {
        do throws(Arguments.Wrong) {
            return try Arguments(parsing: Array(CommandLine.arguments.dropFirst()))
        } catch {
            complain("tsrelay: \(error); see tsrelay --help")
            exitProcessNow(2)
        }
    }

    // MARK: check

    private static func check(_ options: Arguments.CheckOptions) -> Never {
        let files = options.files.map { name in
            do throws(IOError) {
                return CheckReport.File(name: name, text: try text(of: name))
            } catch {
                return CheckReport.File(name: name, text: "", unreadable: FileTrouble.text(error))
            }
        }
        let report = CheckReport(files: files, environment: environment(), memory: RelayNode.memoryLines)
        var exitCode = report.exitCode(isStrict: options.isStrict)
        if let picture = options.picture, !draw(report, to: picture) { exitCode = 1 }
        if options.isJSON {
            output(CheckDocument.text(of: report, exitCode: exitCode))
        } else {
            for diagnostic in report.diagnostics { output(diagnostic.description) }
            for line in report.explanation { output(line) }
        }
        exitProcessNow(exitCode)
    }

    private static func draw(_ report: CheckReport, to name: String) -> Bool {
        guard report.count(.error) == 0 else {
            complain("tsrelay: \(name) is not drawn: the files have errors")
            return false
        }
        return store(report.picture, in: name, replaces: true)
    }

    private static func store(_ text: String, in name: String, replaces: Bool) -> Bool {
        do throws(IOError) {
            try writeFile(name, text, replaces: replaces)
            return true
        } catch {
            complain("tsrelay: \(name): \(error)")
            return false
        }
    }

    private static func text(of name: String) throws(IOError) -> String {
        String(decoding: try readFile(name, bytesMax: fileBytesMax), as: UTF8.self)
    }

    // MARK: init

    private static func start(_ file: StarterFile, _ name: String?) -> Never {
        let text = file.text
        // What fits the options may still not fit together, such as a child given twice.
        for diagnostic in ConfigurationFile.load(text: text, fileName: "", environment: [:]).diagnostics {
            complain("tsrelay: \(diagnostic.message)")
            if diagnostic.severity == .error { exitProcessNow(2) }
        }
        guard let name else {
            print(text, terminator: "")
            _ = fflush(nil)  // a closed stdout gets nothing
            exitProcessNow(0)
        }
        exitProcessNow(store(text, in: name, replaces: false) ? 0 : 1)
    }

    // MARK: run

    private static func run(_ name: String?) -> Never {
        let (configuration, warnings) = configuration(of: name)
        let log = configuration.log
        let form: LogLine.Form = log.format == .json ? .json : .text
        let writer = writer(log, form)
        let logger = Logger(
            level: LogLevel(log.level), form: form, clock: { wallClockMs() }, sink: { writer.write($0) })
        // Who reads JSON from stderr can read nothing else there.
        let isJSONOnly = form == .json && log.file == nil
        for warning in warnings {
            guard isJSONOnly else {
                complain(warning.description)
                continue
            }
            logger.warn(
                "configuration.doubt",
                ["file": warning.file, "line": String(warning.line), "why": warning.message])
        }
        Machine.raiseDescriptorLimit()
        do {
            let loop = try EventLoop()
            let node = try RelayNode(
                configuration: configuration, file: name ?? "built-in", loop: loop, logger: logger,
                onStopped: { loop.stop() })
            let watcher = try SignalWatcher(loop: loop) { signal in react(to: signal, node, log, writer, logger) }
            let speaker = try LogWriter(.descriptor(STDOUT_FILENO))
            for line in node.hints { speaker.write(line) }
            // A reader of stdout that has stalled must not hold up the node.
            speaker.close(timeoutMs: 200)
            try node.start()
            loop.run()
            // Let go of in order, so that a memory checker finds nothing lost. What hangs in a look-up ends with the process.
            watcher.close()
            _ = loop.closeWithoutWaiting()
        } catch {
            if form == .json || log.file != nil { logger.error("node.failed", ["why": "\(error)"]) }
            if !isJSONOnly { complain("tsrelay: \(error)") }
            writer.close(timeoutMs: 200)
            exitProcessNow(1)
        }
        writer.close(timeoutMs: 500)
        exitProcessNow(0)
    }

    private static func react(
        to signal: SignalWatcher.Signal, _ node: RelayNode, _ log: LogConfiguration, _ writer: LogWriter,
        _ logger: Logger
    ) {
        switch signal {
        case .terminate, .interrupt: node.stop(because: signal.name)
        case .user1 where log.file == nil:
            logger.info("signal.ignored", ["signal": signal.name, "why": "the log is no file"])
        case .user1:
            // Queued lines and this one go to the new file; where there is none, its line says why.
            writer.reopen()
            logger.info("log.reopened")
        case .hangUp, .quit:
            logger.warn("signal.ignored", ["signal": signal.name, "why": "this version neither reloads nor drains"])
        }
    }

    private static func configuration(of name: String?) -> (NodeConfiguration, warnings: [Diagnostic]) {
        guard let name else { return (.builtin, []) }
        do throws(IOError) {
            let loaded = ConfigurationFile.load(
                text: try text(of: name), fileName: name, environment: environment())
            if let configuration = loaded.configuration { return (configuration, loaded.diagnostics) }
            for diagnostic in loaded.diagnostics { complain(diagnostic.description) }
            complain("tsrelay: \(name) has errors; nothing was started")
        } catch {
            complain("\(name): \(FileTrouble.text(error))")
        }
        exitProcessNow(1)
    }

    private static func environment() -> [String: String] {
        do throws(IOError) {
            return try Machine.environment
        } catch {
            complain("tsrelay: \(error)")
            exitProcessNow(1)
        }
    }

    private static func writer(_ log: LogConfiguration, _ form: LogLine.Form) -> LogWriter {
        let line: @Sendable (LogLevel, String, KeyValuePairs<String, String>) -> String = { level, event, fields in
            LogLine.text(level: level, event: event, unixMs: wallClockMs(), form: form, fields: fields)
        }
        do throws(IOError) {
            return try LogWriter(
                log.file.map(LogWriter.Destination.file) ?? .standardError,
                dropsLine: { line(.warn, "log.dropped", ["lines": String($0)]) },
                failureLine: { line(.error, "log.failed", ["why": $0]) })
        } catch {
            complain("tsrelay: [log] File = \(log.file ?? "stderr"): \(error)")
            exitProcessNow(1)
        }
    }

    private static func output(_ line: String) {
        print(line)
        _ = fflush(nil)  // a closed stdout is no reason not to run
    }

    private static func complain(_ line: String) {
        var text = line + "\n"
        text.withUTF8 { bytes in
            _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count)  // there is nowhere else to complain to
        }
    }
}

extension LogLevel {
    fileprivate init(_ level: LogConfiguration.Level) {
        switch level {
        case .debug: self = .debug
        case .info: self = .info
        case .warn: self = .warn
        case .error: self = .error
        }
    }
}
