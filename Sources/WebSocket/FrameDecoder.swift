/// Reads a client's frames at the server (RFC 6455 5), strictly, in any cut.
///
/// ```swift
/// var decoder = FrameDecoder(messageBytesMax: 4096)
/// try decoder.decode(bytes) { event in
///     if case .ping(let payload) = event { FrameWriter.append(.pong, payload.span, to: &answer) }
/// }
/// ```
/// Every fault is found at the first byte that shows it: a length at its last byte, before any payload is kept, and text
/// that is not UTF-8 inside its frame. After an error the connection is to be closed with `error.closeCode`; the decoder
/// throws the same again. After a close frame everything is ignored (RFC 6455 5.5.1).
package struct FrameDecoder: Sendable {
    private enum State: Equatable, Sendable {
        case opening, lengthByte, longLength(missing: UInt8), mask(missing: UInt8), payload, closed
    }

    package let messageBytesMax: Int

    // Every viewer has a decoder: the small properties come last, one beside the other.
    private var remaining: UInt64 = 0
    private var offset: UInt64 = 0
    private var message: [UInt8] = []
    private var control: [UInt8] = []
    private var mask: UInt32 = 0
    private var state = State.opening
    private var opcode = Opcode.continuation
    private var isFinal = false
    private var lengthBytes: UInt8 = 0
    /// The type of the message whose fragments are coming in: text or binary.
    private var messageOpcode: Opcode?
    private var messageText = UTF8Validator()
    private var controlText = UTF8Validator()
    /// What was wrong at `offset`; nothing is read after that.
    private var fault: WebSocketError.Fault?

    /// - Parameter messageBytesMax: longest message in bytes, all fragments together; a longer one is refused with 1009.
    package init(messageBytesMax: Int) {
        precondition(messageBytesMax >= 0, "a limit is not negative")
        self.messageBytesMax = messageBytesMax
    }

    /// Whether a close frame came.
    package var isClosed: Bool { state == .closed }

    /// Takes all of the input and tells what is complete, in order.
    ///
    /// - Throws: the first fault in the order of the bytes; what was complete before it was told, the same in any cut.
    package mutating func decode(_ input: Span<UInt8>, _ onEvent: (FrameEvent) -> Void) throws(WebSocketError) {
        if let fault { throw WebSocketError(fault, offset: offset) }
        do throws(WebSocketError) {
            var index = 0
            while index < input.count, state != .closed {
                if state == .payload {
                    let taken = Int(min(remaining, UInt64(input.count - index)))
                    try takePayload(input, index..<(index + taken))
                    index += taken
                } else {
                    try takeHeader(input[index])
                    index += 1
                    offset &+= 1
                }
                if state == .payload, remaining == 0 { try frameCompleted(onEvent) }
            }
        } catch {
            fault = error.fault
            message = []
            throw error
        }
    }

    private mutating func takeHeader(_ byte: UInt8) throws(WebSocketError) {
        switch state {
        case .opening:
            try takeOpening(byte)
        case .lengthByte:
            guard byte & 0x80 != 0 else { throw WebSocketError(.notMasked, offset: offset) }
            let length = byte & 0x7f
            guard !opcode.isControl || length <= Opcode.controlPayloadBytesMax else {
                throw WebSocketError(.controlFrameTooLong(length), offset: offset)
            }
            remaining = 0
            lengthBytes = length == 126 ? 2 : length == 127 ? 8 : 0
            if lengthBytes > 0 {
                state = .longLength(missing: lengthBytes)
            } else {
                remaining = UInt64(length)
                try lengthCompleted()
            }
        case .longLength(let missing):
            // The first bit of eight bytes must be zero (RFC 6455 5.2).
            guard missing < 8 || byte < 0x80 else { throw WebSocketError(.lengthTooLarge, offset: offset) }
            remaining = remaining << 8 | UInt64(byte)
            state = .longLength(missing: missing - 1)
            if missing == 1 {
                guard remaining >= (lengthBytes == 2 ? 126 : 1 << 16) else {
                    throw WebSocketError(.lengthNotMinimal, offset: offset)
                }
                try lengthCompleted()
            }
        case .mask(let missing):
            mask = mask << 8 | UInt32(byte)
            state = missing == 1 ? .payload : .mask(missing: missing - 1)
        case .payload, .closed:
            preconditionFailure("no header byte is due")
        }
    }

    private mutating func takeOpening(_ byte: UInt8) throws(WebSocketError) {
        guard byte & 0x70 == 0 else { throw WebSocketError(.reservedBits(byte >> 4 & 0x7), offset: offset) }
        guard let opcode = Opcode(rawValue: byte & 0xf) else {
            throw WebSocketError(.unknownOpcode(byte & 0xf), offset: offset)
        }
        self.opcode = opcode
        isFinal = byte & 0x80 != 0
        switch opcode {
        case .continuation:
            guard messageOpcode != nil else { throw WebSocketError(.continuationWithoutStart, offset: offset) }
        case .text, .binary:
            guard messageOpcode == nil else { throw WebSocketError(.startInsideMessage, offset: offset) }
            messageOpcode = opcode
        case .close, .ping, .pong:
            guard isFinal else { throw WebSocketError(.fragmentedControlFrame, offset: offset) }
        }
        state = .lengthByte
    }

    private mutating func lengthCompleted() throws(WebSocketError) {
        if opcode.isControl {
            guard opcode != .close || remaining != 1 else {
                throw WebSocketError(.closePayloadTooShort, offset: offset)
            }
        } else {
            guard remaining <= UInt64(messageBytesMax - message.count) else {
                throw WebSocketError(.messageTooBig, offset: offset)
            }
        }
        (mask, state) = (0, .mask(missing: 4))
    }

    /// Unmasks a part of the payload into its buffer, checking text on the way (RFC 6455 5.3, 8.1).
    private mutating func takePayload(_ input: Span<UInt8>, _ range: Range<Int>) throws(WebSocketError) {
        remaining -= UInt64(range.count)
        let isMessage = !opcode.isControl
        let isText = isMessage && messageOpcode == .text
        for index in range {
            let byte = input[index] ^ UInt8(truncatingIfNeeded: mask >> 24)
            mask = mask << 8 | mask >> 24
            if isMessage {
                if isText, !messageText.push(byte) { throw WebSocketError(.notUTF8, offset: offset) }
                message.append(byte)
            } else {
                control.append(byte)
                if opcode == .close { try checkClose(byte) }
            }
            offset &+= 1
        }
    }

    /// The code as soon as it is there, then the reason byte by byte (RFC 6455 5.5.1, 7.4).
    private mutating func checkClose(_ byte: UInt8) throws(WebSocketError) {
        if control.count == 2 {
            let code = CloseCode(rawValue: UInt16(control[0]) << 8 | UInt16(control[1]))
            guard code.isAllowedOnWire else { throw WebSocketError(.badCloseCode(code.rawValue), offset: offset) }
        } else if control.count > 2 {
            guard controlText.push(byte) else { throw WebSocketError(.notUTF8, offset: offset) }
        }
    }

    private mutating func frameCompleted(_ onEvent: (FrameEvent) -> Void) throws(WebSocketError) {
        state = .opening
        switch opcode {
        case .continuation, .text, .binary:
            guard isFinal else { return }
            guard messageText.isComplete else { throw WebSocketError(.notUTF8, offset: offset) }
            let whole = message
            let isText = messageOpcode == .text
            (message, messageOpcode, messageText) = ([], nil, UTF8Validator())
            onEvent(isText ? .text(whole) : .binary(whole))
        case .ping, .pong:
            let payload = control
            control = []
            onEvent(opcode == .ping ? .ping(payload) : .pong(payload))
        case .close:
            guard controlText.isComplete else { throw WebSocketError(.notUTF8, offset: offset) }
            state = .closed
            message = []
            guard control.count >= 2 else {
                onEvent(.close(.noCode, reason: ""))
                return
            }
            let code = CloseCode(rawValue: UInt16(control[0]) << 8 | UInt16(control[1]))
            onEvent(.close(code, reason: String(decoding: control[2...], as: UTF8.self)))
        }
    }
}
