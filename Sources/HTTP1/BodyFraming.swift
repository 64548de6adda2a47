/// Where the body of a request ends (RFC 9112 6.3).
package enum BodyFraming: Equatable, Sendable {
    /// No body.
    case none
    /// As many bytes, 0 ... 2^63 - 1.
    case length(UInt64)
    case chunked
    /// A POST or PUT with neither length nor coding ends with the connection. RFC 9112 6.3 calls its body empty; ffmpeg
    /// with `-chunked_post 0` sends a raw stream so, and that must be taken.
    case untilClose
}

extension BodyFraming {
    /// Reads the framing out of a head, and refuses every head that two readers could frame differently.
    ///
    /// - Parameter offset: where the head ends, for errors.
    init(method: HTTPMethod, versionMinor: Int, fields: HeaderFields, offset: Int) throws(HTTPError) {
        let lengths = fields.values(of: "content-length")
        let codings = fields.values(of: "transfer-encoding")
        if !codings.isEmpty {
            guard lengths.isEmpty else { throw HTTPError(.contentLengthBesideTransferEncoding, offset: offset) }
            guard versionMinor >= 1 else { throw HTTPError(.transferEncodingInHTTP10, offset: offset) }
            try BodyFraming.checkCodings(codings, offset: offset)
            self = .chunked
        } else if let length = lengths.first {
            guard lengths.count == 1 else { throw HTTPError(.repeatedContentLength, offset: offset) }
            self = .length(try BodyFraming.length(parsing: length, offset: offset))
        } else {
            self = method == .post || method == .put ? .untilClose : .none
        }
    }

    /// Only `chunked`, once, is understood. A list that does not end with it has no end that can be found: 400; one that
    /// ends with it but holds other codings: 501 (RFC 9112 6.1, 6.3).
    private static func checkCodings(_ values: [String], offset: Int) throws(HTTPError) {
        let codings = values.flatMap { value in
            value.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
                .map { ByteClass.lowercased(HeaderFields.trimmed($0)) }
        }
        let chunkedCount = codings.count { $0 == "chunked" }
        guard codings.last == "chunked", chunkedCount == 1, !codings.contains("") else {
            throw HTTPError(.badTransferEncoding, offset: offset)
        }
        guard codings.count == 1 else { throw HTTPError(.unknownTransferCoding, offset: offset) }
    }

    /// Digits alone; a sign, a blank inside, a list, or more than 2^63 - 1 is refused.
    private static func length(parsing text: String, offset: Int) throws(HTTPError) -> UInt64 {
        var length: UInt64 = 0
        guard !text.isEmpty else { throw HTTPError(.badContentLength, offset: offset) }
        for byte in text.utf8 {
            guard ByteClass.isDigit(byte) else { throw HTTPError(.badContentLength, offset: offset) }
            let (tenfold, overflowed) = length.multipliedReportingOverflow(by: 10)
            let (sum, carried) = tenfold.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !overflowed, !carried, sum <= UInt64(Int64.max) else {
                throw HTTPError(.badContentLength, offset: offset)
            }
            length = sum
        }
        return length
    }
}
