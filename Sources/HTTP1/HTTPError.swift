/// What is wrong with a request, and where.
///
/// It holds no text of the request, so it can be logged: a target or a credential never leaks through it.
package struct HTTPError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What a request can have wrong.
    package enum Fault: Equatable, Sendable {
        // Lines.
        case bareCarriageReturn, bareLineFeed, controlCharacter(UInt8), emptyLines
        // The request line.
        case badRequestLine, badMethod, methodTooLong, badVersion, versionNotSupported
        // The target.
        case targetTooLong, badTargetCharacter(UInt8), badTargetForm, badAuthority
        case schemeNeedsTLS, badPercentEncoding, encodedSlash, encodedControlCharacter, notUTF8, dotSegment
        case segmentTooLong, tooManySegments, tooManyQueryItems
        // Fields.
        case headTooLarge, tooManyFields, foldedLine, badFieldName, missingColon
        case missingHost, repeatedHost, badHost, unknownExpectation
        // Framing.
        case badContentLength, repeatedContentLength, contentLengthBesideTransferEncoding
        case badTransferEncoding, unknownTransferCoding, transferEncodingInHTTP10
        // The body.
        case badChunkSize, chunkSizeTooLong, badChunkExtension, chunkExtensionsTooLong, badChunkEnd
        case trailersTooLong, framingFieldInTrailers
    }

    package let fault: Fault
    /// Bytes before the fault, counted from the first byte of the head, or of the body for a fault in the body.
    package let offset: Int

    package init(_ fault: Fault, offset: Int) {
        self.fault = fault
        self.offset = offset
    }

    package var description: String { "\(fault) at byte \(offset)" }

    /// What to answer before the connection is closed.
    package var status: HTTPStatus {
        switch fault {
        case .targetTooLong, .segmentTooLong, .tooManySegments, .tooManyQueryItems: .uriTooLong
        case .headTooLarge, .tooManyFields, .trailersTooLong: .headTooLarge
        case .unknownExpectation: .expectationFailed
        case .methodTooLong, .unknownTransferCoding: .notImplemented
        case .versionNotSupported: .versionNotSupported
        case .schemeNeedsTLS: .misdirected
        case .bareCarriageReturn, .bareLineFeed, .controlCharacter, .emptyLines, .badRequestLine, .badMethod,
            .badVersion, .badTargetCharacter, .badTargetForm, .badAuthority, .badPercentEncoding, .encodedSlash,
            .encodedControlCharacter, .notUTF8, .dotSegment, .foldedLine, .badFieldName, .missingColon, .missingHost,
            .repeatedHost, .badHost, .badContentLength, .repeatedContentLength, .contentLengthBesideTransferEncoding,
            .badTransferEncoding, .transferEncodingInHTTP10, .badChunkSize, .chunkSizeTooLong, .badChunkExtension,
            .chunkExtensionsTooLong, .badChunkEnd, .framingFieldInTrailers:
            .badRequest
        }
    }
}
