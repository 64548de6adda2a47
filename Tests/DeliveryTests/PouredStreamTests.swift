import Configuration
import LoopIO
import ServiceSupport
import Streaming
import TestSupport
import Testing

@testable import Delivery

/// `GET /<app>/<stream>.ts`.
@Suite struct PouredStreamTests {
    /// Takes the chunked coding off (RFC 9112 7.1); `isWhole` once the last chunk has come.
    private func unchunk(_ body: [UInt8]) -> (bytes: [UInt8], isWhole: Bool) {
        var bytes: [UInt8] = []
        var rest = body[...]
        while let line = rest.firstIndex(of: 13) {
            let size = Int(String(decoding: rest[rest.startIndex..<line], as: UTF8.self), radix: 16) ?? 0
            guard rest.endIndex >= line + 2 + size + 2 else { break }
            if size == 0 { return (bytes, true) }
            bytes += rest[(line + 2)..<(line + 2 + size)]
            rest = rest[(line + 2 + size + 2)...]
        }
        return (bytes, false)
    }

    @Test func `to HTTP 1 point 1 it is chunked, and ends with a last chunk when Grace is over`() throws {
        let harness = try ServiceHarness { $0.streamDefaults.grace = .milliseconds(100) }
        defer { harness.close() }
        let door = try makeWebDoor(harness)
        defer { door.close() }
        let named = try harness.registry.obtain(try StreamID(app: "app", name: "cam"))
        let publisher = try harness.publisher(of: named)
        var fixture = TransportStreamFixture()
        let first = fixture.takeGroup()
        publisher.deliver(first, nowMs: harness.loop.nowMs)
        let client = try harness.dial(door.localAddress)
        try client.send("GET /app/cam.ts HTTP/1.1\r\nHost: a\r\nRange: bytes=0-\r\n\r\n")
        harness.expect { harness.registry.viewers == 1 }
        let second = fixture.takeGroup()
        publisher.deliver(second, nowMs: harness.loop.nowMs)
        publisher.senderGone(isComplete: true, nowMs: harness.loop.nowMs)
        harness.expect { client.hasEnded }
        #expect(client.status == 200 && client.text.contains("Transfer-Encoding: chunked\r\n"))
        #expect(client.text.contains("Access-Control-Allow-Origin: *\r\n"))
        let body = unchunk(client.body)
        #expect(body.isWhole && client.failure == nil)
        #expect((body.bytes == first + second) as Bool)
    }

    @Test func `to HTTP 1 point 0 it is bare, and ended by the close`() throws {
        let harness = try ServiceHarness { $0.streamDefaults.grace = .milliseconds(100) }
        defer { harness.close() }
        let door = try makeWebDoor(harness)
        defer { door.close() }
        let named = try harness.registry.obtain(try StreamID(app: "app", name: "cam"))
        let publisher = try harness.publisher(of: named)
        var fixture = TransportStreamFixture()
        let sent = fixture.takeGroup()
        publisher.deliver(sent, nowMs: harness.loop.nowMs)
        let client = try harness.dial(door.localAddress)
        try client.send("GET /app/cam.ts HTTP/1.0\r\n\r\n")
        harness.expect { client.body.count == sent.count }
        publisher.senderGone(isComplete: true, nowMs: harness.loop.nowMs)
        harness.expect { client.hasEnded }
        #expect(client.failure == nil && !client.text.contains("chunked"))
        #expect((client.body == sent) as Bool)
    }

    @Test func `a client that goes is let go of`() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let door = try makeWebDoor(harness)
        defer { door.close() }
        let client = try harness.dial(door.localAddress)
        try client.send("GET /live/main.ts HTTP/1.1\r\nHost: a\r\n\r\n")
        harness.expect { client.status == 200 && harness.registry.viewers == 1 }
        client.close()
        harness.expect { harness.registry.viewers == 0 && door.isEmpty }
        #expect(harness.log("viewer.left").first?.contains("tier=http") ?? false)
    }
}
