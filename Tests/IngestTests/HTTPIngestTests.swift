import Configuration
import LoopIO
import ServiceSupport
import Streaming
import TestSupport
import Testing

@testable import Ingest

@Suite struct HTTPIngestTests {
    @Test(arguments: ["chunked", "length", "until the end"], ["POST", "PUT"])
    func `a body in any framing is the stream, and is answered at its end and never before`(
        framing: String, method: String
    ) throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try HTTPWay(harness)
        defer { way.close() }
        let watcher = try harness.watch(try harness.registry.obtain(.main))
        var fixture = TransportStreamFixture()
        let sent = fixture.takeGroup(pictures: 20)
        let halves = [Array(sent[..<9000]), Array(sent[9000...])]
        let client = try harness.dial(way.address)
        switch framing {
        case "chunked":
            try client.send("\(method) / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            try client.send(HTTPWay.chunk(halves[0]))
        case "length":
            try client.send("\(method) / HTTP/1.1\r\nHost: a\r\nContent-Length: \(sent.count)\r\n\r\n")
            try client.send(halves[0])
        default:
            try client.send("\(method) / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            try client.send(halves[0])
        }
        harness.expect { watcher.bytes.count >= 9000 / 188 * 188 - 188 }
        #expect(client.bytes.isEmpty)
        try client.send(framing == "chunked" ? HTTPWay.chunk(halves[1]) + HTTPWay.chunk([]) : halves[1])
        if framing == "until the end" { client.connection.shutdown() }
        harness.expect { client.hasEnded && watcher.bytes.count == sent.count }
        #expect((watcher.bytes == sent) as Bool)
        #expect(client.status == 200 && client.text.hasSuffix("\r\n\(sent.count) bytes\n"))
    }

    /// With `Secret = s3cret`: what is asked, the answer, and the stream that it leads to.
    @Test(arguments: [
        ("POST /s3cret", "", 200, "live/main"),
        ("PUT /s3cret/anything/at/all", "", 200, "live/main"),
        ("POST /app/cam?secret=s3cret", "", 200, "app/cam"),
        ("PUT /app/cam", "Authorization: Basic YW55OnMzY3JldA==\r\n", 200, "app/cam"),
        ("POST /", "Authorization: Basic YW55OnMzY3JldA==\r\n", 200, "live/main"),
        ("POST /", "", 401, ""),
        ("POST /app/cam", "", 401, ""),
        ("POST /wrong", "", 403, ""),
        ("POST /app/cam?secret=wrong", "", 403, ""),
        ("POST /app/cam?secret=", "", 403, ""),
        ("POST /app/cam", "Authorization: Basic YW55Ondyb25n\r\n", 403, ""),
        ("POST /api/cam?secret=s3cret", "", 404, ""),
        ("POST /app/.cam?secret=s3cret", "", 404, ""),
        ("POST /app/cam.ts?secret=s3cret", "", 404, ""),
        ("POST /a/b/c?secret=s3cret", "", 404, ""),
        ("GET /s3cret", "", 405, ""),
        ("DELETE /s3cret", "", 405, ""),
    ])
    func `a secret opens the way in, and nothing of a refused body is used`(
        request: String, field: String, status: Int, stream: String
    ) throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try HTTPWay(harness, secret: "s3cret")
        defer { way.close() }
        var fixture = TransportStreamFixture()
        let sent = fixture.takeGroup()
        let client = try harness.dial(way.address)
        try client.send("\(request) HTTP/1.1\r\nHost: a\r\n\(field)Content-Length: \(sent.count)\r\n\r\n")
        try client.send(sent)
        harness.expect { client.hasEnded }
        #expect(client.status == status)
        if status == 200 {
            let found = harness.registry.stream(try StreamID(parsing: stream))
            #expect(found?.status.packets == UInt64(sent.count / 188))
        } else {
            #expect(harness.registry.all.allSatisfy { $0.status.packets == 0 })
            #expect(client.text.contains("Connection: close\r\n") && !client.body.isEmpty)
        }
        if status == 401 { #expect(client.text.contains("WWW-Authenticate: Basic")) }
        if status == 405 { #expect(client.text.contains("Allow: POST, PUT\r\n")) }
        let counters = way.ingest.counters
        #expect(counters.refusedSecret == (status == 401 || status == 403 ? 1 : 0))
        #expect(counters.refusedPath == (status == 404 ? 1 : 0))
        // Neither the secret nor what was tried instead of it is written anywhere.
        for word in ["s3cret", "wrong", "YW55"] {
            #expect(!harness.log.contains { $0.contains(word) && !$0.contains("why=\"wrong secret\"") })
            #expect(!client.text.contains(word) || word == "wrong" && client.body == Array("wrong secret\n".utf8))
        }
    }

    @Test func `a client that waits for 100 Continue is told to go on only when it may publish`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try HTTPWay(harness, secret: "s3cret")
        defer { way.close() }
        let head = " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
        let refused = try harness.dial(way.address)
        try refused.send("POST /wrong" + head)
        harness.expect { refused.hasEnded }
        #expect(refused.text.hasPrefix("HTTP/1.1 403 ") && !refused.text.contains(" 100 "))
        let good = try harness.dial(way.address)
        try good.send("POST /s3cret" + head)
        harness.expect { !good.bytes.isEmpty }
        #expect(good.text == "HTTP/1.1 100 Continue\r\n\r\n")
    }

    @Test func `an address that may not send gets 403, and may ask for health`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try HTTPWay(harness, allows: try AddressList(parsing: ["10.0.0.0/8"]))
        defer { way.close() }
        let refused = try harness.ask(way.address, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        #expect(refused.status == 403 && way.ingest.counters.refusedAddress == 1)
        let asked = try harness.ask(way.address, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(asked.status == 200)
    }

    @Test func `a stream that is taken is 409, before a byte of the body`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try HTTPWay(harness)
        defer { way.close() }
        let stream = try harness.registry.obtain(.main)
        var fixture = TransportStreamFixture()
        try harness.publisher(of: stream).deliver(fixture.takeGroup(), nowMs: harness.loop.nowMs)
        let client = try harness.ask(way.address, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 188\r\n\r\n")
        #expect(client.status == 409 && client.text.contains("Takeover = takeover"))
        #expect(way.ingest.counters.refusedTaken == 1 && way.ingest.counters.accepted == 0)
        #expect(stream.status.publishersRefused == 1)
    }

    @Test func `a body that is no transport stream is 400 after 64 KiB`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try HTTPWay(harness)
        defer { way.close() }
        let client = try harness.dial(way.address)
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
        try client.send([UInt8](repeating: 0x20, count: 70_000))
        harness.expect { client.hasEnded }
        #expect(client.status == 400 && client.text.contains("ffmpeg -f mpegts"))
        #expect(way.ingest.counters.refusedGarbage == 1 && way.ingest.bodies == 0)
    }

    @Test func `a broken chunk is 400, counted and logged, and ends the publisher`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try HTTPWay(harness)
        defer { way.close() }
        var fixture = TransportStreamFixture()
        let client = try harness.dial(way.address)
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        try client.send(HTTPWay.chunk(fixture.takeGroup()) + Array("zz\r\n".utf8))
        harness.expect { client.hasEnded }
        #expect(client.status == 400 && way.ingest.counters.refusedGarbage == 1)
        #expect(harness.log("publisher.refused").count == 1 && harness.log("publisher.gone").count == 1)
    }

    @Test func `over the limit a publisher is 503, and one that sends nothing gives its place up with 408`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 188\r\n\r\n"
        let way = try HTTPWay(harness) { $0.publishersMax = 1 }
        let first = try harness.dial(way.address)
        try first.send(head)
        harness.expect { way.ingest.bodies == 1 }
        let second = try harness.ask(way.address, head)
        #expect(second.status == 503 && way.ingest.counters.refusedLimit == 1 && !first.hasEnded)
        way.close()
        let patient = try HTTPWay(harness) {
            $0.publishersMax = 1
            $0.idleMs = 0
        }
        defer { patient.close() }
        let idle = try harness.dial(patient.address)
        try idle.send(head)
        harness.expect { patient.ingest.bodies == 1 }
        let newcomer = try harness.dial(patient.address)
        try newcomer.send(head)
        harness.expect { idle.hasEnded }
        #expect(idle.status == 408 && patient.ingest.counters.idleClosed == 1 && patient.ingest.bodies == 1)
    }

    @Test func `a body that brings bytes and never a packet is 408 in time, and one that waits is not`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try HTTPWay(harness) {
            $0.firstPacketMs = 50
            $0.sweepMs = 5
        }
        defer { way.close() }
        let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1880\r\n\r\n"
        let silent = try harness.dial(way.address)
        try silent.send(head)
        let slow = try harness.dial(way.address)
        try slow.send(head + "G")
        harness.expect { slow.hasEnded }
        harness.rest(ms: 100)
        #expect(slow.status == 408 && slow.text.contains("ffmpeg -f mpegts") && !silent.hasEnded)
        #expect(way.ingest.counters.refusedSlow == 1 && way.ingest.bodies == 1)
        // Of a series of bodies each has its time.
        for _ in 0..<5 {
            let next = try harness.ask(way.address, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nG")
            #expect(next.status == 200)
            harness.rest(ms: 20)
        }
        #expect(way.ingest.counters.refusedSlow == 1)
    }

    @Test func `a request that is refused for its head, or floods behind its answer, is logged`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try HTTPWay(harness, secret: "s")
        for _ in 0..<3 { #expect(try harness.ask(way.address, "POST /s HTTP/1.1\r\n\r\n").status == 400) }
        let client = try harness.dial(way.address)
        try client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n")
        for _ in 0..<20 { try? client.send([UInt8](repeating: 1, count: 256 << 10)) }
        harness.expect { harness.log("publisher.refused").count == 3 }
        let lines = harness.log("publisher.refused")
        #expect(lines.count { $0.contains("section=backstream") && $0.contains("Host") } == 1, "\(lines)")
        #expect(lines.count { $0.contains("it went on sending after its answer") } == 1, "\(lines)")
        way.close()
        let again = harness.log("publisher.refused.again").filter { $0.contains("kind=\"wrong head\"") }
        #expect(again.count == 1 && again[0].contains("times=2"), "\(harness.log)")
    }

    @Test func `a publisher gets in while the way in is full of half-open heads`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try HTTPWay(harness) {
            $0.publishersMax = 2
            $0.headsMax = 6
        }
        let halves = try (0..<20).map { _ in
            let client = try harness.dial(way.address)
            try client.send("POST / HT")
            return client
        }
        defer { withExtendedLifetime(halves) {} }
        harness.expect { halves.count(where: \.hasEnded) == 12 }
        #expect(way.ingest.counters.headsClosed == 12 && !halves.prefix(12).contains { !$0.hasEnded })
        var fixture = TransportStreamFixture()
        let publisher = try harness.dial(way.address)
        try publisher.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        try publisher.send(HTTPWay.chunk(fixture.takeGroup()))
        harness.expect { harness.registry.hasLiveStream }
        // Whoever comes then, the publisher stays.
        let others = try (0..<20).map { _ in try harness.dial(way.address) }
        harness.expect { others.count(where: \.hasEnded) >= 13 }
        #expect(!publisher.hasEnded && way.ingest.bodies == 1 && way.ingest.counters.refusedLimit == 0)
        // One line, and at the end how often it was.
        let closed = way.ingest.counters.headsClosed
        #expect(closed >= 33 && harness.log("publisher.refused").count == 1)
        way.close()
        let again = harness.log("publisher.refused.again").filter { $0.contains("kind=head ") }
        #expect(again.count == 1 && again[0].contains("times=\(closed - 1)"))
    }

    @Test func `a publisher that is replaced gets 409`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try HTTPWay(harness)
        defer { way.close() }
        var fixture = TransportStreamFixture()
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        let first = try harness.dial(way.address)
        try first.send(head)
        try first.send(HTTPWay.chunk(fixture.takeGroup()))
        harness.expect { harness.registry.hasLiveStream }
        let second = try harness.dial(way.address)
        try second.send(head)
        try second.send(HTTPWay.chunk(fixture.takeGroup()))
        harness.expect { first.hasEnded }
        #expect(first.status == 409 && first.text.contains("replaced by a new publisher") && !second.hasEnded)
    }

    @Test func `a body that is cut off is no whole one, and its publisher is gone at once`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try HTTPWay(harness)
        defer { way.close() }
        var fixture = TransportStreamFixture()
        let client = try harness.dial(way.address)
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
        try client.send(fixture.takeGroup())
        harness.expect { harness.registry.hasLiveStream }
        client.close()
        harness.expect { !harness.log("publisher.gone").isEmpty }
        #expect(harness.log("publisher.gone").first?.contains("complete=false") ?? false)
        #expect(harness.registry.stream(.main)?.hasSource == false)
    }

    @Test func `a way in that is closed answers its publishers with 503 and lets go of them`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let way = try HTTPWay(harness) { $0.farewellMs = 1000 }
        var fixture = TransportStreamFixture()
        let client = try harness.dial(way.address)
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        try client.send(HTTPWay.chunk(fixture.takeGroup()))
        let waiting = try harness.dial(way.address)
        harness.expect { harness.registry.hasLiveStream }
        way.ingest.close()
        way.ingest.close()
        try waiting.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
        harness.expect { client.hasEnded && waiting.hasEnded }
        #expect(client.status == 503 && waiting.status == 503)
        #expect(try harness.dial(way.address).hasEnded)
        harness.expect { way.ingest.isClosed }
        #expect(harness.registry.stream(.main)?.hasSource == false)
    }
}
