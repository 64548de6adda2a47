/// `method SP target SP HTTP/1.x` (RFC 9112 3), single blanks only.
struct RequestLine: Equatable, Sendable {
    let method: HTTPMethod
    let target: RequestTarget
    /// 0 or 1; a higher minor version is served as 1 (RFC 9110 2.5).
    let versionMinor: Int

    /// Reads a line given without its CR LF and free of control characters.
    init(parsing line: [UInt8], limits: RequestLimits, offset: Int) throws(HTTPError) {
        guard let methodEnd = line.firstIndex(of: ByteClass.space), let last = line.lastIndex(of: ByteClass.space),
            methodEnd < last
        else { throw HTTPError(.badRequestLine, offset: offset) }
        guard methodEnd > 0 else { throw HTTPError(.badMethod, offset: offset) }
        if let bad = line[..<methodEnd].firstIndex(where: { !ByteClass.isToken($0) }) {
            throw HTTPError(.badMethod, offset: offset + bad)
        }
        guard methodEnd <= limits.methodBytesMax else { throw HTTPError(.methodTooLong, offset: offset) }
        method = HTTPMethod(name: String(decoding: line[..<methodEnd], as: UTF8.self))
        versionMinor = try RequestLine.versionMinor(parsing: line[(last + 1)...], offset: offset)
        let targetStart = methodEnd + 1
        let whole = line.span
        target = try RequestTarget(
            parsing: whole.extracting(targetStart..<last), method: method, limits: limits, offset: offset + targetStart)
    }

    private static func versionMinor(parsing text: ArraySlice<UInt8>, offset: Int) throws(HTTPError) -> Int {
        let here = offset + text.startIndex
        guard text.count == 8, text.starts(with: "HTTP/".utf8) else { throw HTTPError(.badVersion, offset: here) }
        let (major, dot, minor) = (text[text.startIndex + 5], text[text.startIndex + 6], text[text.startIndex + 7])
        guard ByteClass.isDigit(major), dot == UInt8(ascii: "."), ByteClass.isDigit(minor) else {
            throw HTTPError(.badVersion, offset: here)
        }
        guard major == UInt8(ascii: "1") else { throw HTTPError(.versionNotSupported, offset: here) }
        return minor == UInt8(ascii: "0") ? 0 : 1
    }
}
