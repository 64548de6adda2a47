/// The target of a request (RFC 9112 3.2), taken apart and decoded once.
///
/// ```swift
/// // "/live/a%20b?secret=x%26y"
/// target.segments        // ["live", "a b"]
/// target.first("secret") // "x&y"
/// ```
/// A path that means something else after decoding is an error and not a path: `%2F` inside a segment, control characters,
/// and the segments `.` and `..`, encoded or plain, are refused.
package struct RequestTarget: Equatable, Sendable {
    package enum Form: Equatable, Sendable {
        /// `/path?query`.
        case origin
        /// `http://authority/path?query`; its authority goes before the Host field (RFC 9112 3.2.2).
        case absolute(authority: String)
        /// `host:port`, of CONNECT alone.
        case authority
        /// `*`, of OPTIONS alone.
        case asterisk
    }

    package struct QueryItem: Equatable, Sendable {
        package let name: String
        /// Empty when the item has no `=`.
        package let value: String
    }

    /// As it was sent; may hold a secret, so it is not for logs.
    package let raw: String
    package let form: Form
    /// The path's segments, decoded. `/` has none, `/a/` has `a` and an empty one, `//a` an empty one and `a`.
    package let segments: [String]
    /// The query's items, decoded, in order; empty ones left out.
    package let query: [QueryItem]

    /// The value of the first query item with this name; names are case-sensitive.
    package func first(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// Reads a target.
    ///
    /// - Parameters:
    ///   - text: the bytes between the two blanks of the request line.
    ///   - offset: where they stand, for errors.
    /// - Throws: see `HTTPError.Fault`, the cases of the target.
    package init(
        parsing text: Span<UInt8>, method: HTTPMethod, limits: RequestLimits = RequestLimits(), offset: Int = 0
    ) throws(HTTPError) {
        guard text.count <= limits.targetBytesMax else { throw HTTPError(.targetTooLong, offset: offset) }
        guard text.count > 0 else { throw HTTPError(.badTargetForm, offset: offset) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        for index in 0..<text.count {
            // Every other visible character passes: browsers and hand-typed URLs leave |, ^, { and the like as they are.
            let byte = text[index]
            guard byte > 0x20, byte < 0x7f, byte != UInt8(ascii: "#") else {
                throw HTTPError(.badTargetCharacter(byte), offset: offset + index)
            }
            bytes.append(byte)
        }
        raw = String(decoding: bytes, as: UTF8.self)

        var pathStart = 0
        if method == .connect {
            guard Authority.isValid(text, 0..<text.count, needsPort: true) else {
                throw HTTPError(.badAuthority, offset: offset)
            }
            (form, segments, query) = (.authority, [], [])
            return
        } else if text[0] == UInt8(ascii: "/") {
            form = .origin
        } else if text.count == 1, text[0] == UInt8(ascii: "*"), method == .options {
            (form, segments, query) = (.asterisk, [], [])
            return
        } else {
            let authority = try RequestTarget.authority(ofAbsolute: text, offset: offset)
            form = .absolute(authority: String(decoding: bytes[authority], as: UTF8.self))
            pathStart = authority.upperBound
        }

        var pathEnd = pathStart
        while pathEnd < text.count, text[pathEnd] != UInt8(ascii: "?") { pathEnd += 1 }
        segments = try RequestTarget.segments(of: text, pathStart..<pathEnd, limits: limits, offset: offset)
        query = try RequestTarget.queryItems(of: text, from: pathEnd + 1, limits: limits, offset: offset)
    }

    /// - Returns: the range of `host[:port]`; user information is refused (RFC 9110 4.2.4).
    /// - Throws: `.schemeNeedsTLS` for `https`, which is not served on a connection in the clear (RFC 9110 7.4).
    private static func authority(ofAbsolute text: Span<UInt8>, offset: Int) throws(HTTPError) -> Range<Int> {
        guard !hasScheme("https://", text) else { throw HTTPError(.schemeNeedsTLS, offset: offset) }
        guard hasScheme("http://", text) else { throw HTTPError(.badTargetForm, offset: offset) }
        let start = "http://".utf8.count
        var end = start
        while end < text.count, text[end] != UInt8(ascii: "/"), text[end] != UInt8(ascii: "?") { end += 1 }
        guard end > start, Authority.isValid(text, start..<end, needsPort: false) else {
            throw HTTPError(.badAuthority, offset: offset + start)
        }
        return start..<end
    }

    /// Whether the text begins with this scheme, in any case of letters.
    private static func hasScheme(_ scheme: String, _ text: Span<UInt8>) -> Bool {
        let expected = Array(scheme.utf8)
        guard text.count >= expected.count else { return false }
        return expected.indices.allSatisfy { ByteClass.lowercased(text[$0]) == expected[$0] }
    }

    private static func segments(
        of text: Span<UInt8>, _ path: Range<Int>, limits: RequestLimits, offset: Int
    ) throws(HTTPError) -> [String] {
        var segments: [String] = []
        // An absolute target may have no path at all; `/` alone has no segment.
        var start = path.lowerBound + 1
        guard start < path.upperBound else { return segments }
        while start <= path.upperBound {
            var end = start
            while end < path.upperBound, text[end] != UInt8(ascii: "/") { end += 1 }
            guard segments.count < limits.segmentsMax else { throw HTTPError(.tooManySegments, offset: offset + start) }
            let segment = try PercentDecoding.decode(text, start..<end, refusesSlash: true, offset: offset)
            guard segment != ".", segment != ".." else { throw HTTPError(.dotSegment, offset: offset + start) }
            guard segment.utf8.count <= limits.segmentBytesMax else {
                throw HTTPError(.segmentTooLong, offset: offset + start)
            }
            segments.append(segment)
            start = end + 1
        }
        return segments
    }

    private static func queryItems(
        of text: Span<UInt8>, from queryStart: Int, limits: RequestLimits, offset: Int
    ) throws(HTTPError) -> [QueryItem] {
        var items: [QueryItem] = []
        var start = queryStart
        while start < text.count {
            var end = start
            var equals: Int?
            while end < text.count, text[end] != UInt8(ascii: "&") {
                if equals == nil, text[end] == UInt8(ascii: "=") { equals = end }
                end += 1
            }
            if end > start {
                guard items.count < limits.queryItemsMax else {
                    throw HTTPError(.tooManyQueryItems, offset: offset + start)
                }
                let nameEnd = equals ?? end
                let valueStart = min(nameEnd + 1, end)
                items.append(
                    QueryItem(
                        name: try PercentDecoding.decode(text, start..<nameEnd, refusesSlash: false, offset: offset),
                        value: try PercentDecoding.decode(text, valueStart..<end, refusesSlash: false, offset: offset)))
            }
            start = end + 1
        }
        return items
    }
}
