/// Takes the chunked coding off a body (RFC 9112 7.1), in any cut, without copying the content.
///
/// Extensions are checked, bounded and ignored, and so are trailers; a framing field among them is refused (RFC 9110
/// 6.5.1). After an error the connection is to be closed; the
/// decoder throws the same again.
package struct ChunkedDecoder: Sendable {
    private enum State: Equatable, Sendable {
        case sizeStart, size, sizeLineFeed
        case content, contentReturn, contentLineFeed
        case `extension`(ExtensionState)
        case trailers, finished
    }

    /// Places inside `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`.
    private enum ExtensionState: Equatable, Sendable {
        case beforeSemicolon, beforeName, name, afterName, beforeValue, token, quoted, escaped, afterQuoted
    }

    package let limits: RequestLimits
    private var state = State.sizeStart
    private var digits = 0
    /// The size being read, then what is left of the content.
    private var remaining: UInt64 = 0
    private var extensionBytes = 0
    private var extensionDebt = 0
    private var offset = 0
    private var trailers = LineReader()
    private var trailersOffset = 0
    private var failure: HTTPError?

    package init(limits: RequestLimits = RequestLimits()) { self.limits = limits }

    /// Whether the last chunk and the trailers have been read.
    package var isFinished: Bool { state == .finished }

    /// Takes what it can of the input and lends the content, piece by piece, to `body`.
    ///
    /// - Returns: bytes taken; less than all only once `isFinished`, the rest is the next request.
    /// - Throws: the first fault in the order of the bytes; what stood before it was lent to `body`, the same in any cut.
    package mutating func decode(_ input: Span<UInt8>, _ body: (Span<UInt8>) -> Void) throws(HTTPError) -> Int {
        if let failure { throw failure }
        do throws(HTTPError) {
            var index = 0
            while index < input.count, state != .finished {
                if state == .content {
                    let taken = Int(min(remaining, UInt64(input.count - index)))
                    body(input.extracting(index..<(index + taken)))
                    contentTaken(taken)
                    index += taken
                } else {
                    try take(input[index])
                    index += 1
                    offset &+= 1
                }
            }
            return index
        } catch {
            failure = error
            throw error
        }
    }

    private mutating func contentTaken(_ taken: Int) {
        remaining -= UInt64(taken)
        offset &+= taken
        extensionDebt = max(0, extensionDebt - 2 * taken)
        if remaining == 0 { state = .contentReturn }
    }

    private mutating func take(_ byte: UInt8) throws(HTTPError) {
        switch state {
        case .sizeStart, .size:
            try takeSize(byte)
        case .extension(let place):
            try takeExtension(byte, place)
        case .sizeLineFeed:
            guard byte == ByteClass.lineFeed else { throw HTTPError(.bareCarriageReturn, offset: offset) }
            if remaining > 0 {
                state = .content
            } else {
                state = .trailers
                trailersOffset = offset &+ 1
                trailers = LineReader(offset: trailersOffset)
            }
        case .contentReturn:
            guard byte == ByteClass.carriageReturn else { throw HTTPError(.badChunkEnd, offset: offset) }
            state = .contentLineFeed
        case .contentLineFeed:
            guard byte == ByteClass.lineFeed else { throw HTTPError(.badChunkEnd, offset: offset) }
            (state, digits, extensionBytes) = (.sizeStart, 0, 0)
        case .trailers:
            try takeTrailer(byte)
        case .content, .finished:
            preconditionFailure("content is taken in runs, and nothing after the end")
        }
    }

    private mutating func takeSize(_ byte: UInt8) throws(HTTPError) {
        if let value = ByteClass.hexValue(byte) {
            // At most 2^63 - 1, as for Content-Length: nobody sends more, and nobody's signed number turns over.
            guard digits < limits.chunkSizeDigitsMax, remaining >> 59 == 0 else {
                throw HTTPError(.chunkSizeTooLong, offset: offset)
            }
            digits += 1
            remaining = remaining << 4 | UInt64(value)
            state = .size
            return
        }
        guard state == .size else { throw HTTPError(.badChunkSize, offset: offset) }
        switch byte {
        case ByteClass.carriageReturn: state = .sizeLineFeed
        case UInt8(ascii: ";"), ByteClass.space, ByteClass.tab: try takeExtension(byte, .beforeSemicolon)
        case ByteClass.lineFeed: throw HTTPError(.bareLineFeed, offset: offset)
        default: throw HTTPError(.badChunkSize, offset: offset)
        }
    }

    private mutating func takeExtension(_ byte: UInt8, _ place: ExtensionState) throws(HTTPError) {
        if byte == ByteClass.carriageReturn {
            // Complete only behind a name or a value.
            guard place == .name || place == .token || place == .afterQuoted else {
                throw HTTPError(.badChunkExtension, offset: offset)
            }
            state = .sizeLineFeed
            return
        }
        extensionBytes += 1
        extensionDebt += 1
        guard extensionBytes <= limits.chunkExtensionBytesMax, extensionDebt <= limits.chunkExtensionDebtMax else {
            throw HTTPError(.chunkExtensionsTooLong, offset: offset)
        }
        guard let next = ChunkedDecoder.next(byte, place) else { throw HTTPError(.badChunkExtension, offset: offset) }
        state = .extension(next)
    }

    /// - Returns: the place after one more byte, nil where the grammar has none.
    private static func next(_ byte: UInt8, _ place: ExtensionState) -> ExtensionState? {
        let isBlank = ByteClass.isBlank(byte)
        let isToken = ByteClass.isToken(byte)
        switch place {
        case .beforeSemicolon:
            return isBlank ? .beforeSemicolon : byte == UInt8(ascii: ";") ? .beforeName : nil
        case .beforeName:
            return isBlank ? .beforeName : isToken ? .name : nil
        case .name, .afterName:
            if byte == UInt8(ascii: ";") { return .beforeName }
            if byte == UInt8(ascii: "=") { return .beforeValue }
            return isBlank ? .afterName : isToken && place == .name ? .name : nil
        case .beforeValue:
            if byte == UInt8(ascii: "\"") { return .quoted }
            return isBlank ? .beforeValue : isToken ? .token : nil
        case .token, .afterQuoted:
            if byte == UInt8(ascii: ";") { return .beforeName }
            return isBlank ? .beforeSemicolon : isToken && place == .token ? .token : nil
        case .quoted:
            if byte == UInt8(ascii: "\\") { return .escaped }
            if byte == UInt8(ascii: "\"") { return .afterQuoted }
            return ByteClass.isControl(byte) ? nil : .quoted
        case .escaped:
            return ByteClass.isControl(byte) ? nil : .quoted
        }
    }

    private mutating func takeTrailer(_ byte: UInt8) throws(HTTPError) {
        guard trailers.bytesRead - trailersOffset < limits.trailerBytesMax else {
            throw HTTPError(.trailersTooLong, offset: offset)
        }
        guard try trailers.push(byte) else { return }
        if trailers.line.isEmpty {
            state = .finished
        } else {
            let field = try HeaderFields.Field(parsing: trailers.line, offset: trailers.lineOffset)
            // All trailers are ignored, but these would frame the message anew for a reader that is less careful.
            guard field.name != "content-length", field.name != "transfer-encoding" else {
                throw HTTPError(.framingFieldInTrailers, offset: trailers.lineOffset)
            }
        }
        trailers.beginLine()
    }
}
