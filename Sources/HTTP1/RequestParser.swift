/// Reads request heads from a connection's bytes, strictly by RFC 9112, in any cut.
///
/// ```swift
/// var parser = RequestParser()
/// switch try parser.parse(bytes) {
/// case .needsMore: break  // all of `bytes` was taken
/// case .head(let head, let consumed):
///     // The body, or the next request, begins at `bytes[consumed]`; its framing is `head.framing`.
/// }
/// ```
/// What two readers could understand differently is refused: bare CR or LF, folded lines, a blank before a colon, control
/// characters, Content-Length beside Transfer-Encoding or twice. After an error the connection is to be closed; the
/// parser throws the same again. After a head it is ready for the next one.
package struct RequestParser: Sendable {
    package enum Progress: Equatable, Sendable {
        case needsMore
        /// A head is complete; `consumed` bytes of this call's input belong to it or to what came before it.
        case head(RequestHead, consumed: Int)
    }

    package let limits: RequestLimits
    private var reader = LineReader()
    private var requestLine: RequestLine?
    private var fields = HeaderFields()
    private var emptyLines = 0
    private var failure: HTTPError?

    package init(limits: RequestLimits = RequestLimits()) { self.limits = limits }

    /// Whether a head has begun that is not complete: the time for a head runs.
    package var isInsideHead: Bool { reader.bytesRead > 0 }

    /// Takes the bytes up to the end of a head.
    ///
    /// - Throws: the first fault in the order of the bytes; the same in any cut.
    package mutating func parse(_ input: Span<UInt8>) throws(HTTPError) -> Progress {
        if let failure { throw failure }
        do throws(HTTPError) {
            for index in 0..<input.count {
                guard try takeByte(input[index]) else { continue }
                defer { reader.beginLine() }
                if let head = try takeLine() {
                    self = RequestParser(limits: limits)
                    return .head(head, consumed: index + 1)
                }
            }
        } catch {
            failure = error
            throw error
        }
        return .needsMore
    }

    /// - Returns: whether a line is complete.
    private mutating func takeByte(_ byte: UInt8) throws(HTTPError) -> Bool {
        guard reader.bytesRead < limits.headBytesMax else {
            throw HTTPError(.headTooLarge, offset: reader.bytesRead)
        }
        let isComplete = try reader.push(byte)
        if reader.line.count > limits.methodBytesMax + limits.targetBytesMax + 10, requestLine == nil {
            // Method, blank, target, blank and the eight bytes of the version: nothing longer can pass.
            let hasMethod = reader.line.prefix(limits.methodBytesMax + 1).contains(ByteClass.space)
            throw HTTPError(hasMethod ? .targetTooLong : .methodTooLong, offset: reader.bytesRead - 1)
        }
        return isComplete
    }

    private mutating func takeLine() throws(HTTPError) -> RequestHead? {
        guard let requestLine else {
            if reader.line.isEmpty {
                emptyLines += 1
                guard emptyLines <= limits.emptyLinesMax else {
                    throw HTTPError(.emptyLines, offset: reader.lineOffset)
                }
            } else {
                requestLine = try RequestLine(parsing: reader.line, limits: limits, offset: reader.lineOffset)
            }
            return nil
        }
        guard !reader.line.isEmpty else {
            return try RequestHead(line: requestLine, fields: fields, offset: reader.bytesRead)
        }
        guard fields.count < limits.fieldLinesMax else { throw HTTPError(.tooManyFields, offset: reader.lineOffset) }
        fields.append(try HeaderFields.Field(parsing: reader.line, offset: reader.lineOffset))
        return nil
    }
}
