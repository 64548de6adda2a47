/// Takes a transport's framing off, in any cut, without copying what is inside.
package struct StreamStripper: Sendable {
    /// What is around the packets.
    package enum Framing: Sendable {
        case bare, webSocket, chunked
    }

    private enum Kind: Sendable {
        case bare
        case webSocket(FrameStripper)
        case chunked(ChunkStripper)
    }

    private var kind: Kind

    package init(_ framing: Framing) {
        kind =
            switch framing {
            case .bare: .bare
            case .webSocket: .webSocket(FrameStripper())
            case .chunked: .chunked(ChunkStripper())
            }
    }

    /// The server said that the body is over.
    package var isFinished: Bool { if case .chunked(let chunks) = kind { chunks.isFinished } else { false } }

    /// Takes the next bytes of the connection.
    ///
    /// - Parameter body: gets the content, piece by piece: parts of `input`.
    /// - Returns: control frames of the WebSocket that came, to be answered.
    @inline(__always)
    package mutating func strip(
        _ input: Span<UInt8>, _ body: (Span<UInt8>) -> Void
    ) throws(StreamFault) -> [FrameStripper.Control] {
        var offset = 0
        switch kind {
        case .bare:
            body(input)
        case .webSocket(var frames):
            while let range = try frames.next(input, at: &offset) { body(input.extracting(range)) }
            let control = frames.hasControl ? frames.takeControl() : []
            kind = .webSocket(frames)
            return control
        case .chunked(var chunks):
            while let range = try chunks.next(input, at: &offset) { body(input.extracting(range)) }
            kind = .chunked(chunks)
        }
        return []
    }
}
