import Glibc
import LoopIO

/// `tsbench compare`: runs servers in turn under the same load and prints the ratios.
package enum CompareCommand {
    /// - Parameter words: without the program's name and the command.
    /// - Returns: the exit status.
    package static func run(_ words: [String]) -> Int32 {
        let options: CompareOptions?
        do throws(WrongUsage) {
            options = try CompareOptions(parsing: words)
        } catch {
            Console.complain("tsbench compare: \(error); see tsbench compare --help")
            return 2
        }
        guard let options else {
            Console.output(CompareOptions.usage)
            return 0
        }
        guard let program = Machine.executablePath else { return failed("it cannot find its own program") }
        let folder = program.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let relay = options.relayPath ?? folder + "/tsrelay"
        guard options.withoutRelay || access(relay, X_OK) == 0 else {
            return failed("there is no tsrelay at \(relay): name one by --tsrelay, or say --without-tsrelay")
        }
        return compare(options, command: commandLine(words), program: program, relay: relay)
    }

    private static func compare(
        _ options: CompareOptions, command: String, program: String, relay: String
    ) -> Int32 {
        do {
            let loop = try EventLoop()
            defer { loop.close() }
            let comparison = Comparison(options, command: command, program: program, relayPath: relay, loop: loop)
            let watcher = try SignalWatcher(loop: loop, signals: [.terminate, .interrupt]) { _ in comparison.stop() }
            defer { watcher.close() }
            let report = try comparison.run()
            let json = report.json.text
            Console.output(options.isJSON ? json : report.table)
            if let path = options.savePath, !save(json, to: path) { return failed("\(path) cannot be written") }
            return report.hasFailures ? 1 : 0
        } catch is Comparison.Stopped {
            return failed("stopped")
        } catch {
            return failed("\(error)")
        }
    }

    private static func failed(_ why: String) -> Int32 {
        Console.complain("tsbench compare: \(why)")
        return 1
    }

    private static func save(_ text: String, to path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return false }
        var bytes = Array(text.utf8)[...]
        bytes.append(UInt8(ascii: "\n"))
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            bytes = bytes.dropFirst(count)
        }
        return close(descriptor) == 0 && bytes.isEmpty
    }

    /// The command as a shell takes it.
    static func commandLine(_ words: [String]) -> String {
        (["tsbench", "compare"] + words).map(quoted).joined(separator: " ")
    }

    private static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            switch UnicodeScalar(byte) {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", ":", "=", ",", "+", "@", "%": true
            default: false
            }
        }
        guard word.isEmpty || !isPlain else { return word }
        var text = "'"
        for character in word { text += character == "'" ? "'\\''" : String(character) }
        return text + "'"
    }
}
