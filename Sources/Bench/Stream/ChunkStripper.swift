/// Takes the chunked coding off a response's body (RFC 9112 7.1), in any cut, without copying: eleven bytes of state.
///
/// Extensions and trailers are skipped. For what a client of one stream needs; the strict reader is HTTP1's.
package struct ChunkStripper: Sendable {
    private enum State: Equatable, Sendable {
        case size, `extension`, lineFeed, content, contentReturn, contentLineFeed, trailer, trailerLine, finished
    }

    private var state = State.size
    private var hasDigit = false
    private var remaining: UInt64 = 0

    package init() {}

    /// The last chunk and the trailers came.
    package var isFinished: Bool { state == .finished }

    /// The next part of the content; see `FrameStripper.next`.
    package mutating func next(_ input: Span<UInt8>, at offset: inout Int) throws(StreamFault) -> Range<Int>? {
        while offset < input.count, state != .finished {
            guard state == .content else {
                try take(input[offset])
                offset &+= 1
                continue
            }
            let taken = Int(min(remaining, UInt64(input.count &- offset)))
            let range = offset..<offset &+ taken
            offset = range.upperBound
            remaining &-= UInt64(taken)
            if remaining == 0 { state = .contentReturn }
            return range
        }
        return nil
    }

    private mutating func take(_ byte: UInt8) throws(StreamFault) {
        switch state {
        case .size: try takeSize(byte)
        case .extension: if byte == 0x0d { state = .lineFeed }
        case .lineFeed:
            guard byte == 0x0a else { throw .badChunk }
            state = remaining > 0 ? .content : .trailer
        case .contentReturn:
            guard byte == 0x0d else { throw .badChunk }
            state = .contentLineFeed
        case .contentLineFeed:
            guard byte == 0x0a else { throw .badChunk }
            (state, hasDigit, remaining) = (.size, false, 0)
        case .trailer:
            // At the beginning of a line: an empty one ends the body.
            if byte == 0x0a { state = .finished } else if byte != 0x0d { state = .trailerLine }
        case .trailerLine: if byte == 0x0a { state = .trailer }
        case .content, .finished: preconditionFailure("content is taken in runs")
        }
    }

    private mutating func takeSize(_ byte: UInt8) throws(StreamFault) {
        let digit: UInt8
        switch byte {
        case 0x30...0x39: digit = byte - 0x30
        case 0x41...0x46: digit = byte - 0x37
        case 0x61...0x66: digit = byte - 0x57
        case 0x0d, 0x3b, 0x20, 0x09:
            guard hasDigit else { throw .badChunk }
            state = byte == 0x0d ? .lineFeed : .extension
            return
        default: throw .badChunk
        }
        guard remaining >> 58 == 0 else { throw .badChunk }
        remaining = remaining << 4 | UInt64(digit)
        hasDigit = true
    }
}
