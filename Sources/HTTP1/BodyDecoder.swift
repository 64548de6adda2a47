/// Takes the body out of a connection's bytes, whatever its framing.
package struct BodyDecoder: Sendable {
    package let framing: BodyFraming
    private var chunked: ChunkedDecoder
    private var remaining: UInt64
    private var sawEnd = false

    package init(framing: BodyFraming, limits: RequestLimits = RequestLimits()) {
        self.framing = framing
        chunked = ChunkedDecoder(limits: limits)
        if case .length(let length) = framing { remaining = length } else { remaining = 0 }
    }

    /// Whether the body is complete.
    package var isFinished: Bool {
        switch framing {
        case .none: true
        case .length: remaining == 0
        case .chunked: chunked.isFinished
        case .untilClose: sawEnd
        }
    }

    /// Takes what it can of the input and lends the content to `body`.
    ///
    /// - Returns: bytes taken; less than all only once `isFinished`.
    /// - Throws: a fault of the chunked coding.
    package mutating func decode(_ input: Span<UInt8>, _ body: (Span<UInt8>) -> Void) throws(HTTPError) -> Int {
        guard !isFinished, input.count > 0 else { return 0 }
        switch framing {
        case .none: return 0
        case .length:
            let taken = Int(min(remaining, UInt64(input.count)))
            remaining -= UInt64(taken)
            body(input.extracting(0..<taken))
            return taken
        case .chunked: return try chunked.decode(input, body)
        case .untilClose:
            body(input)
            return input.count
        }
    }

    /// The client closed its side: the end of an `untilClose` body.
    ///
    /// - Returns: whether the body is complete; a length or a chunked body may have been cut short.
    package mutating func inputEnded() -> Bool {
        sawEnd = true
        return isFinished
    }
}
