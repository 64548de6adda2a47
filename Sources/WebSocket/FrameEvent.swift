/// What a client said.
package enum FrameEvent: Equatable, Sendable {
    /// A whole message, valid UTF-8.
    case text([UInt8])
    /// A whole message.
    case binary([UInt8])
    /// At most 125 bytes, to be sent back in a pong.
    case ping([UInt8])
    case pong([UInt8])
    /// `CloseCode.noCode` when the frame had none; nothing follows it.
    case close(CloseCode, reason: String)
}
