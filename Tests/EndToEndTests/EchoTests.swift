import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// `ws-echo`, which conformance suites judge (`deploy/autobahn.sh`): what those need of it.
    @Suite struct EchoTests {
        private static func start(_ words: [String]) throws -> ChildProcess {
            try ChildProcess(
                try RelayProcess.executable.dropLast("tsrelay".count) + "ws-echo", words, name: "ws-echo",
                environment: ["SWIFT_BACKTRACE": "enable=no"])
        }

        private func withEcho(_ body: (ChildProcess, Int) throws -> Void) throws {
            try Stage.run { stage in
                let echo = stage.keep(try EchoTests.start([]))
                let line = try echo.waitForLine("its address", within: 10) { $0.hasPrefix("ws://127.0.0.1:") }
                try body(echo, try #require(line.split(separator: ":").last.flatMap { Int($0) }))
                #expect(echo.isRunning)
            }
        }

        private func expectFrame(_ client: WebSocketClient, _ opcode: WebSocketClient.Opcode, _ payload: [UInt8]) throws
        {
            let frame = try client.nextFrame(within: 10)
            let isRight = frame?.opcode == opcode.rawValue && frame?.isFinal == true && frame?.payload == payload
            #expect(isRight, "\(String(describing: frame?.opcode)) of \(frame?.payload.count ?? 0) bytes")
        }

        @Test func `messages come back whole, in order, and every ping has its pong`() throws {
            try withEcho { _, port in
                let client = try WebSocketClient.open(port: port, path: "/any/path", answersPings: false)
                let pings = (0..<10).flatMap { Frame.make(0x89, [UInt8($0)]) }
                try client.send(
                    raw: Frame.make(0x01, [0xe2]) + pings + Frame.make(0x00) + Frame.make(0x80, [0x82, 0xac])
                        + Frame.make(0x82, [0xff]) + Frame.make(0x8a, [1]) + Frame.make(0x81))
                for number in 0..<10 { try expectFrame(client, .pong, [UInt8(number)]) }
                try expectFrame(client, .text, [0xe2, 0x82, 0xac])
                try expectFrame(client, .binary, [0xff])
                try expectFrame(client, .text, [])
                try client.send(raw: Frame.close(3001, Array("enough".utf8)))
                try expectFrame(client, .close, [0x0b, 0xb9])
                client.close()
            }
        }

        @Test func `a large message comes back, and of one too large no byte is waited for`() throws {
            try withEcho { _, port in
                let client = try WebSocketClient.open(port: port)
                let large = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7) }
                try client.send(.binary, large)
                try expectFrame(client, .binary, large)
                try client.send(raw: Frame.make(0x82, [], says: 16 << 20 + 1))
                let frame = try client.nextFrame(within: 5)
                #expect(frame?.opcode == 8 && frame?.payload.prefix(2) == [0x03, 0xf1])
                client.close()
            }
        }

        @Test func `a text that is not UTF-8 is found before its frame ends`() throws {
            try withEcho { _, port in
                let client = try WebSocketClient.open(port: port)
                try client.send(raw: Array(Frame.make(0x81, [UInt8](repeating: 0xff, count: 60_000)).prefix(9)))
                let frame = try client.nextFrame(within: 5)
                #expect(frame?.opcode == 8 && frame?.payload.prefix(2) == [0x03, 0xef])
                client.close()
            }
        }

        @Test func `a client that reads nothing has to wait, costs little, and gets all in the end`() throws {
            try withEcho { echo, port in
                let client = try WebSocketClient.open(port: port, receiveBuffer: 4096)
                let message = Frame.binary(65_536)
                let before = echo.residentBytes
                var sent = 0
                while (try? client.socket.send(message, within: 1)) != nil {
                    sent += 1
                    guard sent < 1000 else { throw TestFailure("it takes all: \(sent) messages") }
                }
                let more = echo.residentBytes - before
                #expect(more < 8 << 20 || isSanitized, "\(more) bytes")
                // The message that did not go whole has its echo never.
                for _ in 0..<sent { try expectFrame(client, .binary, [UInt8](repeating: 7, count: 65_536)) }
                client.close()
            }
        }

        @Test(arguments: [["x"], ["65536"], ["-1"], ["1", "2"], ["--help"]])
        func `a wrong command line exits with 2 and says what is right`(_ words: [String]) throws {
            let echo = try EchoTests.start(words)
            defer { echo.kill() }
            #expect(try echo.waitForExit(within: 10) == .code(2))
            #expect(echo.text.contains("usage: ws-echo"))
        }

        @Test func `a request that wants no WebSocket is told so`() throws {
            try withEcho { _, port in
                let answer = try HTTPClient.request(port: port, path: "/")
                #expect(answer.status == 426 && answer.headers["upgrade"] == "websocket")
            }
        }
    }
}
