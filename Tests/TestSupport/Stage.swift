/// Everything that one end-to-end test starts; ended in reverse order when the test ends, however it ends.
///
/// ```swift
/// @Test func `a viewer gets what was pushed`() throws {
///     try Stage.run { stage in
///         let relay = try stage.relay(Ini.tcpIn, listeners: 2)
///         ...
///     }
/// }
/// ```
/// A test that throws gets the logs of its nodes with the error.
package final class Stage {
    package let folder: TemporaryFolder
    private var ends: [() -> Void] = []
    private var relays: [RelayProcess] = []
    private var files = 0

    private init() throws { folder = try TemporaryFolder() }

    package static func run(_ body: (Stage) throws -> Void) throws {
        let stage = try Stage()
        defer { stage.end() }
        do {
            try body(stage)
        } catch {
            throw TestFailure("\(error)\n\(stage.logs)")
        }
        try stage.expectNoCrash()
    }

    /// No node died of itself, and no sanitizer complained.
    private func expectNoCrash() throws {
        let signs = ["ERROR: AddressSanitizer", "WARNING: ThreadSanitizer", "runtime error:", "Fatal error:"]
        for relay in relays {
            let line = relay.process.output.first { line in signs.contains { line.contains($0) } }
            if let line { throw TestFailure("\(relay.process.name): \(line)\n\(logs)") }
            if let signal = relay.process.deadlySignal { throw TestFailure("a node died of signal \(signal)\n\(logs)") }
        }
    }

    /// Starts a node from the text of its file.
    package func relay(
        _ ini: String, listeners: Int, environment: [String: String] = [:], name: String? = nil
    ) throws -> RelayProcess {
        files += 1
        let file = try folder.write("\(name ?? "node")-\(files).ini", ini)
        return try relay(file: file, listeners: listeners, environment: environment, name: name)
    }

    package func relay(
        file: String, listeners: Int, environment: [String: String] = [:], name: String? = nil
    ) throws -> RelayProcess {
        let relay = try RelayProcess(
            file: file, listeners: listeners, environment: environment, name: name ?? "tsrelay")
        relays.append(relay)
        ends.append { relay.process.kill() }
        return relay
    }

    package func ffmpeg(_ settings: FFmpeg = FFmpeg(), to url: String) throws -> ChildProcess {
        keep(try settings.start(to: url))
    }

    package func send(
        _ bytes: [UInt8], port: Int, form: StreamSender.Form = .tcp(slice: 1316), bytesPerSecond: Double = 400_000,
        loops: Int = 1, closesAtEnd: Bool = true
    ) throws -> StreamSender {
        let sender = try StreamSender(
            bytes, port: port, form: form, bytesPerSecond: bytesPerSecond, loops: loops, closesAtEnd: closesAtEnd)
        ends.append { sender.stop() }
        return sender
    }

    package func collect(
        _ source: any ByteSource, rate: Double? = nil, keepsBytes: Bool = true
    ) -> Collector {
        let collector = Collector(source, rate: rate, keepsBytes: keepsBytes)
        ends.append { collector.stop() }
        return collector
    }

    package func webSocket(
        port: Int, path: String = "/", protocols: String? = nil, rate: Double? = nil, keepsBytes: Bool = true
    ) throws -> Collector {
        collect(
            try WebSocketClient.open(port: port, path: path, protocols: protocols), rate: rate, keepsBytes: keepsBytes)
    }

    package func tcp(port: Int, rate: Double? = nil, keepsBytes: Bool = true) throws -> Collector {
        collect(try TCPSource.open(port: port), rate: rate, keepsBytes: keepsBytes)
    }

    package func http(port: Int, path: String = "/live/main.ts", version: String = "1.1") throws -> Collector {
        collect(try HTTPSource.open(port: port, path: path, version: version))
    }

    package func keep(_ process: ChildProcess) -> ChildProcess {
        ends.append { process.kill() }
        return process
    }

    /// Runs at the end, before what was started earlier ends.
    package func atEnd(_ body: @escaping () -> Void) { ends.append(body) }

    private func end() {
        while let last = ends.popLast() { last() }
        folder.remove()
    }

    private var logs: String {
        relays.map { relay in
            "--- \(relay.process.name) (\(relay.process.pid)):\n"
                + relay.process.output.suffix(60).joined(separator: "\n")
        }.joined(separator: "\n")
    }
}
