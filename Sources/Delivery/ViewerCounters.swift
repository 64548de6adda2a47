/// What a door for viewers has seen; every refusal is in one of them.
package struct ViewerCounters: Equatable, Sendable {
    package var accepted: UInt64 = 0
    /// The address is in `FilterIps`.
    package var refusedAddress: UInt64 = 0
    /// `MaxViewers` of the door or the node.
    package var refusedLimit: UInt64 = 0
    /// Half-open heads that were closed to make room.
    package var headsClosed: UInt64 = 0
    /// No such stream.
    package var refusedStream: UInt64 = 0
    /// The WebSocket handshake was wrong.
    package var refusedHandshake: UInt64 = 0
    /// Sent away since they were further behind than `MaxLag`.
    package var kicked: UInt64 = 0
    /// Vanished without a word.
    package var vanished: UInt64 = 0

    package init() {}
}
