import HTTP1
import HTTPServer
import LoopIO
import TestSupport
import Testing

@Suite struct HTTPListenerTests {
    @Test func `close closes the port and every connection in any state`() throws {
        let loop = try EventLoop()
        defer { loop.close() }
        var streaming: HTTPExchange?
        var pending: HTTPExchange?
        var closed = 0
        let listener = try HTTPListener(loop: loop, address: .loopbackIPv4, timing: .short) { exchange in
            exchange.onClosed = { closed += 1 }
            switch exchange.request.segments.first {
            case "stream":
                _ = exchange.startStreaming(ResponseHead(.ok))
                streaming = exchange
            case "answered": exchange.respond(.ok, text: "ok")
            default: pending = exchange
            }
        }
        let server = Server(loop: loop, listener: listener)
        let clients = try ["", "GET /stream", "GET /pending", "GET /answered"].map { line in
            let client = try server.dial()
            if !line.isEmpty { try client.send("\(line) HTTP/1.1\r\nHost: x\r\n\r\n") }
            return client
        }
        server.expect { streaming != nil && pending != nil && clients[3].bytes.count > 0 }
        #expect(listener.connections == 4)
        listener.close()
        listener.close()
        #expect(listener.connections == 0)
        #expect(closed == 2)
        server.expect { clients.allSatisfy(\.hasEnded) }
        #expect(try TCPListener.probe(listener.localAddress) == listener.localAddress)
    }

    @Test func `a closed listener is let go of`() throws {
        let loop = try EventLoop()
        defer { loop.close() }
        weak var watched: HTTPListener?
        do {
            let listener = try HTTPListener(loop: loop, address: .loopbackIPv4) { _ in }
            watched = listener
        }
        #expect(watched != nil, "it lives until it is closed")
        watched?.close()
        _ = loop.run(until: { watched == nil }, timeoutMs: 1000)
        #expect(watched == nil)
    }

    @Test func `stopping to accept leaves open connections alone`() throws {
        var pending: HTTPExchange?
        try withServer(handler: { pending = $0 }) { server in
            let client = try server.dial()
            try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            server.expect { pending != nil }
            server.listener.stopAccepting()
            var refused = false
            _ = try TCPConnection.connect(loop: server.loop, to: server.listener.localAddress) { refused = $0 != nil }
            server.expect { refused }
            pending?.respond(.ok, text: "ok")
            server.expect { client.hasEnded }
            #expect(client.text.hasSuffix("ok"))
        }
    }

    @Test func `a connection beyond the limit is closed while all others are served, and room comes back`() throws {
        var pending: [HTTPExchange] = []
        try withServer(connectionsMax: 2, handler: { pending.append($0) }) { server in
            let served = try (0..<2).map { _ in
                let client = try server.dial()
                try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                return client
            }
            server.expect { pending.count == 2 }
            var shed: [HTTPListener.Shed] = []
            server.listener.onShed = { shed.append($1) }
            let third = try server.dial()
            server.expect { third.hasEnded }
            #expect(third.bytes.isEmpty && shed == [.newcomer])
            #expect(server.listener.counters.overLimit == 1 && server.listener.counters.headsShed == 0)
            served[0].connection.closeWithReset()
            server.expect { server.listener.connections == 1 }
            let fourth = try server.dial()
            try fourth.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            server.expect { pending.count == 3 }
            #expect(!served[1].hasEnded && !fourth.hasEnded)
        }
    }

    @Test func `the oldest half-open head gives its place to a newcomer`() throws {
        var pending: [HTTPExchange] = []
        try withServer(connectionsMax: 4, handler: { pending.append($0) }) { server in
            let served = try server.dial()
            try served.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            server.expect { pending.count == 1 }
            let halves = try (0..<3).map { index in
                let client = try server.dial()
                try client.send("GET / HT")
                server.expect { server.listener.connections == index + 2 }
                return client
            }
            var shed: [HTTPListener.Shed] = []
            server.listener.onShed = { shed.append($1) }
            let newcomer = try server.dial()
            try newcomer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            server.expect { pending.count == 2 && halves[0].hasEnded }
            #expect(halves[0].bytes.isEmpty && !halves[1].hasEnded && !served.hasEnded)
            #expect(shed == [.head] && server.listener.counters.headsShed == 1)
            // A head that was refused, or has come, is nobody's place to take.
            try halves[1].send("TP\r\n\r\n")
            server.expect { halves[1].statusLine.hasPrefix("HTTP/1.1 400 ") }
            let next = try server.dial()
            server.expect { halves[2].hasEnded }
            #expect(!served.hasEnded && !newcomer.hasEnded && !next.hasEnded)
            #expect(server.listener.counters.headsShed == 2 && server.listener.counters.overLimit == 0)
        }
    }

    @Test func `close inside a handler`() throws {
        let loop = try EventLoop()
        defer { loop.close() }
        var listener: HTTPListener?
        listener = try HTTPListener(loop: loop, address: .loopbackIPv4) { exchange in
            listener?.close()
            exchange.respond(.ok, text: "too late")
        }
        let server = Server(loop: loop, listener: try #require(listener))
        let client = try server.dial()
        try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        server.expect { client.hasEnded }
        #expect(client.bytes.isEmpty)
    }

    @Test func `five hundred broken conversations are answered or closed, and leave nothing behind`() throws {
        let corpus = [
            "GET /live/main HTTP/1.1\r\nHost: x\r\n\r\n",
            "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
            "POST /x HTTP/1.0\r\n\r\nhello", WebSocketConnectionTests.request + "\r\n",
        ].map { Array($0.utf8) }
        let frames = WebSocketConnectionTests.frame(1, Array("hi".utf8)) + WebSocketConnectionTests.frame(9, [1])
        var mutator = ByteMutator(
            seed: 7, corpus: corpus + [corpus[4] + frames + WebSocketConnectionTests.frame(8, [3, 232])],
            dictionary: ["\r\n", "\r\n\r\n", "Content-Length: 9\r\n", "Upgrade: websocket\r\n", "0\r\n"].map {
                Array($0.utf8)
            })
        var webSockets: [WebSocketConnection] = []
        try withServer(handler: { exchange in
            if exchange.wantsWebSocket {
                guard let webSocket = exchange.upgradeToWebSocket() else { return }
                webSockets.append(webSocket)
                webSocket.start()
            } else if exchange.request.framing == .none {
                exchange.respond(.ok, text: "ok")
            } else {
                exchange.readBody(onBytes: { _ in }) { end in
                    if end == .complete { exchange.respond(.ok, text: "ok") }
                }
            }
        }) { server in
            for _ in 0..<500 {
                let client = try server.dial()
                for piece in mutator.cut(mutator.next()) { try? client.send(piece) }
                client.connection.shutdown()
                server.expect { client.hasEnded }
                #expect(client.bytes.isEmpty || client.text.hasPrefix("HTTP/1.1 "))
            }
            server.expect { server.listener.connections == 0 }
            #expect(server.listener.counters.accepted == 500)
        }
    }
}
