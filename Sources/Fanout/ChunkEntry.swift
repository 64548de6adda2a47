package import TransportStream

/// One line of a segment's index: where a chunk begins in its lane, and what it is.
package struct ChunkEntry: Sendable {
    /// Lane offset of the chunk's frame.
    package let offset: Int64
    /// Position, arrival and flags of the chunk.
    package let mark: ChunkMark
    /// Pictures that began in this lane before this chunk.
    package let picturesBefore: UInt64
}
