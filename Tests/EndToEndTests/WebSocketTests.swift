import TestSupport
import Testing

extension EndToEnd {
    /// The viewers' WebSocket as a stranger meets it (RFC 6455).
    @Suite struct WebSocketTests {
        private func withStream(_ body: (Stage, RelayProcess, Int) throws -> Void) throws {
            try Stage.run { stage in
                let relay = try stage.relay(NodeFile.first(), listeners: NodeFile.listeners())
                _ = try stage.send(
                    try Samples.bytes(.mpeg1MP2), port: try relay.pushPort(), bytesPerSecond: 150_000, loops: 10)
                try body(stage, relay, try relay.watchPort("http"))
            }
        }

        @Test func `the first sub-protocol offered is echoed and none is answered to none`() throws {
            try withStream { _, _, port in
                for (offer, answer) in [("null", "null"), ("a, b", "a"), (nil, nil)] as [(String?, String?)] {
                    let client = try WebSocketClient.open(port: port, protocols: offer)
                    #expect(client.answer.headers["sec-websocket-protocol"] == answer)
                    #expect(client.answer.headers["sec-websocket-extensions"] == nil)
                    client.close()
                }
            }
        }

        @Test func `a ping is answered between whole messages and what viewers say is ignored`() throws {
            try withStream { stage, _, port in
                let client = try WebSocketClient.open(port: port)
                try client.send(.text, Array("{\"hello\": 1}".utf8))
                try client.send(.binary, [UInt8](repeating: 7, count: 4096))
                try client.send(.text, Array("hel".utf8), isFinal: false)
                try client.send(.ping, Array("are you there".utf8))
                try client.send(.continuation, Array("lo".utf8))
                let deadline = Deadline(5)
                var pong: WebSocketClient.Frame?
                while pong == nil && !deadline.hasPassed {
                    let frame = try #require(try client.nextFrame(within: 5))
                    #expect(frame.isFinal && [2, 10].contains(frame.opcode))
                    if frame.opcode == 2 { #expect(frame.payload.count % 188 == 0 && frame.payload.first == 0x47) }
                    if frame.opcode == 10 { pong = frame }
                }
                #expect(pong?.payload == Array("are you there".utf8))
            }
        }

        @Test(arguments: [
            ([UInt8]([0x81, 0x01, 0x41]), 1002),  // not masked
            (WebSocketClient.frame(2, [UInt8](repeating: 0, count: 5000)), 1009),
            (WebSocketClient.frame(1, [0xff, 0xfe]), 1007),
            (WebSocketClient.frame(3, []), 1002),
            (WebSocketClient.frame(9, [UInt8](repeating: 0, count: 126)), 1002),
            (WebSocketClient.frame(0, [1]), 1002),
            ([0xc2, 0x80, 0, 0, 0, 0], 1002),
            ([0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], 1009),
            (WebSocketClient.frame(8, [0x03, 0xe8]), 1000),
            (WebSocketClient.frame(8, [0x03, 0xed]), 1002),
            (WebSocketClient.frame(8, []), 1005),
        ])
        func `a frame that breaks the rules is answered by a close with its code`(_ bytes: [UInt8], _ code: Int) throws
        {
            try withStream { stage, _, port in
                let client = try WebSocketClient.open(port: port)
                let other = try stage.webSocket(port: port)
                let viewer = stage.collect(client)
                try viewer.waitForBytes(10_000, within: 5)
                try client.send(raw: bytes)
                try viewer.waitForEnd(within: 5)
                let seen = try #require(client.closeCode)
                // A length with its highest bit set is wrong before it is too large.
                #expect(seen == code || code == 1009 && seen == 1002 || code == 1005 && seen == 1000, "\(seen)")
                try other.waitForMore(20_000, within: 5)
            }
        }

        @Test func `versions and requests that are no handshake are told so`() throws {
            try withStream { _, _, port in
                let head = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                let key = "Sec-WebSocket-Key: dHNyZWxheSB0ZXN0IGtleQ==\r\n"
                let old = try HTTPClient.exchange(port: port, head + key + "Sec-WebSocket-Version: 8\r\n\r\n")
                #expect(old.status == 426 && old.headers["sec-websocket-version"] == "13")
                #expect(try HTTPClient.exchange(port: port, head + "Sec-WebSocket-Version: 13\r\n\r\n").status == 400)
                #expect(
                    try HTTPClient.exchange(
                        port: port, head + "Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n\r\n"
                    ).status == 400)
                #expect(try HTTPClient.request(port: port, path: "/no/such.ts").status == 404)
                #expect(try HTTPClient.request("POST", port: port, path: "/live/main", body: [1]).status == 405)
            }
        }

        @Test func `no more viewers than the limit, the others are told 503`() throws {
            try Stage.run { stage in
                let relay = try stage.relay(
                    NodeFile.head + "MaxViewers = 3\n[backstream]\nProtocol = TCP\n" + NodeFile.anyPort
                        + "[dispatch]\nProtocol = CUSTOM\n[custom]\nProtocol = WEBSOCKET\n" + NodeFile.anyPort,
                    listeners: 2)
                let port = try relay.watchPort("http")
                let clients = try (0..<3).map { _ in try WebSocketClient.open(port: port) }
                #expect(throws: TestFailure.self) { try WebSocketClient.open(port: port) }
                #expect(try HTTPClient.request(port: port, path: "/live/main.ts").status == 503)
                clients[0].close()
                try waitUntil("there is room again", within: 5) { (try? WebSocketClient.open(port: port)) != nil }
            }
        }
    }
}
