/// Writes a server's frames: never masked (RFC 6455 5.1), lengths minimal.
package enum FrameWriter {
    /// Longest header: opcode, length byte, eight bytes of length.
    package static let headerBytesMax = 10
    /// Longest reason of a close frame: what the code leaves of 125 bytes.
    package static let reasonBytesMax = 123

    /// Appends the header of a frame whose payload the caller writes behind it.
    ///
    /// - Parameters:
    ///   - payloadBytes: 0 or more; at most 125 for a control frame.
    ///   - isFinal: false for a fragment that others follow.
    package static func appendHeader(
        payloadBytes: Int, opcode: Opcode, isFinal: Bool = true, to output: inout [UInt8]
    ) {
        precondition(payloadBytes >= 0, "a length is not negative")
        precondition(
            !opcode.isControl || (isFinal && payloadBytes <= Opcode.controlPayloadBytesMax),
            "a control frame is whole and short")
        output.append(opcode.rawValue | (isFinal ? 0x80 : 0))
        switch payloadBytes {
        case 0...125:
            output.append(UInt8(payloadBytes))
        case 126...0xffff:
            output.append(126)
            appendBigEndian(payloadBytes, bytes: 2, to: &output)
        default:
            output.append(127)
            appendBigEndian(payloadBytes, bytes: 8, to: &output)
        }
    }

    /// Appends a whole frame.
    package static func append(
        _ opcode: Opcode, _ payload: Span<UInt8>, isFinal: Bool = true, to output: inout [UInt8]
    ) {
        appendHeader(payloadBytes: payload.count, opcode: opcode, isFinal: isFinal, to: &output)
        output.reserveCapacity(output.count + payload.count)
        for index in 0..<payload.count { output.append(payload[index]) }
    }

    /// Appends a close frame.
    ///
    /// - Parameters:
    ///   - code: `.noCode` writes an empty payload; any other must be allowed in a frame.
    ///   - reason: cut before the code point that would pass 123 bytes.
    package static func appendClose(_ code: CloseCode, reason: String = "", to output: inout [UInt8]) {
        guard code != .noCode else { return appendHeader(payloadBytes: 0, opcode: .close, to: &output) }
        precondition(code.isAllowedOnWire, "not a code for a frame")
        var payload: [UInt8] = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xff)]
        for scalar in reason.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            guard payload.count + bytes.count <= Opcode.controlPayloadBytesMax else { break }
            payload.append(contentsOf: bytes)
        }
        append(.close, payload.span, to: &output)
    }

    private static func appendBigEndian(_ number: Int, bytes: Int, to output: inout [UInt8]) {
        var shift = (bytes - 1) * 8
        while shift >= 0 {
            output.append(UInt8(truncatingIfNeeded: number >> shift))
            shift -= 8
        }
    }
}
