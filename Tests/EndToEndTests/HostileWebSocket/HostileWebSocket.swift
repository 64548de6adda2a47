import TestSupport

/// One thing that a stranger does to the viewers' port, and what it must see then.
struct HostileWebSocket: Sendable {
    enum Deed: Sendable {
        /// Bytes on a fresh connection, each element in a write of its own.
        case raw([[UInt8]])
        /// The same behind a handshake whose answer was waited for.
        case frames([[UInt8]])
        case own(@Sendable (Stranger) throws -> Void)
    }

    enum Sight: Equatable, Sendable {
        /// An HTTP answer with this status, and the end.
        case status(Int)
        /// A close frame with this code, and the end.
        case close(Int)
        /// The end without a word.
        case end
        /// It is a viewer still: its ping is answered, and the stream comes.
        case served
        /// The stranger left first.
        case left
    }

    let name: String
    let deed: Deed
    let sees: Sight

    /// A request whose answer is not the handshake's, or is.
    static func request(_ name: String, _ bytes: [UInt8], _ sees: Sight) -> Self {
        Self(name: name, deed: .raw([bytes]), sees: sees)
    }

    /// Frames in one write behind a handshake.
    static func frames(_ name: String, _ bytes: [UInt8], _ sees: Sight) -> Self {
        Self(name: name, deed: .frames([bytes]), sees: sees)
    }

    static func own(
        _ name: String, _ sees: Sight, _ deed: @escaping @Sendable (Stranger) throws -> Void
    ) -> Self { Self(name: name, deed: .own(deed), sees: sees) }

    /// All of them.
    static let all =
        HostileRequests.all + HostileHandshakes.all + HostileFrames.all + HostileTexts.all
        + HostileConduct.all
}
