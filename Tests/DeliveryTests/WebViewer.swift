import LoopIO
import ServiceSupport
import Testing

/// A WebSocket client of one test on the loop under test (RFC 6455), which takes frames of servers only.
final class WebViewer {
    struct Frame: Equatable {
        let opcode: UInt8
        let payload: [UInt8]
    }

    static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    let client: LoopClient

    /// Dials and asks for the upgrade; `head` is what the answer's head will be.
    init(
        _ harness: ServiceHarness, _ address: SocketAddress, path: String = "/", fields: String = "",
        version: Int = 13, reads: Bool = true
    ) throws {
        client = try harness.dial(address, reads: reads)
        // What the kernel holds for a viewer that does not read is little, so that tests reach the end of it soon.
        if !reads { client.connection.setReceiveBuffer(bytes: 64 << 10) }
        try client.send(
            "GET \(path) HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: \(WebViewer.key)\r\nSec-WebSocket-Version: \(version)\r\n\(fields)\r\n")
        if reads { harness.expect { self.client.status != 0 && self.client.text.contains("\r\n\r\n") } }
    }

    var status: Int { client.status }

    /// The frames that are whole.
    var frames: [Frame] {
        var frames: [Frame] = []
        var rest = client.body[...]
        while rest.count >= 2 {
            let first = rest.startIndex
            var length = Int(rest[first + 1])
            var begin = first + 2
            if length == 126 || length == 127 {
                let count = length == 126 ? 2 : 8
                guard rest.count >= 2 + count else { break }
                length = rest[begin..<begin + count].reduce(0) { $0 << 8 | Int($1) }
                begin += count
            }
            guard rest.endIndex - begin >= length else { break }
            frames.append(Frame(opcode: rest[first] & 0x0f, payload: Array(rest[begin..<begin + length])))
            rest = rest[(begin + length)...]
        }
        return frames
    }

    /// What came in binary messages.
    var media: [UInt8] { frames.filter { $0.opcode == 2 }.flatMap(\.payload) }

    /// Of the server's close frame, with its reason.
    var closed: (code: Int, reason: String)? {
        guard let close = frames.first(where: { $0.opcode == 8 }), close.payload.count >= 2 else { return nil }
        return (
            Int(close.payload[0]) << 8 | Int(close.payload[1]),
            String(decoding: close.payload.dropFirst(2), as: UTF8.self)
        )
    }

    /// Sends one frame, masked with zeros.
    func send(opcode: UInt8, _ payload: [UInt8]) throws {
        var frame: [UInt8] = [0x80 | opcode]
        if payload.count < 126 {
            frame.append(0x80 | UInt8(payload.count))
        } else {
            frame += [0x80 | 126, UInt8(payload.count >> 8 & 0xff), UInt8(payload.count & 0xff)]
        }
        try client.send(frame + [0, 0, 0, 0] + payload)
    }
}
