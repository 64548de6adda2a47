import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// How the program is started, checked and stopped.
    @Suite struct CommandLineTests {
        private func run(_ arguments: [String], within seconds: Double = 5) throws -> (
            exit: ChildProcess.Exit, text: String
        ) {
            let process = try RelayProcess.spawn(arguments)
            defer { process.kill() }
            return (try process.waitForExit(within: seconds), process.text)
        }

        @Test func `help and version are printed`() throws {
            let help = try run(["--help"])
            #expect(help.exit == .code(0) && help.text.contains("--config"))
            let version = try run(["--version"])
            #expect(version.exit == .code(0) && version.text.contains("tsrelay"))
        }

        @Test(arguments: [["--no-such-option"], ["-c"], ["a.ini", "b.ini"]])
        func `wrong usage exits with 2`(_ arguments: [String]) throws {
            #expect(try run(arguments).exit == .code(2))
        }

        @Test func `check names every error with its line`() throws {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            let file = try folder.write(
                "bad.ini", "[app]\nRunMode = normal\n[backstream]\nProtocl = TCP\nPort = 70000\n[custm]\nPort = 1\n")
            let result = try run(["check", file])
            #expect(result.exit == .code(1))
            for line in [4, 5, 6] { #expect(result.text.contains("bad.ini:\(line):"), "\(result.text)") }
            #expect(result.text.contains("Protocol") && result.text.contains("custom"), "\(result.text)")
            #expect(try run(["-t", "-c", file]).exit == .code(1))
        }

        @Test func `an open node is a warning and with strict an error`() throws {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            let file = try folder.write(
                "open.ini",
                "[app]\nRunMode = normal\n[backstream]\nPort = 50001\n[dispatch]\nProtocol = CUSTOM\n[custom]\nPort = 56001\n"
            )
            #expect(try run(["check", file]).exit == .code(0))
            #expect(try run(["check", "--strict", file]).exit == .code(1))
        }

        @Test(arguments: ["", "RunMode = \n", "RunMode = both\n", "RunMode = monitor\n"])
        func `a mode that cannot run is refused with 1`(_ mode: String) throws {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            let file = try folder.write("mode.ini", "[app]\n" + mode + "[monitor]\nBind = 127.0.0.1\nPort = 0\n")
            let result = try run(["-c", file])
            #expect(result.exit == .code(1), "\(result.text)")
            #expect(!result.text.isEmpty)
        }

        @Test func `a second start of the same file fails within a second and names the port`() throws {
            try Stage.run { stage in
                let first = try stage.relay(NodeFile.first(), listeners: NodeFile.listeners())
                let port = try first.pushPort()
                let file = try stage.folder.write(
                    "same.ini",
                    NodeFile.head + "[backstream]\nProtocol = TCP\nBind = 127.0.0.1\nPort = \(port)\n"
                        + "[dispatch]\nProtocol = CUSTOM\n[custom]\nProtocol = WEBSOCKET\n" + NodeFile.anyPort)
                let begin = monotonicSeconds()
                let second = stage.keep(try RelayProcess.spawn(["-c", file]))
                #expect(try second.waitForExit(within: 5) == .code(1))
                #expect(monotonicSeconds() - begin < (isSanitized ? 3 : 1))
                #expect(second.text.contains(String(port)), "\(second.text)")
            }
        }

        @Test(arguments: [SIGTERM, SIGINT])
        func `a stop closes viewers with 1001 at a picture's end`(_ signal: Int32) throws {
            try Stage.run { stage in
                let sample = try Samples.bytes(.mpeg1MP2)
                let relay = try stage.relay(NodeFile.first(), listeners: NodeFile.listeners())
                _ = try stage.send(sample, port: try relay.pushPort(), bytesPerSecond: 90_000, loops: 10)
                let socket = try WebSocketClient.open(port: try relay.watchPort("http"))
                let viewer = stage.collect(socket)
                try viewer.waitForBytes(100_000, within: 10)
                let begin = monotonicSeconds()
                relay.process.signal(signal)
                #expect(try relay.process.waitForExit(within: 6) == .code(0))
                #expect(monotonicSeconds() - begin < 5)
                try viewer.waitForEnd(within: 2)
                #expect(socket.closeCode == 1001)
                let pictures = PictureJudge(received: viewer.received, reference: sample + sample)
                #expect(pictures.allAreWhole && pictures.endsWhole, "\(pictures)")
            }
        }

        @Test func `hang-up, quit and user signals do not end the node`() throws {
            try Stage.run { stage in
                let relay = try stage.relay(NodeFile.first(), listeners: NodeFile.listeners())
                for signal in [SIGHUP, SIGQUIT, SIGUSR1, SIGPIPE] { relay.process.signal(signal) }
                let port = try relay.watchPort("http")
                #expect(try HTTPClient.request(port: port, path: "/healthz").status == 200)
                #expect(relay.process.isRunning)
            }
        }

        @Test(arguments: ["2>&-", ">&-", "<&- 2>&-"])
        func `no socket or pipe gets the number of a closed standard descriptor`(_ closing: String) throws {
            try Stage.run { stage in
                let file = try stage.folder.write("closed.ini", NodeFile.first())
                let node = stage.keep(
                    try ChildProcess(
                        "/bin/sh", ["-c", "exec \"$0\" -c \"$1\" \(closing)", try RelayProcess.executable, file]))
                // Either the start-up lines or the log are still to be seen.
                _ = try node.waitForLine("a line of the node", within: 10) {
                    $0.contains("http") || $0.contains("node.")
                }
                for number in closing.contains("<") ? [0, 2] : closing.contains("2") ? [2] : [1] {
                    let path = "/proc/\(node.pid)/fd/\(number)"
                    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "/dev/null")
                }
            }
        }

        @Test func `a reader of stdout that has stalled does not hold up the node`() throws {
            try Stage.run { stage in
                let file = try stage.folder.write("stalled.ini", NodeFile.first())
                let pipe = file + ".pipe"
                let script =
                    "mkfifo \"$2\" && exec 3<>\"$2\" && head -c 65536 /dev/zero >&3 && exec \"$0\" -c \"$1\" >&3"
                let node = stage.keep(
                    try ChildProcess("/bin/sh", ["-c", script, try RelayProcess.executable, file, pipe]))
                _ = try node.waitForLine("the node starts", within: 10) { $0.contains("node.started") }
                node.signal(SIGTERM)
                #expect(try node.waitForExit(within: 6) == .code(0))
            }
        }

        @Test func `health is at once and readiness comes with a stream`() throws {
            try Stage.run { stage in
                let relay = try stage.relay(NodeFile.first(), listeners: NodeFile.listeners())
                let port = try relay.watchPort("http")
                #expect(try HTTPClient.request(port: port, path: "/healthz").status == 200)
                #expect(try HTTPClient.request(port: port, path: "/readyz").status == 503)
                _ = try stage.send(
                    try Samples.bytes(.mpeg1MP2), port: try relay.pushPort(), bytesPerSecond: 90_000)
                try waitUntil("the node is ready", within: 5) {
                    try HTTPClient.request(port: port, path: "/readyz").status == 200
                }
            }
        }
    }
}
