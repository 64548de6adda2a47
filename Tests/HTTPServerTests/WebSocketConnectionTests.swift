import HTTP1
import HTTPServer
import LoopIO
import Testing
import WebSocket

@Suite struct WebSocketConnectionTests {
    static let request =
        "GET /live/main HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

    /// The owner of the server's side.
    final class Owner {
        var webSocket: WebSocketConnection?
        var controls: [[UInt8]] = []
        var closing = 0
        var closed: [CloseCode?] = []
        var messages: [FrameEvent] = []
        var takesControl = false

        func handle(_ exchange: HTTPExchange) {
            guard let webSocket = exchange.upgradeToWebSocket() else { return }
            self.webSocket = webSocket
            if takesControl { webSocket.onControl = { self.controls.append($0) } }
            webSocket.onClosing = { self.closing += 1 }
            webSocket.onClosed = { self.closed.append($0) }
            webSocket.onMessage = { self.messages.append($0) }
            webSocket.start()
        }
    }

    /// A frame as a client sends it.
    static func frame(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, isMasked: Bool = true) -> [UInt8] {
        var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
        let mask: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        let flag: UInt8 = isMasked ? 0x80 : 0
        if payload.count < 126 {
            bytes.append(flag | UInt8(payload.count))
        } else {
            bytes += [flag | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
        }
        guard isMasked else { return bytes + payload }
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    /// A server whose one client has opened a WebSocket.
    private func withWebSocket(
        _ timing: HTTPListener.Timing = .short, takesControl: Bool = false, extra: [UInt8] = [],
        _ body: (Server, Client, Owner) throws -> Void
    ) throws {
        let owner = Owner()
        owner.takesControl = takesControl
        try withServer(timing, handler: owner.handle) { server in
            let client = try server.dial()
            try client.send(Array((Self.request + "\r\n").utf8) + extra)
            var head: String?
            server.expect {
                head = client.takeHead()
                return head != nil
            }
            #expect(head?.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n") == true)
            #expect(head?.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") == true)
            try body(server, client, owner)
        }
    }

    // MARK: The handshake

    @Test func `the first sub-protocol that was offered is echoed, and none else`() throws {
        let owner = Owner()
        try withServer(handler: owner.handle) { server in
            for (offer, echo) in [("null", "null"), ("a, b", "a"), (nil, nil)] as [(String?, String?)] {
                let client = try server.dial()
                try client.send(Self.request + (offer.map { "Sec-WebSocket-Protocol: \($0)\r\n" } ?? "") + "\r\n")
                var head: String?
                server.expect {
                    head = client.takeHead()
                    return head != nil
                }
                let line = echo.map { "Sec-WebSocket-Protocol: \($0)\r\n" }
                #expect(head?.contains("Sec-WebSocket-Protocol") == (line != nil))
                if let line { #expect(head?.contains(line) == true) }
            }
            #expect(server.listener.counters.answers == [.switchingProtocols: 3])
        }
    }

    @Test(arguments: [("0", "HTTP/1.1 101 "), ("1", "HTTP/1.1 400 ")])
    func `a length of no bytes is no body, any other is one`(length: String, answer: String) throws {
        let owner = Owner()
        try withServer(handler: owner.handle) { server in
            let client = try server.dial()
            try client.send(Self.request + "Content-Length: \(length)\r\n\r\n")
            server.expect { client.text.contains("\r\n\r\n") }
            #expect(client.statusLine.hasPrefix(answer))
        }
    }

    @Test func `another version is refused with the one spoken here`() throws {
        let owner = Owner()
        try withServer(handler: owner.handle) { server in
            let text = try server.ask(
                Self.request.replacing("Version: 13", with: "Version: 8") + "\r\n")
            #expect(text.hasPrefix("HTTP/1.1 426 "))
            #expect(text.contains("Sec-WebSocket-Version: 13\r\n"))
            #expect(owner.webSocket == nil)
        }
    }

    @Test func `a request that does not want a WebSocket is told from one that does`() throws {
        var wants: [Bool] = []
        try withServer(handler: { exchange in
            wants.append(exchange.wantsWebSocket)
            exchange.respond(.ok, text: "ok")
        }) { server in
            _ = try server.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try server.ask(Self.request + "\r\n")
            #expect(wants == [false, true])
        }
    }

    @Test func `frames directly behind the handshake are read`() throws {
        try withWebSocket(extra: Self.frame(1, Array("hi".utf8))) { server, _, owner in
            server.expect { owner.messages == [.text(Array("hi".utf8))] }
        }
    }

    // MARK: Messages

    @Test func `messages of every kind are checked and told`() throws {
        try withWebSocket { server, client, owner in
            try client.send(Self.frame(1, Array("a".utf8), isFinal: false) + Self.frame(9, []))
            try client.send(Self.frame(0, Array("b".utf8)) + Self.frame(2, [1, 2, 3]))
            server.expect { owner.messages.count == 2 }
            #expect(owner.messages == [.text(Array("ab".utf8)), .binary([1, 2, 3])])
            server.expect { client.bytes == [0x8a, 0] }
        }
    }

    @Test(arguments: [
        (frame(2, [UInt8](repeating: 1, count: 4097)), CloseCode.messageTooBig),
        (frame(1, [0xff]), CloseCode.invalidPayload),
        (frame(2, [1], isMasked: false), CloseCode.protocolError),
        (frame(3, []), CloseCode.protocolError),
        (frame(8, [3]), CloseCode.protocolError),
    ])
    func `what is against the rules is answered with its close code`(bytes: [UInt8], code: CloseCode) throws {
        try withWebSocket { server, client, owner in
            try client.send(bytes)
            server.expect { client.hasEnded }
            #expect(Array(client.bytes.prefix(1)) == [0x88])
            #expect(Array(client.bytes[2..<4]) == [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xff)])
            #expect(client.failure == nil)
            #expect(owner.closed == [nil])
            #expect(owner.closing == 1)
            server.expect { server.listener.connections == 0 }
        }
    }

    @Test func `a message of exactly the limit passes`() throws {
        try withWebSocket { server, client, owner in
            try client.send(Self.frame(2, [UInt8](repeating: 1, count: 4096)))
            server.expect { owner.messages.count == 1 }
        }
    }

    // MARK: Ping and pong

    @Test func `a pong goes to the owner of the writes, to be sent at a frame's end`() throws {
        try withWebSocket(takesControl: true) { server, client, owner in
            try client.send(Self.frame(9, [1, 2]))
            server.expect { owner.controls == [[0x8a, 2, 1, 2]] }
            #expect(client.bytes.isEmpty)
        }
    }

    @Test func `of the pings of one read the newest is answered`() throws {
        try withWebSocket(takesControl: true) { server, client, owner in
            try client.send((0..<100).flatMap { Self.frame(9, [UInt8($0)]) + Self.frame(1, []) })
            server.expect { owner.messages.count == 100 }
            #expect(owner.controls == [[0x8a, 1, 99]])
        }
    }

    @Test func `an owner that queues has every ping of one read answered, in order`() throws {
        try withWebSocket(takesControl: true) { server, client, owner in
            owner.webSocket?.answersEveryPing = true
            try client.send((0..<100).flatMap { Self.frame(9, [UInt8($0)]) + Self.frame(1, []) })
            server.expect { owner.messages.count == 100 }
            #expect(owner.controls == (0..<100).map { [0x8a, 1, UInt8($0)] })
        }
    }

    @Test func `while reading is paused a client must wait, and nothing of it is lost`() throws {
        try withWebSocket { server, client, owner in
            let webSocket = try #require(owner.webSocket)
            webSocket.pauseReading()
            let message = Self.frame(2, [UInt8](repeating: 1, count: 4096))
            for _ in 0..<4096 { try client.send(message) }
            server.rest()
            #expect(owner.messages.isEmpty && client.connection.isWriting)
            webSocket.continueReading()
            server.expect { owner.messages.count == 4096 }
            webSocket.pauseReading()
            webSocket.abort()
            webSocket.pauseReading()
            webSocket.continueReading()
            #expect(owner.closed == [nil])
        }
    }

    @Test func `a client that answers pings stays`() throws {
        let timing = HTTPListener.Timing.short {
            $0.pingMs = 20
            $0.pongMs = 200
        }
        try withWebSocket(timing) { server, client, owner in
            var pings = 0
            server.expect {
                while client.bytes.count >= 2 {
                    #expect(Array(client.bytes[..<2]) == [0x89, 0])
                    client.drop(2)
                    pings += 1
                    try? client.send(Self.frame(10, []))
                }
                return pings == 5
            }
            #expect(owner.closed.isEmpty)
        }
    }

    @Test func `a client that does not answer a ping is gone`() throws {
        let timing = HTTPListener.Timing.short {
            $0.pingMs = 20
            $0.pongMs = 40
        }
        try withWebSocket(timing) { server, client, owner in
            server.expect { owner.closed == [nil] }
            server.expect { client.hasEnded }
            #expect(client.bytes == [0x89, 0])
            #expect(server.listener.counters.pongTimeouts == 1)
        }
    }

    @Test func `a client that reads slowly stays, one that stops reading is closed`() throws {
        let timing = HTTPListener.Timing.short {
            $0.pingMs = 20
            $0.pongMs = 300
        }
        try withWebSocket(timing, takesControl: true) { server, client, owner in
            client.connection.stopReading()
            let connection = try #require(owner.webSocket).connection
            for _ in 0..<600 { try connection.write([UInt8](repeating: 0x47, count: 64 << 10)) }
            // It takes 64 KiB every 4 ms or so, and never comes to the ping.
            let startMs = server.loop.nowMs
            while server.loop.nowMs - startMs < 1500 {
                client.connection.startReading(onRead: { _ in client.connection.stopReading() }, onEnd: { _ in })
                server.rest(ms: 4)
            }
            #expect(owner.closed.isEmpty && connection.isWriting)
            client.connection.stopReading()
            server.expect { owner.closed == [nil] }
            #expect(server.listener.counters.pongTimeouts == 1)
            // What the kernel had taken for it is still there when it wakes up.
            client.readOn()
            server.expect { client.hasEnded }
            #expect(client.connection.bytesRead >= connection.bytesWritten)
        }
    }

    @Test func `a flood of pings without reading costs no memory`() throws {
        try withWebSocket { server, client, owner in
            client.connection.stopReading()
            let pings = (0..<1000).flatMap { _ in Self.frame(9, [UInt8](repeating: 7, count: 125)) }
            for _ in 0..<60 {
                try client.send(pings)
                server.rest(ms: 1)
            }
            server.expect { !client.connection.isWriting }
            #expect(try #require(owner.webSocket).connection.queuedBytes <= 127)
            client.readOn()
            server.rest(ms: 20)
            server.expect { client.bytes.count % 127 == 0 }
            #expect(owner.closed.isEmpty)
        }
    }

    // MARK: The end

    @Test func `a close of the client is answered with its code`() throws {
        try withWebSocket { server, client, owner in
            try client.send(Self.frame(8, [0x03, 0xe9] + Array("bye".utf8)))
            server.expect { client.hasEnded }
            #expect(client.bytes == [0x88, 2, 0x03, 0xe9])
            #expect(owner.closed == [.goingAway])
            #expect(owner.closing == 1)
            client.connection.close()
            server.expect { server.listener.connections == 0 }
        }
    }

    @Test func `a close without a code is answered as normal`() throws {
        try withWebSocket { server, client, owner in
            try client.send(Self.frame(8, []))
            server.expect { client.hasEnded }
            #expect(client.bytes == [0x88, 2, 0x03, 0xe8])
            #expect(owner.closed == [.noCode])
        }
    }

    @Test func `our close waits for the client's, and then ends`() throws {
        try withWebSocket { server, client, owner in
            owner.webSocket?.close(.goingAway, reason: "stop")
            owner.webSocket?.close(.goingAway)
            #expect(owner.closing == 1)
            server.expect { client.bytes == [0x88, 6, 0x03, 0xe9] + Array("stop".utf8) }
            try client.send(Self.frame(2, [1]))
            server.rest(ms: 10)
            #expect(owner.messages.isEmpty, "nothing is told any more")
            #expect(!client.hasEnded)
            try client.send(Self.frame(8, [0x03, 0xe9]))
            server.expect { client.hasEnded && owner.closed == [.goingAway] }
        }
    }

    @Test func `a client that does not answer our close is cut after its time`() throws {
        let timing = HTTPListener.Timing.short { $0.closeMs = 30 }
        try withWebSocket(timing) { server, client, owner in
            owner.webSocket?.close(.goingAway)
            server.expect { client.hasEnded && owner.closed == [nil] }
        }
    }

    @Test(arguments: [true, false])
    func `a client that leaves without a word is noticed`(isReset: Bool) throws {
        try withWebSocket { server, client, owner in
            if isReset { client.connection.closeWithReset() } else { client.connection.close() }
            server.expect { owner.closed == [nil] }
            #expect(server.listener.connections == 0)
            owner.webSocket?.close(.goingAway)
            owner.webSocket?.abort()
            #expect(owner.closed.count == 1)
        }
    }

    @Test func `abort closes at once and tells once`() throws {
        try withWebSocket { server, client, owner in
            owner.webSocket?.abort()
            owner.webSocket?.abort()
            #expect(owner.closed == [nil])
            server.expect { client.hasEnded }
            #expect(client.bytes.isEmpty)
        }
    }

    @Test func `abort inside a message ends what follows in the same read`() throws {
        try withWebSocket { server, client, owner in
            owner.webSocket?.onMessage = { _ in owner.webSocket?.abort() }
            try client.send(Self.frame(2, [1]) + Self.frame(9, []) + Self.frame(8, []))
            server.expect { client.hasEnded }
            #expect(owner.closed == [nil])
            #expect(client.bytes.isEmpty)
        }
    }
}
