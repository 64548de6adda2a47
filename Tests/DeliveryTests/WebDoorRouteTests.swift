import Configuration
import LoopIO
import ServiceSupport
import Streaming
import TestSupport
import Testing

@testable import Delivery

@Suite struct WebDoorRouteTests {
    @Test(arguments: [
        ("GET / ", 200), ("GET /live/main ", 200), ("GET /nope/nope ", 200), ("GET /live/main.json ", 200),
        ("HEAD /live/main.ts ", 200), ("GET /player/player.js ", 200), ("GET /player/player.css ", 200),
        ("GET /healthz ", 200), ("GET /nope/nope.json ", 404), ("GET /nope/nope.ts ", 404),
        ("HEAD /nope/nope.ts ", 404), ("GET /player/other.js ", 404), ("GET /player/jsmpeg.js ", 404),
        ("GET /a/b/c ", 404), ("GET /api/x ", 404), ("GET /a%2fb/c ", 400), ("GET /../etc/passwd ", 400),
        ("GET /live/%3Cscript%3E.json ", 404), ("POST / ", 405), ("PUT /live/main ", 405), ("DELETE / ", 405),
    ])
    func `a request is answered by its route and reflects nothing`(request: String, status: Int) throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeWebDoor(harness)
        defer { door.close() }
        let answer = try harness.ask(door.localAddress, request + "HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(answer.status == status)
        #expect(!answer.text.contains("<script>") || answer.text.contains("<!doctype html>"))
        if request.contains(".json") || request.contains(".ts") {
            #expect(answer.text.contains("Access-Control-Allow-Origin: *\r\n"))
        }
        if request.contains("jsmpeg") { #expect(answer.text.contains("deploy/get-jsmpeg.sh")) }
        if request.hasPrefix("HEAD") { #expect(answer.body.isEmpty) }
        if status == 405 { #expect(answer.text.contains("Allow: GET, HEAD\r\n")) }
    }

    /// RFC 9110 8.6 and 9.3.2: a length that HEAD tells is that of GET's answer.
    @Test(arguments: [
        "/ HTTP/1.1", "/live/main HTTP/1.1", "/live/main.json HTTP/1.1", "/live/main.ts HTTP/1.1",
        "/live/main.ts HTTP/1.0", "/player/player.js HTTP/1.1", "/nope/nope.ts HTTP/1.1", "/healthz HTTP/1.1",
    ])
    func `HEAD is answered with the head that GET gets`(target: String) throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeWebDoor(harness)
        defer { door.close() }
        func head(_ method: String) throws -> (fields: [String], body: [UInt8]) {
            let client = try harness.dial(door.localAddress)
            try client.send("\(method) \(target)\r\nHost: a\r\n\r\n")
            // A stream has no end: the head is all that comes while nobody publishes.
            harness.expect { client.hasEnded || method == "GET" && client.text.contains("\r\n\r\n") }
            let text = client.text.prefix(client.text.count - String(decoding: client.body, as: UTF8.self).count)
            return (text.split(separator: "\r\n").map(String.init), client.body)
        }
        let asked = try head("HEAD")
        let got = try head("GET")
        #expect(asked.fields == got.fields && asked.body.isEmpty)
        let hasLength = asked.fields.contains { $0.hasPrefix("Content-Length: ") }
        #expect(hasLength == !(target.contains(".ts") && target.contains("live")))
    }

    @Test func `a door with one stream knows no other`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        _ = try harness.registry.obtain(try StreamID(app: "app", name: "cam"))
        let door = try makeWebDoor(harness) { $0.streams = .one(.main) }
        defer { door.close() }
        let other = try harness.ask(door.localAddress, "GET /app/cam.json HTTP/1.1\r\nHost: a\r\n\r\n")
        let own = try harness.ask(door.localAddress, "GET /live/main.json HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(other.status == 404 && own.status == 200)
    }

    @Test func `the document of a stream is JSON and says what came`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeWebDoor(harness)
        defer { door.close() }
        let publisher = try harness.publisher(of: try harness.registry.obtain(.main))
        var fixture = TransportStreamFixture()
        publisher.deliver(fixture.takeGroup() + fixture.takeGroup(), nowMs: harness.loop.nowMs)
        let answer = try harness.ask(door.localAddress, "GET /live/main.json HTTP/1.1\r\nHost: a\r\n\r\n")
        let document = try JSONValue(parsing: String(decoding: answer.body, as: UTF8.self))
        #expect(document["stream"].string == "live/main" && document["state"].string == "live")
        #expect(document["video"]["codec"].string == "mpeg1" && document["push"]["tcp"] == .number(50_001))
        #expect(answer.text.contains("\"jsmpeg\":false") && document["viewer"] == .null)
        // Who sends is not for everyone who may watch.
        #expect(!answer.text.contains("10.0.0.9"))
    }

    @Test func `a page finds its own figures by its name, and no one finds them in another stream`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeWebDoor(harness)
        defer { door.close() }
        _ = try harness.registry.obtain(try StreamID(app: "app", name: "cam"))
        let long = String(repeating: "x", count: WebDoor.tokenBytesMax + 1)
        let viewer = try WebViewer(harness, door.localAddress, path: "/?viewer=me")
        let nameless = try WebViewer(harness, door.localAddress, path: "/?viewer=" + long)
        func document(_ path: String) throws -> JSONValue {
            let answer = try harness.ask(door.localAddress, "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            return try JSONValue(parsing: String(decoding: answer.body, as: UTF8.self))
        }
        #expect(try document("/live/main.json?viewer=me")["viewer"]["skippedPictures"] == .number(0))
        #expect(try document("/live/main.json?viewer=other")["viewer"] == .null)
        #expect(try document("/live/main.json?viewer=" + long)["viewer"] == .null)
        #expect(try document("/app/cam.json?viewer=me")["viewer"] == .null)
        viewer.client.close()
        harness.expect { harness.registry.viewers == 1 }
        #expect(try document("/live/main.json?viewer=me")["viewer"] == .null)
        withExtendedLifetime(nameless) {}
    }

    @Test func `a request that is refused for its head is one line, and its repeats a count`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeWebDoor(harness)
        for _ in 0..<3 { #expect(try harness.ask(door.localAddress, "GET / HTTP/1.1\r\n\r\n").status == 400) }
        let lines = harness.log("viewer.refused")
        #expect(lines.count == 1 && lines[0].contains("section=custom") && lines[0].contains("Host"), "\(lines)")
        door.close()
        let again = harness.log("viewer.refused.again")
        #expect(again.count == 1 && again[0].contains("times=2"), "\(again)")
    }

    @Test func `viewers and pages get in while the door is full of half-open heads`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeWebDoor(harness, requestsMax: 6) { $0.viewersMax = 2 }
        defer { door.close() }
        let halves = try (0..<20).map { _ in
            let client = try harness.dial(door.localAddress)
            try client.send("GET /live/main.ts HT")
            return client
        }
        defer { withExtendedLifetime(halves) {} }
        harness.expect { halves.count(where: \.hasEnded) == 12 }
        #expect(!halves.prefix(12).contains { !$0.hasEnded })
        let viewer = try WebViewer(harness, door.localAddress, path: "/")
        let pour = try harness.dial(door.localAddress)
        try pour.send("GET /live/main.ts HTTP/1.1\r\nHost: a\r\n\r\n")
        harness.expect { harness.registry.viewers == 2 }
        #expect(try harness.ask(door.localAddress, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
        // Who is served stays, whoever comes.
        let others = try (0..<20).map { _ in try harness.dial(door.localAddress) }
        harness.expect { others.count(where: \.hasEnded) >= 13 }
        #expect(harness.registry.viewers == 2 && !pour.hasEnded && !viewer.client.hasEnded)
        #expect(door.counters.headsClosed >= 15 && door.counters.refusedLimit == 0)
        // One line now, the repeats as a count later.
        #expect(harness.log("viewer.refused").count == 1)
    }

    @Test func `during a stop requests are answered 503 and idle connections hold nothing up`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeWebDoor(harness)
        defer { door.close() }
        let early = try harness.dial(door.localAddress)
        let idle = try harness.dial(door.localAddress)
        harness.rest(ms: 20)
        door.stopAccepting()
        try early.send("GET /live/main.ts HTTP/1.1\r\nHost: a\r\n\r\n")
        harness.expect { early.hasEnded }
        #expect(early.status == 503 && !idle.hasEnded)
        early.close()
        harness.expect { door.isEmpty }
    }
}
