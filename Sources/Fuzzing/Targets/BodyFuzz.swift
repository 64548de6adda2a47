import HTTP1

/// A chunked body, and what is behind it; the same bytes also as the other kinds of bodies.
///
/// Any cut gives the same content, the same end and the same error. What was read, encoded again, reads the same.
enum BodyFuzz {
    static let target = FuzzTarget(
        name: "http-body", reads: "a chunked body with what follows it",
        covers: ["BodyDecoder", "ChunkedDecoder"], bytesMax: 1024
    ) { input throws(FuzzFinding) in
        let decisions = Cuts(input)
        let cuts = decisions.ranges
        let limits = decisions.seed & 0x3000 == 0 ? BodyFuzz.lowLimits : RequestLimits()
        for framing in [.chunked, .length(UInt64(input.count / 2)), .untilClose, .none] as [BodyFraming] {
            let whole = Reading(input, [0..<input.count], framing, limits)
            let pieces = Reading(input, cuts, framing, limits)
            try require(whole == pieces, "the cuts change a body of \(framing)")
            try require(whole.content.count <= whole.taken, "more content than bytes")
            try require(whole.taken == input.count || whole.isFinished || whole.error != nil, "bytes left over")
            if framing != .chunked { try require(whole.error == nil, "a plain body was refused") }
        }
        let content = Reading(input, [0..<input.count], .chunked, limits).content
        var encoded: [UInt8] = []
        for range in cuts {
            let end = min(range.upperBound, content.count)
            ChunkedEncoder.append(content.span.extracting(min(range.lowerBound, end)..<end), to: &encoded)
        }
        encoded += ChunkedEncoder.end
        let again = Reading(encoded.span, [0..<encoded.count], .chunked, RequestLimits())
        try require(again.isFinished && again.content == content, "the content does not survive being encoded")
    }

    /// So that short inputs reach limits too.
    private static let lowLimits: RequestLimits = {
        var limits = RequestLimits()
        limits.chunkSizeDigitsMax = 4
        limits.chunkExtensionBytesMax = 16
        limits.chunkExtensionDebtMax = 24
        limits.trailerBytesMax = 24
        return limits
    }()

    private struct Reading: Equatable {
        var content: [UInt8] = []
        /// Up to the error, if there is one, only the bytes of the calls before it.
        var taken = 0
        var isFinished: Bool
        var error: HTTPError?

        init(_ input: Span<UInt8>, _ ranges: [Range<Int>], _ framing: BodyFraming, _ limits: RequestLimits) {
            var decoder = BodyDecoder(framing: framing, limits: limits)
            var content: [UInt8] = []
            do throws(HTTPError) {
                for range in ranges where !decoder.isFinished {
                    taken += try decoder.decode(input.extracting(range)) { part in
                        content.append(copying: part)
                    }
                }
            } catch {
                self.error = error
                taken = input.count
            }
            self.content = content
            isFinished = decoder.isFinished
        }
    }
}
