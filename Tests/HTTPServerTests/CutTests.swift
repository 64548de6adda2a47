import HTTP1
import LoopIO
import Testing
import WebSocket

@testable import HTTPServer

/// Whoever is ended for a limit is counted and told once, with who it was and why.
@Suite struct CutTests {
    private typealias Cut = HTTPListener.Cut

    /// Runs a server whose cuts are collected; every one must be of a client of this test.
    private func withCuts(
        _ timing: HTTPListener.Timing = .short, handler: @escaping (HTTPExchange) -> Void,
        _ body: (Server, _ cuts: () -> [Cut], _ reasons: () -> [String]) throws -> Void
    ) throws {
        try withServer(timing, handler: handler) { server in
            var cuts: [Cut] = []
            var reasons: [String] = []
            server.listener.onCut = { peer, cut, why in
                #expect(peer.isLoopback && peer.port != 0)
                cuts.append(cut)
                reasons.append(why)
            }
            try body(server, { cuts }, { reasons })
        }
    }

    @Test func `a head that is not complete in time`() throws {
        try withCuts(.short { $0.headMs = 30 }, handler: { _ in }) { server, cuts, reasons in
            let client = try server.dial()
            try client.send("GET / HTTP/1.1\r\n")
            server.expect { client.hasEnded }
            #expect(cuts() == [.headTimeout] && reasons() == ["the head was not complete in 30 ms"])
            #expect(server.listener.counters.headTimeouts == 1)
        }
    }

    @Test(arguments: ["GET /\r\n\r\n", "BREW / HTTP/1.1\r\nHost: x\r\n\r\n"])
    func `a head that breaks the rules`(_ head: String) throws {
        try withCuts(handler: { _ in }) { server, cuts, reasons in
            let text = try server.ask(head)
            #expect(cuts() == [.headRefused] && text.hasSuffix(reasons()[0] + "\n"))
            #expect(server.listener.counters.headsRefused == 1)
        }
    }

    @Test func `an answer that is not taken`() throws {
        let body = [UInt8](repeating: 1, count: 16 << 20)
        let timing = HTTPListener.Timing.short { $0.answerStallMs = 40 }
        try withCuts(timing, handler: { $0.respond(.ok, contentType: "a/b", body: body) }) { server, cuts, _ in
            let client = try server.dial()
            client.connection.setReceiveBuffer(bytes: 32 << 10)
            client.connection.stopReading()
            try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            server.expect { !cuts().isEmpty && server.listener.connections == 0 }
            #expect(cuts() == [.answerStalled] && server.listener.counters.answersCut == 1)
        }
    }

    @Test func `an answer that is taken bit by bit for longer than its time`() {
        let timing = HTTPListener.Timing.short { ($0.answerStallMs, $0.answerMs) = (1000, 5000) }
        var watch = AnswerWatch(nowMs: 100, timing: timing)
        func isDue(_ nowMs: Int64, queued: Int) -> Bool { watch.isDue(nowMs: nowMs, queuedBytes: queued) }
        let moments = Array(stride(from: Int64(100), to: 5100, by: 900))
        for (number, nowMs) in moments.enumerated() { #expect(!isDue(nowMs, queued: 1000 - number), "\(nowMs)") }
        #expect(isDue(5100, queued: 1))
        // One that stalls has less.
        watch = AnswerWatch(nowMs: 100, timing: timing)
        #expect(!isDue(600, queued: 10))
        #expect(!isDue(1599, queued: 10))
        #expect(isDue(1600, queued: 10))
    }

    @Test func `a flood after the answer`() throws {
        try withCuts(handler: { $0.respond(.forbidden, text: "no") }) { server, cuts, _ in
            let client = try server.dial()
            try client.send("POST /x HTTP/1.1\r\nHost: x\r\n\r\n")
            for _ in 0..<20 { try? client.send([UInt8](repeating: 1, count: 256 << 10)) }
            server.expect { !cuts().isEmpty && server.listener.connections == 0 }
            #expect(cuts() == [.lingered] && server.listener.counters.lingersCut == 1)
        }
    }

    @Test func `a body that stops coming`() throws {
        let take: (HTTPExchange) -> Void = { exchange in
            exchange.readBody(idleMs: 30, onBytes: { _ in }, onEnd: { _ in })
        }
        try withCuts(handler: take) { server, cuts, reasons in
            let text = try server.ask("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel")
            #expect(text.hasPrefix("HTTP/1.1 408 "))
            #expect(cuts() == [.bodyTimeout] && reasons() == ["no byte of the body came for 30 ms"])
        }
    }

    @Test func `a pong that does not come`() throws {
        let timing = HTTPListener.Timing.short { ($0.pingMs, $0.pongMs) = (20, 40) }
        try withCuts(timing, handler: { $0.upgradeToWebSocket()?.start() }) { server, cuts, reasons in
            let client = try server.dial()
            try client.send(WebSocketConnectionTests.request + "\r\n")
            server.expect { client.hasEnded }
            #expect(cuts() == [.pongTimeout] && reasons() == ["no pong came for 40 ms"])
        }
    }

    @Test(arguments: [
        WebSocketConnectionTests.frame(2, [UInt8](repeating: 1, count: 4097)),
        WebSocketConnectionTests.frame(2, [1], isMasked: false),
    ])
    func `a message that is too long or against the rules`(_ bytes: [UInt8]) throws {
        try withCuts(handler: { $0.upgradeToWebSocket()?.start() }) { server, cuts, _ in
            let client = try server.dial()
            try client.send(Array((WebSocketConnectionTests.request + "\r\n").utf8) + bytes)
            server.expect { client.hasEnded }
            #expect(cuts() == [.messageRefused] && server.listener.counters.messagesRefused == 1)
        }
    }

    @Test func `who keeps to the rules is not told of`() throws {
        try withCuts(handler: { $0.respond(.ok, text: "x") }) { server, cuts, _ in
            #expect(try server.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").hasPrefix("HTTP/1.1 200 "))
            let client = try server.dial()
            client.connection.closeWithReset()
            server.expect { server.listener.connections == 0 }
            #expect(cuts().isEmpty)
        }
    }
}
