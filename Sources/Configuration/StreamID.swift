/// The key of a stream: tenant, application and name.
///
/// `vhost` stays empty until tenants come; it is never shown while it is empty.
package struct StreamID: Hashable, Sendable, CustomStringConvertible {
    /// First parts of a path that belong to the node itself.
    package static let reservedApps: Set<String> = ["api", "monitor", "metrics", "healthz", "readyz", "player"]
    /// Endings that select a form of a stream, so no name may end in one.
    package static let reservedSuffixes = [".ts", ".m3u8", ".json"]
    /// Longest app or name, in bytes.
    package static let partBytesMax = 64
    /// The stream of everything that names none.
    package static let main = StreamID(vhost: "", app: "live", name: "main")

    package let vhost: String
    package let app: String
    package let name: String

    private init(vhost: String, app: String, name: String) {
        self.vhost = vhost
        self.app = app
        self.name = name
    }

    /// Checks both parts: `[A-Za-z0-9._-]{1,64}`, no leading dot, no reserved first part, no reserved ending.
    package init(app: String, name: String) throws(StreamIDError) {
        for part in [app, name] {
            let bytes = part.utf8
            guard !bytes.isEmpty else { throw .emptyPart }
            guard bytes.count <= StreamID.partBytesMax else { throw .partTooLong(bytes.count) }
            guard bytes.first != UInt8(ascii: ".") else { throw .leadingDot(part) }
            guard bytes.allSatisfy(StreamID.isAllowed) else { throw .badCharacter(part) }
            for suffix in StreamID.reservedSuffixes where part.hasSuffix(suffix) { throw .reservedSuffix(part) }
        }
        guard !StreamID.reservedApps.contains(app) else { throw .reservedApp(app) }
        self.init(vhost: "", app: app, name: name)
    }

    /// Reads `app/name`.
    package init(parsing text: String) throws(StreamIDError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .notTwoParts(text) }
        try self.init(app: String(parts[0]), name: String(parts[1]))
    }

    package var description: String { vhost.isEmpty ? app + "/" + name : vhost + "/" + app + "/" + name }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
