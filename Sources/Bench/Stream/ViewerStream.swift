import TransportStream

/// A viewer's reading side: takes the transport's framing off, cuts packets, and checks them. Allocates nothing but for
/// control frames.
package struct ViewerStream: Sendable {
    /// What is around the packets.
    package enum Framing: Sendable {
        case bare, webSocket, chunked
    }

    private enum Stripper {
        case bare
        case webSocket(FrameStripper)
        case chunked(ChunkStripper)
    }

    package private(set) var checker = StreamChecker()
    private var joiner = PacketJoiner()
    private var stripper: Stripper

    package init(_ framing: Framing) {
        stripper =
            switch framing {
            case .bare: .bare
            case .webSocket: .webSocket(FrameStripper())
            case .chunked: .chunked(ChunkStripper())
            }
    }

    /// Bytes that stood where a packet should have begun.
    package var bytesSkipped: UInt64 { joiner.bytesSkipped }

    /// The server said that the body is over.
    package var isFinished: Bool { if case .chunked(let chunks) = stripper { chunks.isFinished } else { false } }

    /// Takes the next bytes of the connection.
    ///
    /// - Parameters:
    ///   - nowUs: when they were read, on the sender's clock.
    ///   - counts: false while delays do not count.
    /// - Returns: control frames of the WebSocket that came, to be answered.
    package mutating func take(
        _ input: Span<UInt8>, nowUs: Int64, delays: inout DelayHistogram, counts: Bool = true
    ) throws(StreamFault) -> [FrameStripper.Control] {
        var offset = 0
        switch stripper {
        case .bare:
            takeContent(input, nowUs, &delays, counts)
        case .webSocket(var frames):
            while let range = try frames.next(input, at: &offset) {
                takeContent(input.extracting(range), nowUs, &delays, counts)
            }
            let control = frames.hasControl ? frames.takeControl() : []
            stripper = .webSocket(frames)
            return control
        case .chunked(var chunks):
            while let range = try chunks.next(input, at: &offset) {
                takeContent(input.extracting(range), nowUs, &delays, counts)
            }
            stripper = .chunked(chunks)
        }
        return []
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
