/// What a chunk is to those who start, jump or end at chunks.
package struct ChunkFlags: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Decoding can start at the picture that starts in this chunk.
    package static let randomAccess = ChunkFlags(rawValue: 1 << 0)

    /// A picture starts in this chunk, and nothing of the picture before it is in it.
    package static let startsPicture = ChunkFlags(rawValue: 1 << 1)

    /// The open picture ends in this chunk.
    package static let endsPicture = ChunkFlags(rawValue: 1 << 2)

    /// The chunk begins with the PAT and the PMT.
    package static let tables = ChunkFlags(rawValue: 1 << 3)
}
