/// Takes a WebSocket server's framing off (RFC 6455 5.2), in any cut, without copying the payload.
///
/// ```swift
/// var at = 0
/// while let payload = try stripper.next(input, at: &at) { take(input.extracting(payload)) }
/// ```
/// Only what a client of one stream needs: unmasked frames, binary messages, fragments. Control frames are kept until
/// they are whole: 125 bytes at most.
package struct FrameStripper: Sendable {
    private enum State: Equatable, Sendable {
        case opening, length, longLength(missing: UInt8), payload
    }

    package enum Control: Equatable, Sendable {
        case ping([UInt8])
        /// The code, 1005 when there is none (RFC 6455 7.1.5).
        case close(UInt16)
    }

    private static let controlBytesMax: UInt64 = 125

    /// A ping or a close that came since the last call of `takeControl`.
    private var control: [Control] = []
    private var kept: [UInt8] = []
    private var state = State.opening
    private var opcode: UInt8 = 0
    private var remaining: UInt64 = 0

    package init() {}

    /// The control frames that are waiting for an answer, none of them twice.
    package mutating func takeControl() -> [Control] {
        defer { control = [] }
        return control
    }

    package var hasControl: Bool { !control.isEmpty }

    /// The next part of a binary message's payload.
    ///
    /// - Parameter offset: where to begin in the input; moved behind what was taken.
    /// - Returns: a range of the input, never empty; nil when the input is used up.
    package mutating func next(_ input: Span<UInt8>, at offset: inout Int) throws(StreamFault) -> Range<Int>? {
        while offset < input.count {
            guard state == .payload else {
                try takeHeader(input[offset])
                offset &+= 1
                continue
            }
            let taken = Int(min(remaining, UInt64(input.count &- offset)))
            let range = offset..<offset &+ taken
            offset = range.upperBound
            remaining &-= UInt64(taken)
            let isControl = opcode & 0x8 != 0
            if isControl { for index in range { kept.append(input[index]) } }
            if remaining == 0 { frameCompleted() }
            if !isControl { return range }
        }
        return nil
    }

    private mutating func takeHeader(_ byte: UInt8) throws(StreamFault) {
        switch state {
        case .opening:
            guard byte & 0x70 == 0 else { throw .badFrame }
            opcode = byte & 0xf
            switch opcode {
            case 0, 2: break
            case 1: throw .textFrame
            case 8, 9, 10: guard byte & 0x80 != 0 else { throw .badFrame }
            default: throw .badFrame
            }
            state = .length
        case .length:
            guard byte & 0x80 == 0 else { throw .maskedFrame }
            guard opcode & 0x8 == 0 || UInt64(byte) <= Self.controlBytesMax else { throw .badFrame }
            remaining = byte < 126 ? UInt64(byte) : 0
            state = byte < 126 ? .payload : .longLength(missing: byte == 126 ? 2 : 8)
            if state == .payload, remaining == 0 { frameCompleted() }
        case .longLength(let missing):
            guard missing < 8 || byte & 0x80 == 0 else { throw .badFrame }
            remaining = remaining << 8 | UInt64(byte)
            state = missing == 1 ? .payload : .longLength(missing: missing - 1)
            if state == .payload, remaining == 0 { frameCompleted() }
        case .payload:
            preconditionFailure("no header byte is due")
        }
    }

    private mutating func frameCompleted() {
        state = .opening
        switch opcode {
        case 9: control.append(.ping(kept))
        case 8: control.append(.close(kept.count < 2 ? 1005 : UInt16(kept[0]) << 8 | UInt16(kept[1])))
        default: return
        }
        kept = []
    }
}
