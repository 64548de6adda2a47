/// How much of a request is taken before it is refused. Each limit is inclusive: the limit itself still passes.
package struct RequestLimits: Equatable, Sendable {
    /// Bytes of a head, from its first byte to the empty line.
    package var headBytesMax = 16 << 10
    /// Field lines of a head.
    package var fieldLinesMax = 100
    /// Empty lines before a request line (RFC 9112 2.2 asks for one at least).
    package var emptyLinesMax = 1
    /// Bytes of a method; the longest registered one is `UPDATEREDIRECTREF` with 17.
    package var methodBytesMax = 32
    /// Bytes of a target as sent (RFC 9112 3 asks for 8,000 at least).
    package var targetBytesMax = 8000
    /// Path segments of a target.
    package var segmentsMax = 32
    /// Bytes of one path segment after decoding.
    package var segmentBytesMax = 512
    /// Items of a query.
    package var queryItemsMax = 64
    /// Hexadecimal digits of a chunk size, leading zeros included; 16 make the largest number.
    package var chunkSizeDigitsMax = 16
    /// Bytes of the extensions of one chunk.
    package var chunkExtensionBytesMax = 256
    /// Bytes of extensions that a body may be ahead of its content: each content byte makes up for two of them.
    package var chunkExtensionDebtMax = 16 << 10
    /// Bytes of a trailer section with its empty line.
    package var trailerBytesMax = 4 << 10

    package init() {}
}
