import WebSocket

/// A client's WebSocket frames.
///
/// Any cut gives the same events and the same error; limits hold, text is UTF-8, and everything that is said can be
/// answered.
enum FrameFuzz {
    static let target = FuzzTarget(
        name: "ws-frames", reads: "a client's frames behind the handshake",
        covers: ["FrameDecoder", "UTF8Validator", "CloseCode", "Opcode"], bytesMax: 1024
    ) { input throws(FuzzFinding) in
        let whole = Reading(input, [0..<input.count])
        let pieces = Reading(input, Cuts(input).ranges)
        try require(whole == pieces, "the cuts change what is read")
        for (index, event) in whole.events.enumerated() {
            try check(event)
            if case .close = event { try require(index == whole.events.count - 1, "an event behind the close frame") }
        }
        if let error = whole.error {
            try require(error.offset <= UInt64(input.count), "an error at byte \(error.offset)")
            var frame: [UInt8] = []
            FrameWriter.appendClose(error.closeCode, reason: error.description, to: &frame)
            try require(frame.count <= 127, "a close frame of \(frame.count) bytes")
            try require(UInt16(error.closeCode.description) == error.closeCode.rawValue, "a code with another number")
        }
        try checkText(input)
        try checkHeader(input.count * input.count)
    }

    /// A header says how long its frame is, in as few bytes as can.
    private static func checkHeader(_ payloadBytes: Int) throws(FuzzFinding) {
        var header: [UInt8] = []
        FrameWriter.appendHeader(payloadBytes: payloadBytes, opcode: .binary, to: &header)
        let short = Int(header[1])
        let length = short < 126 ? short : header[2...].reduce(0) { $0 << 8 | Int($1) }
        let bytes = payloadBytes < 126 ? 2 : payloadBytes < 1 << 16 ? 4 : 10
        try require(length == payloadBytes && header.count == bytes, "a length of \(payloadBytes) reads as \(length)")
    }

    private static let messageBytesMax = 512

    private static func check(_ event: FrameEvent) throws(FuzzFinding) {
        var answer: [UInt8] = []
        switch event {
        case .text(let bytes):
            try require(bytes.count <= messageBytesMax, "a message of \(bytes.count) bytes")
            try require(String(validating: bytes, as: UTF8.self) != nil, "text that is not UTF-8")
            FrameWriter.append(.text, bytes.span, to: &answer)
        case .binary(let bytes):
            try require(bytes.count <= messageBytesMax, "a message of \(bytes.count) bytes")
            FrameWriter.append(.binary, bytes.span, to: &answer)
        case .ping(let payload), .pong(let payload):
            try require(payload.count <= 125, "a control frame of \(payload.count) bytes")
            FrameWriter.append(.pong, payload.span, to: &answer)
        case .close(let code, let reason):
            try require(reason.utf8.count <= 123, "a reason of \(reason.utf8.count) bytes")
            FrameWriter.appendClose(code, reason: reason, to: &answer)
        }
        try require(answer.count >= 2 && answer[1] & 0x80 == 0, "a masked answer")
    }

    /// The validator and the standard library are of one mind.
    private static func checkText(_ input: Span<UInt8>) throws(FuzzFinding) {
        var validator = UTF8Validator()
        var isValid = true
        for index in input.indices where isValid { isValid = validator.push(input[index]) }
        let isText = String(validating: [UInt8](copying: input), as: UTF8.self) != nil
        try require((isValid && validator.isComplete) == isText, "UTF-8: \(!isText) where it is \(isText)")
    }

    private struct Reading: Equatable {
        var events: [FrameEvent] = []
        var error: WebSocketError?
        var isClosed: Bool

        init(_ input: Span<UInt8>, _ ranges: [Range<Int>]) {
            var decoder = FrameDecoder(messageBytesMax: messageBytesMax)
            var events: [FrameEvent] = []
            do throws(WebSocketError) {
                for range in ranges { try decoder.decode(input.extracting(range)) { events.append($0) } }
            } catch {
                self.error = error
            }
            self.events = events
            isClosed = decoder.isClosed
        }
    }
}
