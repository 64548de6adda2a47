import HTTP1
import HTTPServer
import LoopIO
import Testing

@Suite struct HTTPExchangeTests {
    /// A handler that accepts the body and answers when it is whole.
    final class Taker {
        var exchange: HTTPExchange?
        var bytes: [UInt8] = []
        var ends: [HTTPExchange.BodyEnd] = []
        var closed = 0
        var idleMs: Int64?

        func take(_ exchange: HTTPExchange) {
            self.exchange = exchange
            exchange.onClosed = { self.closed += 1 }
            exchange.readBody(
                idleMs: idleMs, onBytes: { span in span.withUnsafeBufferPointer { self.bytes += $0 } },
                onEnd: { end in
                    self.ends.append(end)
                    if end == .complete { exchange.respond(.ok, text: "\(self.bytes.count)") }
                })
        }
    }

    // MARK: Bodies

    @Test(arguments: [
        "Content-Length: 5\r\n\r\nhello",
        "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nA: b\r\n\r\n",
    ])
    func `a body is taken whole, in any cut, and then answered`(rest: String) throws {
        let text = "POST /x HTTP/1.1\r\nHost: x\r\n" + rest
        for cut in [1, 7, text.utf8.count] {
            let taker = Taker()
            try withServer(handler: taker.take) { server in
                let client = try server.dial()
                var left = Array(text.utf8)[...]
                while !left.isEmpty {
                    try client.send(Array(left.prefix(cut)))
                    left = left.dropFirst(cut)
                    _ = server.loop.run(until: { false }, timeoutMs: 1)
                }
                server.expect { client.hasEnded }
                #expect(client.text.hasPrefix("HTTP/1.1 200 "))
                #expect(taker.bytes == Array("hello".utf8))
                #expect(taker.ends == [.complete])
                #expect(taker.closed == 0)
            }
        }
    }

    @Test func `a body without length ends with the client's side, and is answered`() throws {
        let taker = Taker()
        try withServer(handler: taker.take) { server in
            let client = try server.dial()
            try client.send("POST /x HTTP/1.1\r\nHost: x\r\n\r\nhel")
            server.expect { taker.bytes.count == 3 }
            try client.send("lo")
            server.expect { taker.bytes.count == 5 }
            #expect(taker.ends.isEmpty)
            client.connection.shutdown()
            server.expect { client.hasEnded }
            #expect(taker.ends == [.complete])
            #expect(client.text.hasSuffix("\r\n\r\n5"))
            server.expect { server.listener.connections == 0 }
        }
    }

    @Test func `a client that waits for 100 is told once, and only when the body is wanted`() throws {
        let taker = Taker()
        try withServer(handler: taker.take) { server in
            let client = try server.dial()
            try client.send("PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            server.expect { client.text == "HTTP/1.1 100 Continue\r\n\r\n" }
            try client.send("ab")
            server.expect { client.hasEnded }
            #expect(client.text.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"))
        }
        try withServer(handler: { $0.respond(.forbidden, text: "no") }) { server in
            let text = try server.ask(
                "PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            #expect(text.hasPrefix("HTTP/1.1 403 "))
        }
    }

    @Test func `a client that did not wait is not told`() throws {
        let taker = Taker()
        try withServer(handler: taker.take) { server in
            let text = try server.ask(
                "PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nab")
            #expect(text.hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func `a broken chunk is answered, and no byte behind it is used`() throws {
        let taker = Taker()
        try withServer(handler: taker.take) { server in
            let text = try server.ask(
                "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n-3\r\nabc\r\n0\r\n\r\n")
            #expect(text.hasPrefix("HTTP/1.1 400 "))
            #expect(taker.bytes == Array("ab".utf8))
            #expect(taker.ends == [.malformed])
        }
    }

    @Test(arguments: [true, false])
    func `a client that leaves in the middle of a body cuts it`(isReset: Bool) throws {
        let taker = Taker()
        try withServer(handler: taker.take) { server in
            let client = try server.dial()
            try client.send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
            server.expect { taker.bytes.count == 3 }
            if isReset { client.connection.closeWithReset() } else { client.connection.shutdown() }
            server.expect { server.listener.connections == 0 }
            #expect(taker.ends == [.cut])
            #expect(taker.closed == 1)
            #expect(taker.exchange?.isClosed == true)
        }
    }

    @Test func `an answer in the middle of a body ends the use of it`() throws {
        var seen = 0
        try withServer(handler: { exchange in
            exchange.onClosed = { Issue.record("answered, not closed") }
            exchange.readBody(
                onBytes: { bytes in
                    seen += bytes.count
                    exchange.respond(.conflict, text: "taken")
                }, onEnd: { _ in Issue.record("no end after an answer") })
        }) { server in
            let text = try server.ask(
                "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n")
            #expect(text.hasPrefix("HTTP/1.1 409 "))
            #expect(seen == 1)
        }
    }

    @Test func `close in the middle of a body ends the use of it too`() throws {
        var seen = 0
        try withServer(handler: { exchange in
            exchange.readBody(
                onBytes: { bytes in
                    seen += bytes.count
                    exchange.close()
                }, onEnd: { end in #expect(end == .cut) })
        }) { server in
            let text = try server.ask(
                "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n")
            #expect(text.isEmpty)
            #expect(seen == 1)
        }
    }

    @Test func `no byte of a refused body is kept or used`() throws {
        try withServer(handler: { exchange in
            exchange.respond(.forbidden, text: "no")
            exchange.readBody(
                onBytes: { _ in Issue.record("used") }, onEnd: { _ in Issue.record("used") })
        }) { server in
            let text = try server.ask("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
            #expect(text.hasPrefix("HTTP/1.1 403 "))
        }
    }

    @Test func `a body that stops coming is answered when it has a time`() throws {
        let taker = Taker()
        taker.idleMs = 30
        try withServer(handler: taker.take) { server in
            let text = try server.ask("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel")
            #expect(text.hasPrefix("HTTP/1.1 408 "))
            #expect(taker.ends == [.cut])
            #expect(server.listener.counters.bodyTimeouts == 1)
        }
    }

    @Test func `a body waits in the kernel while the handler has not decided, and none is lost`() throws {
        var waiting: HTTPExchange?
        let taker = Taker()
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 5) }
        try withServer(handler: { waiting = $0 }) { server in
            let client = try server.dial()
            client.connection.setSendBuffer(bytes: 64 << 10)
            try client.send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: \(bytes.count)\r\n\r\n")
            try client.send(bytes)
            server.expect { waiting != nil }
            server.rest(ms: 20)
            #expect(client.connection.isWriting, "the sender is held up")
            taker.take(try #require(waiting))
            server.expect { client.hasEnded }
            #expect(taker.bytes == bytes)
            #expect(taker.ends == [.complete])
        }
    }

    // MARK: Answers that come later

    @Test func `an answer may come in a later turn`() throws {
        var waiting: HTTPExchange?
        try withServer(handler: { waiting = $0 }) { server in
            let client = try server.dial()
            try client.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
            server.expect { waiting != nil }
            server.rest(ms: 10)
            waiting?.respond(.ok, text: "late")
            waiting?.respond(.ok, text: "twice")
            server.expect { client.hasEnded }
            #expect(client.text.hasSuffix("\r\n\r\nlate"))
        }
    }

    @Test func `a client that leaves before its answer is told of, and late answers do no harm`() throws {
        var waiting: HTTPExchange?
        var closed = 0
        try withServer(handler: { exchange in
            waiting = exchange
            exchange.onClosed = { closed += 1 }
        }) { server in
            let client = try server.dial()
            try client.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
            server.expect { waiting != nil }
            client.connection.closeWithReset()
            server.expect { closed == 1 }
            let exchange = try #require(waiting)
            #expect(exchange.isClosed)
            exchange.respond(.ok, text: "late")
            #expect(exchange.startStreaming(ResponseHead(.ok)) == nil)
            #expect(exchange.upgradeToWebSocket() == nil)
            exchange.readBody(onBytes: { _ in }, onEnd: { _ in Issue.record("no body") })
            exchange.close()
            #expect(closed == 1)
            #expect(server.listener.connections == 0)
        }
    }

    /// A FIN may come from one who is gone, or from one who has said all that it had to say (RFC 9293 3.6).
    @Test(arguments: ["answer", "stream", "upgrade", "whole body", "cut body"])
    func `a client that ended its side gets an answer that comes later, and no stream`(what: String) throws {
        var waiting: HTTPExchange?
        var ends: [HTTPExchange.BodyEnd] = []
        try withServer(handler: { waiting = $0 }) { server in
            let client = try server.dial()
            let body = what == "whole body" ? "Content-Length: 2\r\n\r\nab" : "Content-Length: 3\r\n\r\nab"
            try client.send(
                what.hasSuffix("body")
                    ? "POST /x HTTP/1.1\r\nHost: x\r\n" + body : "GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
            client.connection.shutdown()
            server.expect { waiting != nil }
            server.rest()
            let exchange = try #require(waiting)
            #expect(!exchange.isClosed && !client.hasEnded)
            switch what {
            case "answer": exchange.respond(.ok, text: "late")
            case "stream": #expect(exchange.startStreaming(ResponseHead(.ok)) == nil)
            case "upgrade": #expect(exchange.upgradeToWebSocket() == nil)
            default:
                exchange.readBody(
                    onBytes: { _ in },
                    onEnd: { end in
                        ends.append(end)
                        if end == .complete { exchange.respond(.ok, text: "late") }
                    })
            }
            server.expect { client.hasEnded && server.listener.connections == 0 }
            #expect(client.text.hasSuffix("late") == ["answer", "whole body"].contains(what))
            #expect(ends == (what == "whole body" ? [.complete] : what == "cut body" ? [.cut] : []))
            #expect(exchange.isClosed)
        }
    }

    // MARK: Streams

    @Test func `a streamed answer is the handler's to write, and what the client says is thrown away`() throws {
        var streaming: (HTTPExchange, TCPConnection)?
        try withServer(handler: { exchange in
            var head = ResponseHead(.ok)
            head.add("Connection", "close")
            if let connection = exchange.startStreaming(head) { streaming = (exchange, connection) }
        }) { server in
            let client = try server.dial()
            try client.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
            server.expect { streaming != nil }
            let (exchange, connection) = try #require(streaming)
            for _ in 0..<5 {
                try client.send([UInt8](repeating: 1, count: 100_000))
                server.rest(ms: 2)
            }
            try connection.write(Array("abc".utf8))
            server.expect { client.text.hasSuffix("\r\n\r\nabc") }
            exchange.respond(.ok, text: "not a second answer")
            exchange.finishStreaming(Array("end".utf8))
            server.expect { client.hasEnded }
            #expect(client.text.hasSuffix("\r\n\r\nabcend"))
            exchange.finishStreaming(Array("twice".utf8))
        }
    }

    @Test(arguments: [true, false])
    func `a viewer that leaves is noticed without a write`(isReset: Bool) throws {
        var streaming: TCPConnection?
        var closed = 0
        try withServer(handler: { exchange in
            exchange.onClosed = { closed += 1 }
            streaming = exchange.startStreaming(ResponseHead(.ok))
        }) { server in
            let client = try server.dial()
            try client.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
            server.expect { streaming != nil }
            if isReset { client.connection.closeWithReset() } else { client.connection.close() }
            server.expect { closed == 1 }
            #expect(streaming?.isClosed == true)
            #expect(server.listener.connections == 0)
        }
    }

    @Test func `close ends a streamed answer without a word to the handler`() throws {
        var streaming: HTTPExchange?
        try withServer(handler: { exchange in
            exchange.onClosed = { Issue.record("the handler knows") }
            _ = exchange.startStreaming(ResponseHead(.ok))
            streaming = exchange
        }) { server in
            let client = try server.dial()
            try client.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
            server.expect { streaming != nil }
            streaming?.close()
            server.expect { client.hasEnded }
            #expect(client.text.hasPrefix("HTTP/1.1 200 OK\r\nDate: ") && client.text.hasSuffix(" GMT\r\n\r\n"))
        }
    }

    @Test func `exchange, connection and handler's closures are let go of after the answer`() throws {
        weak var watched: HTTPExchange?
        try withServer(handler: { exchange in
            watched = exchange
            exchange.onClosed = { _ = exchange }
            exchange.readBody(
                onBytes: { _ in _ = exchange },
                onEnd: { _ in exchange.respond(.ok, text: "ok") })
        }) { server in
            _ = try server.ask("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na")
            server.expect { server.listener.connections == 0 }
            #expect(watched == nil)
        }
    }
}
