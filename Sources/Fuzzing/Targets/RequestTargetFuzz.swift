import HTTP1

/// The target of a request, and its percent-decoding.
///
/// What is read is safe as a path, and written with everything encoded it reads the same.
enum RequestTargetFuzz {
    static let target = FuzzTarget(
        name: "http-target", reads: "the target of a request line", covers: ["RequestTarget", "PercentDecoding"],
        bytesMax: 768
    ) { input throws(FuzzFinding) in
        for method in [.get, .options, .connect] as [HTTPMethod] {
            let read: RequestTarget
            do throws(HTTPError) {
                read = try RequestTarget(parsing: input, method: method)
            } catch {
                try require((0...input.count).contains(error.offset), "an error at byte \(error.offset)")
                continue
            }
            try check(read)
        }
    }

    private static func check(_ read: RequestTarget) throws(FuzzFinding) {
        let limits = RequestLimits()
        try require(read.segments.count <= limits.segmentsMax, "\(read.segments.count) segments")
        try require(read.query.count <= limits.queryItemsMax, "\(read.query.count) query items")
        for segment in read.segments {
            let isSafe = segment != "." && segment != ".." && !segment.utf8.contains(UInt8(ascii: "/"))
            try require(isSafe && segment.isPrintable, "a segment that is no name")
            try require(segment.utf8.count <= limits.segmentBytesMax, "a segment of \(segment.utf8.count) bytes")
        }
        for item in read.query {
            try require(item.name.isPrintable && item.value.isPrintable, "a query item")
            let first = read.query.first { $0.name == item.name }
            try require(read.first(item.name) == first?.value, "the first \(item.name) is another one")
        }
        switch read.form {
        case .authority, .asterisk:
            try require(read.segments.isEmpty && read.query.isEmpty, "a path without one")
        case .origin, .absolute:
            let items = read.query.map { encoded($0.name) + "=" + encoded($0.value) }
            let text = "/" + read.segments.map(encoded).joined(separator: "/") + "?" + items.joined(separator: "&")
            guard text.utf8.count <= limits.targetBytesMax else { return }
            let bytes = Array(text.utf8)
            let again = try? RequestTarget(parsing: bytes.span, method: .get)
            try require(again?.segments == read.segments && again?.query == read.query, "\(text) reads differently")
        }
    }

    /// Every byte but letters and digits as `%xx`.
    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }.joined()
    }
}
