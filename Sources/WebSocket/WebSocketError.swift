/// What is wrong with a client's frames, and where.
package struct WebSocketError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What frames can have wrong.
    package enum Fault: Equatable, Sendable {
        case reservedBits(UInt8), unknownOpcode(UInt8)
        case fragmentedControlFrame, controlFrameTooLong(UInt8)
        case continuationWithoutStart, startInsideMessage
        case notMasked, lengthNotMinimal, lengthTooLarge
        case messageTooBig, notUTF8
        case closePayloadTooShort, badCloseCode(UInt16)
    }

    package let fault: Fault
    /// Bytes before the fault, counted from the first byte behind the handshake.
    package let offset: UInt64

    package init(_ fault: Fault, offset: UInt64) {
        self.fault = fault
        self.offset = offset
    }

    /// What to say in the close frame (RFC 6455 7.4.1).
    package var closeCode: CloseCode {
        switch fault {
        case .messageTooBig: .messageTooBig
        case .notUTF8: .invalidPayload
        case .reservedBits, .unknownOpcode, .fragmentedControlFrame, .controlFrameTooLong, .continuationWithoutStart,
            .startInsideMessage, .notMasked, .lengthNotMinimal, .lengthTooLarge, .closePayloadTooShort, .badCloseCode:
            .protocolError
        }
    }

    package var description: String { "\(fault) at byte \(offset)" }
}
