/// Collects one line at a time, ended by CR LF and by nothing else (RFC 9112 2.2).
struct LineReader: Sendable {
    /// The bytes of the line so far, without its end.
    private(set) var line: [UInt8] = []
    /// Where the line began, in bytes from the start of the head or body.
    private(set) var lineOffset: Int
    private var offset: Int
    private var sawCarriageReturn = false

    init(offset: Int = 0) {
        self.offset = offset
        lineOffset = offset
    }

    /// Bytes read, from the start of the head or body.
    var bytesRead: Int { offset }

    /// Takes one byte.
    ///
    /// - Returns: whether `line` is complete; call `beginLine()` before the next byte then.
    /// - Throws: a bare CR or LF, or a control character.
    mutating func push(_ byte: UInt8) throws(HTTPError) -> Bool {
        let here = offset
        offset += 1
        if sawCarriageReturn {
            guard byte == ByteClass.lineFeed else { throw HTTPError(.bareCarriageReturn, offset: here - 1) }
            sawCarriageReturn = false
            return true
        }
        if byte == ByteClass.carriageReturn {
            sawCarriageReturn = true
            return false
        }
        guard byte != ByteClass.lineFeed else { throw HTTPError(.bareLineFeed, offset: here) }
        guard !ByteClass.isControl(byte) else { throw HTTPError(.controlCharacter(byte), offset: here) }
        line.append(byte)
        return false
    }

    mutating func beginLine() {
        line.removeAll(keepingCapacity: true)
        lineOffset = offset
    }
}
