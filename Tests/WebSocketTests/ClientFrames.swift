import WebSocket

/// Frames as clients send them.
enum ClientFrames {
    static let mask: [UInt8] = [0x37, 0xfa, 0x21, 0x3d]

    /// A masked frame.
    ///
    /// - Parameters:
    ///   - opening: first byte: FIN, RSV and opcode.
    ///   - lengthBytes: 0, 2 or 8 bytes of length; nil for the shortest form.
    static func frame(_ opening: UInt8, _ payload: [UInt8], lengthBytes: Int? = nil, mask: [UInt8] = mask) -> [UInt8] {
        let form = lengthBytes ?? (payload.count < 126 ? 0 : payload.count < 65_536 ? 2 : 8)
        var frame = [opening]
        switch form {
        case 0: frame.append(0x80 | UInt8(payload.count))
        case 2: frame += [0xfe, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
        default: frame += [0xff] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        return frame + mask + payload.indices.map { payload[$0] ^ mask[$0 % 4] }
    }

    static func frame(_ opening: UInt8, _ text: String) -> [UInt8] { frame(opening, Array(text.utf8)) }

    static func close(_ code: UInt16, _ reason: [UInt8] = []) -> [UInt8] {
        frame(0x88, [UInt8(code >> 8), UInt8(code & 0xff)] + reason)
    }

    /// What came out of a decoder, and why it stopped.
    struct Outcome: Equatable {
        var events: [FrameEvent] = []
        var error: WebSocketError?
        var isClosed = false
    }

    static func decode(_ pieces: [[UInt8]], messageBytesMax: Int = 4096) -> Outcome {
        var decoder = FrameDecoder(messageBytesMax: messageBytesMax)
        var outcome = Outcome()
        do throws(WebSocketError) {
            for piece in pieces {
                var events: [FrameEvent] = []
                defer { outcome.events += events }
                try decoder.decode(piece.span) { events.append($0) }
            }
        } catch {
            outcome.error = error
        }
        outcome.isClosed = decoder.isClosed
        return outcome
    }

    static func decode(_ bytes: [UInt8], messageBytesMax: Int = 4096) -> Outcome {
        decode([bytes], messageBytesMax: messageBytesMax)
    }

    /// Whether any cut into two, and one byte at a time, decodes the same.
    static func isSameInAnyCut(_ bytes: [UInt8], messageBytesMax: Int = 4096) -> Bool {
        let whole = decode(bytes, messageBytesMax: messageBytesMax)
        guard decode(bytes.map { [$0] }, messageBytesMax: messageBytesMax) == whole else { return false }
        return (0...bytes.count).allSatisfy { cut in
            decode([Array(bytes[..<cut]), Array(bytes[cut...])], messageBytesMax: messageBytesMax) == whole
        }
    }

    /// Whole conversations that are right.
    static let conversations: [[UInt8]] = [
        frame(0x81, "Hello"), frame(0x01, "Hel") + frame(0x80, "lo"), frame(0x82, []), frame(0x81, []),
        frame(0x89, "ping") + frame(0x8a, []) + close(1000), frame(0x82, [UInt8](repeating: 7, count: 126)),
        frame(0x01, "a") + frame(0x89, "between") + frame(0x00, []) + frame(0x8a, "x") + frame(0x80, "é你😀"),
        frame(0x02, [0, 0xff]) + close(3000, Array("later é".utf8)), frame(0x88, []) + frame(0x81, "ignored"),
        frame(0x01, [0xf0]) + frame(0x00, [0x9f, 0x98]) + frame(0x80, [0x80]) + close(1001),
        frame(0x82, [UInt8](repeating: 1, count: 300)) + frame(0x89, [UInt8](repeating: 2, count: 125)),
    ]

    static let words: [[UInt8]] = [
        [0x81], [0x01], [0x00], [0x80], [0x82], [0x88], [0x89], [0x8a], [0x8b], [0xc1], [0x83], [0xfe, 0, 126],
        [0xfe, 0, 5],
        [0xff, 0, 0, 0, 0, 0, 1, 0, 0], [0xff, 0x80, 0, 0, 0, 0, 0, 0, 0], [0x7e], [0x05], [0xfd], mask, [0x03, 0xe8],
        [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], frame(0x89, "p"), close(1005), close(1000),
        frame(0x88, [3]), frame(0x01, "x"), frame(0x80, "y"),
    ]
}
