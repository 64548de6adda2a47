import TestSupport
import Testing

@testable import Bench

/// Who may connect to `tsbench limit`, and who is let go.
@Suite struct LimitConnectionTests {
    private static func packets(_ count: Int, _ filler: UInt8 = 0xaa) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<count { bytes += [0x47, 0x01, 0x00, 0x10] + [UInt8](repeating: filler, count: 184) }
        return bytes
    }

    @Test func `a publisher out of step is closed, and the next one is taken`() throws {
        let limit = try LimitProcess("--policy", "read")
        let viewer = Collector(try TCPSource.open(port: try limit.port("tcp")))
        defer { viewer.stop() }
        let bad = try limit.publish()
        try bad.send(LimitConnectionTests.packets(2))
        try viewer.waitForBytes(376, within: 10)
        try bad.send([UInt8](repeating: 0, count: 188))
        #expect(try bad.receive(within: 10).isEmpty)
        let good = try limit.publish()
        try good.send(LimitConnectionTests.packets(1, 0xbb))
        try viewer.waitForBytes(564, within: 10)
        #expect(viewer.received == LimitConnectionTests.packets(2) + LimitConnectionTests.packets(1, 0xbb))
        let counts = try limit.stop()
        #expect(counts.count("syncLosses") == 1 && counts.count("publishers") == 2)
    }

    @Test func `the rest of a packet goes with its publisher`() throws {
        let limit = try LimitProcess("--policy", "timer", "--delay", "10000")
        let viewer = Collector(try TCPSource.open(port: try limit.port("tcp")))
        defer { viewer.stop() }
        let first = try limit.publish()
        try first.send(Array(LimitConnectionTests.packets(2).dropLast(10)))
        first.shutdownBoth()
        try viewer.waitForBytes(188, within: 10)
        let second = try limit.publish()
        try second.send(LimitConnectionTests.packets(1, 0xbb))
        second.shutdownBoth()
        try viewer.waitForBytes(376, within: 10)
        #expect(viewer.received == LimitConnectionTests.packets(1) + LimitConnectionTests.packets(1, 0xbb))
    }

    @Test func `a second publisher is refused`() throws {
        let limit = try LimitProcess("--policy", "read")
        let viewer = Collector(try TCPSource.open(port: try limit.port("tcp")))
        defer { viewer.stop() }
        let first = try limit.publish()
        try first.send(LimitConnectionTests.packets(1))
        try viewer.waitForBytes(188, within: 10)
        #expect(try limit.publish().receive(within: 10).isEmpty)
        try first.send(LimitConnectionTests.packets(1))
        try viewer.waitForBytes(376, within: 10)
        #expect(try limit.stop().count("publishersRefused") == 1)
    }

    @Test func `a viewer that lags by more than the ring is dropped, and the others lose nothing`() throws {
        let limit = try LimitProcess("--policy", "read", "--ring", "1")
        let deaf = try RawSocket.connect(port: try limit.port("tcp"), receiveBuffer: 4096)
        let viewer = Collector(try TCPSource.open(port: try limit.port("tcp")))
        defer { viewer.stop() }
        let publisher = try limit.publish()
        // One after the other, so that the one who reads is never far behind; 8 MB are more than ring and kernel hold.
        let piece = LimitConnectionTests.packets(600)
        for number in 1...72 {
            try publisher.send(piece)
            try viewer.waitForBytes(number * piece.count, within: 10)
        }
        let counts = try limit.stop()
        #expect(counts.count("viewersDropped") == 1)
        #expect(counts.count("partialWrites") > 0)
        deaf.close()
    }

    @Test func `a slow viewer gets every byte once there is room again`() throws {
        let limit = try LimitProcess("--policy", "read", "--ring", "64")
        let viewer = Collector(try HTTPSource.open(port: try limit.port("http"), path: "/", receiveBuffer: 4096))
        defer { viewer.stop() }
        let fast = Collector(try TCPSource.open(port: try limit.port("tcp")))
        defer { fast.stop() }
        viewer.pause()
        let publisher = try limit.publish()
        var sent: [UInt8] = []
        for number in 1...40 {
            let piece = LimitConnectionTests.packets(300, UInt8(number))
            try publisher.send(piece)
            sent += piece
        }
        try fast.waitForBytes(sent.count, within: 20)
        viewer.resume()
        try viewer.waitForBytes(sent.count, within: 20)
        #expect(viewer.received == sent && fast.received == sent)
        let counts = try limit.stop()
        #expect(counts.count("partialWrites") > 0 && counts.count("viewersDropped") == 0)
    }

    @Test func `viewers that leave are forgotten, the others go on`() throws {
        let limit = try LimitProcess("--policy", "read")
        let port = try limit.port("ws")
        let sockets = try (0..<5).map { _ in try WebSocketClient.open(port: port) }
        let publisher = try limit.publish()
        try publisher.send(LimitConnectionTests.packets(1))
        for socket in sockets { #expect(try socket.nextFrame(within: 10)?.payload.count == 188) }
        for index in [0, 2, 4] { sockets[index].close() }
        let newcomer = try WebSocketClient.open(port: port)
        for round in 0..<20 {
            try publisher.send(LimitConnectionTests.packets(1, UInt8(round)))
            for socket in [sockets[1], sockets[3], newcomer] {
                #expect(try socket.nextFrame(within: 10)?.payload == LimitConnectionTests.packets(1, UInt8(round)))
            }
        }
        #expect(try limit.stop().count("viewers") == 6)
    }

    @Test func `what viewers say is thrown away`() throws {
        let limit = try LimitProcess("--policy", "read")
        let viewer = try WebSocketClient.open(port: try limit.port("ws"))
        for _ in 0..<100 { try viewer.send(.ping, [UInt8](repeating: 1, count: 125)) }
        let publisher = try limit.publish()
        try publisher.send(LimitConnectionTests.packets(1))
        let frame = try viewer.nextFrame(within: 10)
        #expect(frame?.opcode == 2 && frame?.payload == LimitConnectionTests.packets(1))
    }

    @Test func `a request head may come in pieces`() throws {
        let limit = try LimitProcess("--policy", "read")
        let socket = try RawSocket.connect(port: try limit.port("http"))
        for piece in ["GET / HT", "TP/1.1\r\nHost: x\r\n", "\r", "\n"] {
            try socket.send(piece)
            // Its loop takes what came first first: once another viewer was answered, the piece was read by itself.
            _ = try HTTPSource.open(port: try limit.port("http"), path: "/")
        }
        let answer = String(decoding: try socket.receive(within: 10), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("\r\n\r\n"))
    }

    @Test func `a request without a key is refused`() throws {
        let limit = try LimitProcess("--policy", "read")
        let socket = try RawSocket.connect(port: try limit.port("ws"))
        try socket.send("GET / HTTP/1.1\r\nHost: x\r\nSec-WebSocket-Key: short\r\n\r\n")
        #expect(String(decoding: try socket.receive(within: 10), as: UTF8.self).hasPrefix("HTTP/1.1 400 "))
        #expect(try socket.receive(within: 10).isEmpty)
    }

    @Test func `a head without end is closed`() throws {
        let limit = try LimitProcess("--policy", "read")
        let socket = try RawSocket.connect(port: try limit.port("ws"))
        try socket.send("GET / HTTP/1.1\r\nX: " + String(repeating: "x", count: 5000))
        // A reset, since bytes were left unread, or an orderly end; both can be read, and neither is an answer.
        #expect(try socket.isReadable(within: 10))
        #expect((try? socket.receive(within: 10))?.isEmpty ?? true)
    }

    @Test func `a port that is taken ends it with the reason`() throws {
        let taken = try RawSocket.listen()
        let (exit, text) = try BenchProgram.run("limit", "--ws-port", String(try taken.localPort))
        #expect(exit == .code(1))
        #expect(text.contains("Address already in use"))
    }
}
