import HTTP1
import HTTPServer
import LoopIO
import Testing

@Suite struct HTTPConnectionTests {
    private func echo(_ exchange: HTTPExchange) {
        exchange.respond(.ok, text: exchange.request.segments.joined(separator: "|"))
    }

    @Test func `a request is answered and the connection closed`() throws {
        try withServer(handler: echo) { server in
            let text = try server.ask("GET /a/b HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(text.contains("Connection: close\r\n"))
            #expect(text.contains("Content-Length: 3\r\n"))
            #expect(text.hasSuffix("\r\n\r\na|b"))
            server.expect { server.listener.connections == 0 }
            #expect(server.listener.counters.requests == 1)
            #expect(server.listener.counters.answers == [.ok: 1])
        }
    }

    @Test func `a head may come byte by byte`() throws {
        try withServer(handler: echo) { server in
            let client = try server.dial()
            for byte in "GET /a HTTP/1.1\r\nHost: x\r\n\r\n".utf8 {
                try client.send([byte])
                _ = server.loop.run(until: { true }, timeoutMs: 1)
                server.rest(ms: 1)
            }
            server.expect { client.hasEnded }
            #expect(client.text.hasSuffix("\r\n\r\na"))
        }
    }

    @Test func `the answer to HEAD has the length and no content`() throws {
        try withServer(handler: echo) { server in
            let text = try server.ask("HEAD /abc HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(text.contains("Content-Length: 3\r\n"))
            #expect(text.hasSuffix("\r\n\r\n"))
        }
    }

    @Test(arguments: [
        ("GET /\r\n\r\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\nHost: x\n\n", 400),
        ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400), ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("GET /a%2f..%2fb HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ])
    func `a head that breaks the rules is answered and closed without a handler`(head: String, status: Int) throws {
        try withServer(handler: { _ in Issue.record("handled") }) { server in
            let text = try server.ask(head)
            #expect(text.hasPrefix("HTTP/1.1 \(status) "))
            #expect(text.contains("Connection: close\r\n"))
            #expect(server.listener.counters.headsRefused == 1)
        }
    }

    @Test func `a head that is too large is refused at its limit, with the answer readable`() throws {
        try withServer(handler: { _ in Issue.record("handled") }) { server in
            let client = try server.dial()
            let fields = String(repeating: "X-Pad: \(String(repeating: "a", count: 1000))\r\n", count: 40)
            try client.send("GET / HTTP/1.1\r\nHost: x\r\n" + fields)
            server.expect { client.hasEnded }
            #expect(client.text.hasPrefix("HTTP/1.1 431 "))
            #expect(client.failure == nil)
        }
    }

    @Test func `a head with too many lines is refused`() throws {
        try withServer(handler: { _ in Issue.record("handled") }) { server in
            let text = try server.ask(
                "GET / HTTP/1.1\r\nHost: x\r\n" + String(repeating: "A: b\r\n", count: 100) + "\r\n")
            #expect(text.hasPrefix("HTTP/1.1 431 "))
        }
    }

    @Test func `a head has a time in total, however steadily it drips`() throws {
        let timing = HTTPListener.Timing.short { $0.headMs = 60 }
        try withServer(timing, handler: { _ in Issue.record("handled") }) { server in
            let silent = try server.dial()
            let dripping = try server.dial()
            try dripping.send("GET / HTTP/1.1\r\n")
            while !dripping.hasEnded {
                guard (try? dripping.send("A: b\r\n")) != nil else { break }
                server.rest(ms: 5)
            }
            server.expect { silent.hasEnded && dripping.hasEnded }
            #expect(silent.text.hasPrefix("HTTP/1.1 408 "))
            #expect(dripping.text.hasPrefix("HTTP/1.1 408 "))
            #expect(server.listener.counters.headTimeouts == 2)
        }
    }

    @Test func `a client that ends its side behind the request gets its answer`() throws {
        try withServer(handler: echo) { server in
            let client = try server.dial()
            try client.send("GET /a HTTP/1.0\r\n\r\n")
            client.connection.shutdown()
            server.expect { client.hasEnded }
            #expect(client.text.hasSuffix("\r\n\r\na"))
            server.expect { server.listener.connections == 0 }
        }
    }

    @Test func `a client that leaves in the middle of a head is forgotten`() throws {
        try withServer(handler: echo) { server in
            let polite = try server.dial()
            let rude = try server.dial()
            try polite.send("GET / HT")
            try rude.send("GET / HT")
            server.expect { server.listener.connections == 2 }
            server.rest(ms: 10)
            polite.connection.shutdown()
            rude.connection.closeWithReset()
            server.expect { server.listener.connections == 0 && polite.hasEnded }
            #expect(polite.bytes.isEmpty)
        }
    }

    // MARK: After the answer

    @Test func `a client that is still sending reads its refusal`() throws {
        try withServer(handler: { $0.respond(.forbidden, text: "no") }) { server in
            let client = try server.dial()
            try client.send("POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<20 where !client.hasEnded {
                guard (try? client.send("4\r\nabcd\r\n")) != nil else { break }
                server.rest(ms: 1)
            }
            server.expect { client.hasEnded }
            #expect(client.failure == nil, "an orderly end")
            #expect(client.text.hasPrefix("HTTP/1.1 403 "))
            #expect(client.text.hasSuffix("no"))
        }
    }

    @Test func `a client that sends for ever is cut after the time to linger`() throws {
        let timing = HTTPListener.Timing.short { $0.lingerMs = 40 }
        try withServer(timing, handler: { $0.respond(.forbidden, text: "no") }) { server in
            let client = try server.dial()
            try client.send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
            server.expect {
                _ = try? client.connection.write([1])
                return server.listener.connections == 0
            }
            #expect(client.text.hasPrefix("HTTP/1.1 403 "))
        }
    }

    @Test func `a client that floods after its answer is cut by bytes`() throws {
        try withServer(handler: { $0.respond(.forbidden, text: "no") }) { server in
            let client = try server.dial()
            try client.send("POST /x HTTP/1.1\r\nHost: x\r\n\r\n")
            let block = [UInt8](repeating: 1, count: 256 << 10)
            for _ in 0..<20 { try? client.send(block) }
            server.expect { server.listener.connections == 0 }
            #expect(server.listener.counters.lingersCut == 1)
        }
    }

    @Test func `a large answer is whole for a client that reads slowly`() throws {
        let body = (0..<4_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 4) }
        let timing = HTTPListener.Timing.short {
            $0.lingerMs = 20
            $0.answerStallMs = 2000
        }
        try withServer(timing, handler: { $0.respond(.ok, contentType: "a/b", body: body) }) { server in
            let client = try server.dial()
            client.connection.setReceiveBuffer(bytes: 32 << 10)
            client.connection.stopReading()
            try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            server.rest(ms: 80)
            #expect(server.listener.connections == 1, "the time to linger begins behind the answer")
            client.readOn()
            server.expect { client.hasEnded }
            #expect(Array(client.bytes.suffix(body.count)) == body)
            #expect(client.failure == nil)
        }
    }

    @Test func `a client that takes nothing of its answer is cut`() throws {
        let timing = HTTPListener.Timing.short { $0.answerStallMs = 40 }
        let body = [UInt8](repeating: 1, count: 16 << 20)
        try withServer(timing, handler: { $0.respond(.ok, contentType: "a/b", body: body) }) { server in
            let client = try server.dial()
            client.connection.setReceiveBuffer(bytes: 32 << 10)
            client.connection.stopReading()
            try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            server.expect { server.listener.connections == 1 }
            server.expect { server.listener.connections == 0 }
            #expect(server.listener.counters.answersCut == 1)
        }
    }

    @Test func `what follows a whole request is not a second one`() throws {
        var handled = 0
        try withServer(handler: { exchange in
            handled += 1
            exchange.respond(.ok, text: "one")
        }) { server in
            let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
            let text = try server.ask(request + request)
            #expect(text.hasSuffix("\r\n\r\none"))
            #expect(handled == 1)
        }
    }
}
