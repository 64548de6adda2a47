/// Puts the chunked coding on a body (RFC 9112 7.1).
package enum ChunkedEncoder {
    /// The last chunk, without trailers.
    package static let end: [UInt8] = Array("0\r\n\r\n".utf8)
    /// What follows the content of each chunk.
    package static let chunkEnd: [UInt8] = [ByteClass.carriageReturn, ByteClass.lineFeed]
    /// Longest size line: sixteen digits, CR and LF.
    package static let headerBytesMax = 18

    /// Appends the size line of a chunk.
    ///
    /// - Parameter contentBytes: at least 1; a chunk of 0 would end the body.
    package static func appendHeader(contentBytes: Int, to output: inout [UInt8]) {
        precondition(contentBytes > 0, "an empty chunk ends the body")
        var shift = (Int.bitWidth - 1 - contentBytes.leadingZeroBitCount) / 4 * 4
        while shift >= 0 {
            let digit = UInt8(contentBytes >> shift & 0xf)
            output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            shift -= 4
        }
        output.append(contentsOf: chunkEnd)
    }

    /// Appends a whole chunk; nothing for no content.
    package static func append(_ content: Span<UInt8>, to output: inout [UInt8]) {
        guard content.count > 0 else { return }
        output.reserveCapacity(output.count + content.count + headerBytesMax + chunkEnd.count)
        appendHeader(contentBytes: content.count, to: &output)
        for index in 0..<content.count { output.append(content[index]) }
        output.append(contentsOf: chunkEnd)
    }
}
