import HTTP1

/// Request heads one behind the other.
///
/// Any cut gives the same heads and the same error; what passes keeps the promises of its types.
enum HeadFuzz {
    static let target = FuzzTarget(
        name: "http-head", reads: "request heads, one behind the other",
        covers: [
            "RequestParser", "LineReader", "RequestLine", "RequestHead", "HeaderFields", "BodyFraming", "Authority",
            "HTTPMethod", "ByteClass", "HTTPError",
        ], bytesMax: 1024
    ) { input throws(FuzzFinding) in
        let cuts = Cuts(input)
        let limits = cuts.seed & 0x3000 == 0 ? HeadFuzz.lowLimits : RequestLimits()
        let whole = Reading(input, [0..<input.count], limits)
        let pieces = Reading(input, cuts.ranges, limits)
        try require(whole == pieces, "the cuts change what is read")
        if let fault = whole.fault { throw FuzzFinding(fault) }
        for head in whole.heads { try check(head, limits) }
        if let error = whole.error {
            try require(error.status.rawValue >= 400, "refused with \(error.status)")
            try require((0...input.count).contains(error.offset), "an error at byte \(error.offset)")
        }
    }

    /// So that short inputs reach limits too.
    private static let lowLimits: RequestLimits = {
        var limits = RequestLimits()
        limits.headBytesMax = 200
        limits.fieldLinesMax = 4
        limits.methodBytesMax = 8
        limits.targetBytesMax = 40
        limits.segmentsMax = 3
        limits.segmentBytesMax = 16
        limits.queryItemsMax = 2
        return limits
    }()

    private static func check(_ head: RequestHead, _ limits: RequestLimits) throws(FuzzFinding) {
        try require(head.fields.count <= limits.fieldLinesMax, "\(head.fields.count) fields")
        try require(head.method.name.utf8.count <= limits.methodBytesMax, "a long method")
        try require(head.target.raw.utf8.count <= limits.targetBytesMax, "a long target")
        try require(head.versionMinor < 1 || head.host != nil, "no host")
        for field in head.fields.fields {
            try require(!field.name.isEmpty && field.name == field.name.lowercased(), "a field's name")
            let hasControl = field.value.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f }
            try require(!hasControl, "a control character in a field")
        }
        let hosts = head.fields.values(of: "host")
        try require(hosts.first == head.fields.first("Host"), "two first hosts")
        if let credentials = BasicCredentials(head.fields) {
            let isOnce = head.fields.values(of: "authorization").count == 1
            try require(isOnce && credentials.user.isPrintable, "credentials out of nothing")
            try require(credentials.description == "BasicCredentials", "credentials in a log")
        }
        try require(head.method.description == head.method.name, "a method with two names")
        try require(head.segments == head.target.segments, "two paths")
        let lengths = head.fields.values(of: "content-length")
        let codings = head.fields.values(of: "transfer-encoding")
        switch head.framing {
        case .none, .untilClose: try require(lengths.isEmpty && codings.isEmpty, "a framing was passed over")
        case .length(let length):
            try require(lengths.count == 1 && codings.isEmpty && length <= UInt64(Int64.max), "a length of \(length)")
        case .chunked: try require(lengths.isEmpty && codings.count == 1, "chunked beside something else")
        }
    }

    private struct Reading: Equatable {
        var heads: [RequestHead] = []
        var error: HTTPError?
        var isInsideHead = false
        var fault: String?

        init(_ input: Span<UInt8>, _ ranges: [Range<Int>], _ limits: RequestLimits) {
            var parser = RequestParser(limits: limits)
            do throws(HTTPError) {
                for range in ranges {
                    var place = range.lowerBound
                    while place < range.upperBound {
                        let progress = try parser.parse(input.extracting(place..<range.upperBound))
                        guard case .head(let head, let consumed) = progress else { break }
                        guard (1...range.upperBound - place).contains(consumed) else {
                            fault = "a head took \(consumed) bytes"
                            return
                        }
                        heads.append(head)
                        place += consumed
                    }
                }
            } catch {
                self.error = error
            }
            isInsideHead = parser.isInsideHead
        }
    }
}
