/// A viewer's reading side: takes the transport's framing off, cuts packets, and checks them. Allocates nothing but for
/// control frames.
package struct ViewerStream: Sendable {
    package typealias Framing = StreamStripper.Framing

    package private(set) var checker = StreamChecker()
    private var joiner = PacketJoiner()
    private var stripper: StreamStripper

    package init(_ framing: Framing) {
        stripper = StreamStripper(framing)
    }

    /// Bytes that stood where a packet should have begun.
    package var bytesSkipped: UInt64 { joiner.bytesSkipped }

    /// The server said that the body is over.
    package var isFinished: Bool { stripper.isFinished }

    /// Takes the next bytes of the connection.
    ///
    /// - Parameters:
    ///   - nowUs: when they were read, on the sender's clock.
    ///   - counts: false while delays do not count.
    /// - Returns: control frames of the WebSocket that came, to be answered.
    package mutating func take(
        _ input: Span<UInt8>, nowUs: Int64, delays: inout DelayHistogram, counts: Bool = true
    ) throws(StreamFault) -> [FrameStripper.Control] {
        // A copy, since the content goes into this struct too.
        var stripper = stripper
        defer { self.stripper = stripper }
        return try stripper.strip(input) { content in takeContent(content, nowUs, &delays, counts) }
    }

    private mutating func takeContent(
        _ content: Span<UInt8>, _ nowUs: Int64, _ delays: inout DelayHistogram, _ counts: Bool
    ) {
        var offset = 0
        if joiner.complete(content, at: &offset) {
            let packet = joiner.takeKept()
            checker.take(packet.span, nowUs: nowUs, delays: &delays, counts: counts)
        }
        while let run = joiner.nextRun(content, at: &offset) {
            checker.take(content.extracting(run), nowUs: nowUs, delays: &delays, counts: counts)
        }
    }
}
