import Foundation
import TestSupport

/// Bytes that are right or wrong, but come, stop or go as they should not.
enum HostileConduct {
    static let all = cuts + behind + leavers + floods + crowds

    private static let request = Handshakes.request()
    private static let message = Frame.binary(1000)

    private static func bytewise(_ bytes: [UInt8]) -> [[UInt8]] { bytes.map { [$0] } }

    private static let cuts: [HostileWebSocket] = [
        .init(name: "a request byte by byte", deed: .raw(bytewise(request)), sees: .served),
        .init(
            name: "a request line by line",
            deed: .raw(
                String(decoding: request, as: UTF8.self).components(separatedBy: "\r\n").dropLast().map {
                    Array(($0 + "\r\n").utf8)
                }),
            sees: .served),
        .init(
            name: "frames byte by byte",
            deed: .frames(bytewise(Frame.make(0x01, [0xe2]) + Frame.ping("between") + Frame.make(0x80, [0x82, 0xac]))),
            sees: .served),
        .init(
            name: "a wrong frame byte by byte", deed: .frames(bytewise(Frame.text([0x61, 0xc0, 0x80]))),
            sees: .close(1007)),
        .init(
            name: "a length whose bytes come alone",
            deed: .frames(bytewise(Array(Frame.make(0x82, [], lengthBytes: 8, says: 1 << 33).prefix(10)))),
            sees: .close(1009)),
        .init(
            name: "a frame cut inside its mask",
            deed: .frames([Array(message.prefix(6)), Array(message.dropFirst(6))]),
            sees: .served),
    ]

    private static let behind: [HostileWebSocket] = [
        .request("a message directly behind the request", request + Frame.text("early") + Frame.ping("early"), .served),
        .request("a wrong text directly behind the request", request + Frame.text([0xff]), .close(1007)),
        .request(
            "a frame without a mask directly behind the request", request + Frame.make(0x81, [0x61], mask: nil),
            .close(1002)),
        .request("a message too large directly behind the request", request + Frame.binary(5000), .close(1009)),
        .request("a close directly behind the request", request + Frame.close(1001), .close(1001)),
        .init(
            name: "half a frame directly behind the request, and then the other half",
            deed: .raw([request + message.prefix(500), Array(message.dropFirst(500))]), sees: .served),
        .request(
            "sixty thousand bytes behind the request", request + (0..<60).flatMap { _ in Frame.binary(990) }, .served),
        .request("two requests at once", request + request, .close(1002)),
        .request("a TLS hello behind the request", request + [0x16, 3, 1, 0, 0xa5, 1], .close(1002)),
        .request("a wrong request and frames", Handshakes.request("GET / HTTP/3.0") + message, .status(505)),
        .request("a page and frames", Handshakes.request(without: [Handshakes.upgrade]) + message, .status(200)),
    ]

    private static let leavers: [HostileWebSocket] = [
        .own("who says nothing and ends", .end) { $0.socket.finishSending() },
        .own("who ends inside the request", .end) { stranger in
            stranger.send(Array(request.prefix(60)))
            stranger.socket.finishSending()
        },
        .own("who ends before the answer", .end) { stranger in
            stranger.send(request)
            stranger.socket.finishSending()
        },
        .own("who ends behind the answer", .end) { stranger in
            try stranger.shake()
            stranger.socket.finishSending()
        },
        .own("who ends inside a frame's header", .end) { stranger in
            try stranger.shake()
            stranger.send(Array(message.prefix(3)))
            stranger.socket.finishSending()
        },
        .own("who ends inside a frame", .end) { stranger in
            try stranger.shake()
            stranger.send(Array(message.prefix(300)))
            stranger.socket.finishSending()
        },
        .own("who ends between fragments", .end) { stranger in
            try stranger.shake()
            stranger.send(Frame.make(0x01, [0xe2]))
            stranger.socket.finishSending()
        },
        .own("who ends behind a wrong frame", .close(1002)) { stranger in
            try stranger.shake()
            stranger.send(Frame.make(0x83))
            stranger.socket.finishSending()
        },
        .own("who resets without a word", .left) { $0.socket.reset() },
        .own("who resets inside the request", .left) { stranger in
            stranger.send(Array(request.prefix(100)))
            stranger.socket.reset()
        },
        .own("who resets before the answer", .left) { stranger in
            stranger.send(request)
            stranger.socket.reset()
        },
        .own("who resets inside a frame", .left) { stranger in
            try stranger.shake()
            stranger.send(Array(message.prefix(300)))
            stranger.socket.reset()
        },
        .own("who resets behind a close", .left) { stranger in
            try stranger.shake()
            stranger.send(Frame.close(1000))
            stranger.socket.reset()
        },
        .own("who closes and reads no more", .left) { stranger in
            try stranger.shake()
            stranger.send(Frame.close(1000))
            try stranger.expectToBeCut()
        },
        .own("who goes on after a wrong request", .left) { stranger in
            stranger.send(Array("GET / HTTP/9.9\r\n\r\n".utf8))
            try stranger.expectFloodToBeCut()
        },
        .own("who goes on after a wrong frame", .left) { stranger in
            try stranger.shake()
            stranger.send(Frame.make(0x83))
            try stranger.expectFloodToBeCut()
        },
        .own("who goes on after a close", .left) { stranger in
            try stranger.shake()
            stranger.send(Frame.close(1000))
            try stranger.expectFloodToBeCut()
        },
    ]

    private static let floods: [HostileWebSocket] = [
        .own("ten thousand pings before one byte is read", .served) { stranger in
            try stranger.shake()
            for _ in 0..<100 {
                stranger.send((0..<100).flatMap { _ in Frame.make(0x89, [UInt8](repeating: 1, count: 125)) })
            }
        },
        .own("ten thousand pings and away", .left) { stranger in
            try stranger.shake()
            for _ in 0..<100 {
                stranger.send((0..<100).flatMap { _ in Frame.make(0x89, [UInt8](repeating: 1, count: 125)) })
            }
            stranger.socket.reset()
        },
        .own("four megabytes of right messages", .served) { stranger in
            try stranger.shake()
            let part = (0..<16).flatMap { _ in Frame.binary(4096) }
            for _ in 0..<64 { stranger.send(part) }
        },
        .own("two thousand fragments, each with a ping", .served) { stranger in
            try stranger.shake()
            stranger.send(Frame.make(0x01) + (0..<2000).flatMap { _ in Frame.make(0x00, [0x61]) + Frame.ping("p") })
        },
        .own("a byte out of band", .served) { stranger in
            try stranger.shake()
            var byte: UInt8 = 0xff
            let sent = Foundation.send(stranger.socket.number, &byte, 1, Int32(MSG_OOB))
            try stranger.expect("it was sent", sent == 1)
        },
        .own("a viewer with the smallest buffer that reads nothing", .left) { stranger in
            let deaf = try Stranger(port: stranger.port, receiveBuffer: 1)
            defer { deaf.socket.close() }
            try deaf.shake()
            letPass(seconds: 0.3)
        },
    ]

    private static let crowds: [HostileWebSocket] = [
        .own("a hundred who connect and say nothing", .left) { stranger in
            let crowd = try (0..<100).map { _ in try Stranger(port: stranger.port) }
            for one in crowd { one.socket.close() }
        },
        .own("a hundred with half a request", .left) { stranger in
            let crowd = try (0..<100).map { _ in try Stranger(port: stranger.port) }
            for one in crowd { one.send(Array(request.prefix(80))) }
            for one in crowd { one.socket.close() }
        },
        .own("fifty who reset before their answer", .left) { stranger in
            let crowd = try (0..<50).map { _ in try Stranger(port: stranger.port) }
            for one in crowd { one.send(request) }
            for one in crowd { one.socket.reset() }
        },
        .own("fifty wrong handshakes at once", .left) { stranger in
            let crowd = try (0..<50).map { _ in try Stranger(port: stranger.port) }
            for one in crowd { one.send(Handshakes.with("Sec-WebSocket-Version: 7", insteadOf: Handshakes.version)) }
            for one in crowd { try one.expect("it is told", try one.look(expecting: .status(426)) == .status(426)) }
        },
        .own("fifty wrong frames at once", .left) { stranger in
            let crowd = try (0..<50).map { _ in try Stranger(port: stranger.port) }
            for one in crowd { try one.shake() }
            for one in crowd { one.send(Frame.make(0x83)) }
            for one in crowd { try one.expect("it is told", try one.look(expecting: .close(1002)) == .close(1002)) }
        },
        .own("fifty viewers who come and say goodbye", .left) { stranger in
            for _ in 0..<50 {
                let one = try Stranger(port: stranger.port)
                try one.shake()
                one.send(Frame.close(1001))
                try one.expect("it is told", try one.look(expecting: .close(1001)) == .close(1001))
                one.socket.close()
            }
        },
    ]

    /// What is sent of a request that is never complete; then nothing, or every moment a byte of a field.
    static let slow: [(name: String, bytes: [UInt8], drips: Bool)] = [
        ("nothing", [], false),
        ("a method", Array("GET ".utf8), false),
        ("half a request", Array(request.prefix(90)), false),
        ("all but the last line feed", request.dropLast(), false),
        ("a field that drips", request.dropLast(2) + Array("X: ".utf8), true),
    ]
}
