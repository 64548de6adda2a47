/// How a lane wraps each chunk of packets.
package enum Framing: UInt8, Hashable, Sendable {
    /// The packets themselves: TCP, UDP, HTTP/1.0.
    case bare
    /// One unmasked binary WebSocket message a chunk (RFC 6455 5.2); servers do not mask, so all viewers share the bytes.
    case webSocket
    /// One chunk of HTTP/1.1's chunked coding (RFC 9112 7.1).
    case httpChunk

    /// Most bytes that a frame adds to its packets, for payloads below 64 KiB.
    package static let overheadBytesMax = 8

    /// Bytes that a frame adds to `payloadBytes` of packets, 1 ..< 65,536.
    package func overheadBytes(for payloadBytes: Int) -> Int {
        switch self {
        case .bare: 0
        case .webSocket: payloadBytes < 126 ? 2 : 4
        case .httpChunk: Framing.hexDigits(payloadBytes) + 4
        }
    }

    /// Appends one frame to an array: the slow way, for a preamble.
    package func append(frame payload: [UInt8], to out: inout [UInt8]) {
        guard !payload.isEmpty else { return }
        precondition(payload.count < 1 << 16, "a frame holds less than 64 KiB")
        switch self {
        case .bare: break
        case .webSocket:
            out.append(0x82)
            if payload.count < 126 {
                out.append(UInt8(payload.count))
            } else {
                out += [126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
            }
        case .httpChunk: out += Array(String(payload.count, radix: 16).utf8) + [0x0d, 0x0a]
        }
        out += payload
        if self == .httpChunk { out += [0x0d, 0x0a] }
    }

    /// Digits of a chunk size in hexadecimal, 1 ... 4.
    static func hexDigits(_ number: Int) -> Int {
        number < 0x10 ? 1 : number < 0x100 ? 2 : number < 0x1000 ? 3 : 4
    }
}
