/// What is known of a chunk besides its packets.
package struct ChunkMark: Equatable, Sendable {
    /// The number of the chunk's first packet in its stream, from 0.
    package var position: UInt64

    /// When the chunk's last byte came, in milliseconds of the loop's clock.
    package var arrivalMs: Int64

    package var flags: ChunkFlags

    package init(position: UInt64, arrivalMs: Int64, flags: ChunkFlags) {
        self.position = position
        self.arrivalMs = arrivalMs
        self.flags = flags
    }
}
