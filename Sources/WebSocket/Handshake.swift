internal import Crypto

/// The server's part of the opening handshake (RFC 6455 4.2), on a head that someone else has read.
///
/// ```swift
/// let handshake = try Handshake(
///     method: "GET", versionMinor: 1, hasBody: false, values: { head.fields.values(of: $0) })
/// handshake.fields  // for the 101: Upgrade, Connection, Sec-WebSocket-Accept, Sec-WebSocket-Protocol
/// ```
/// Extensions are never answered, so `permessage-deflate` is declined; an offer that cannot be read is refused.
package struct Handshake: Equatable, Sendable {
    /// The version of the protocol that is spoken here.
    package static let version = "13"
    private static let keyBytes = 16
    private static let acceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// Value of `Sec-WebSocket-Accept`.
    package let acceptKey: String
    /// The sub-protocol to answer: the first that was offered, none where none was. Browsers fail a connection that does
    /// not echo an offered one, and one that answers what was not offered.
    package let subprotocol: String?

    /// Whether a request asks for a WebSocket at all; if not, it is an ordinary request.
    ///
    /// - Parameter values: the values of all field lines of a name, in order; names are asked for in lower case.
    package static func isAskedFor(values: (String) -> [String]) -> Bool {
        hasToken("websocket", in: values("upgrade"))
    }

    /// Checks a request.
    ///
    /// - Parameters:
    ///   - method: as sent.
    ///   - versionMinor: of HTTP/1.
    ///   - hasBody: whether a body follows the head; frames begin right behind it, so there must be none.
    ///   - values: the values of all field lines of a name, in order; names are asked for in lower case.
    /// - Throws: the first thing that is wrong.
    package init(
        method: String, versionMinor: Int, hasBody: Bool, values: (String) -> [String]
    ) throws(HandshakeError) {
        guard method == "GET" else { throw .notGet }
        guard versionMinor >= 1 else { throw .versionTooOld }
        guard !hasBody else { throw .hasBody }
        let hosts = values("host")
        guard hosts.count == 1, hosts.first?.isEmpty == false else { throw .noHost }
        guard Handshake.hasToken("websocket", in: values("upgrade")) else { throw .noUpgradeToWebSocket }
        guard Handshake.hasToken("upgrade", in: values("connection")) else { throw .noConnectionUpgrade }

        let versions = values("sec-websocket-version")
        guard let version = versions.first else { throw .noVersion }
        guard versions.count == 1, version == Handshake.version else { throw .unknownVersion }

        let keys = values("sec-websocket-key")
        guard let key = keys.first else { throw .noKey }
        guard keys.count == 1 else { throw .repeatedKey }
        // Keys made by hand often have bits behind their sixteen bytes; nothing depends on them.
        guard let nonce = try? Base64.decode(key, allowsNonzeroTail: true), nonce.count == Handshake.keyBytes else {
            throw .badKey
        }
        acceptKey = Handshake.acceptKey(for: key)
        subprotocol = try Handshake.firstSubprotocol(in: values("sec-websocket-protocol"))
        guard values("sec-websocket-extensions").allSatisfy({ ExtensionOffer.isWellFormed($0) }) else {
            throw .badExtensions
        }
    }

    /// The fields of the 101 answer.
    package var fields: [(name: String, value: String)] {
        var fields = [
            (name: "Upgrade", value: "websocket"), (name: "Connection", value: "Upgrade"),
            (name: "Sec-WebSocket-Accept", value: acceptKey),
        ]
        if let subprotocol { fields.append((name: "Sec-WebSocket-Protocol", value: subprotocol)) }
        return fields
    }

    /// RFC 6455 4.2.2, point 5.4.
    package static func acceptKey(for key: String) -> String {
        let text = Array((key + acceptSuffix).utf8)
        let digest = SHA1.digest(text.span)
        return Base64.encode(digest.span)
    }

    private static func firstSubprotocol(in values: [String]) throws(HandshakeError) -> String? {
        let offered = values.flatMap { elements(of: $0) }
        guard offered.allSatisfy({ Token.isToken($0) }) else { throw .badSubprotocol }
        return offered.first
    }

    private static func hasToken(_ token: String, in values: [String]) -> Bool {
        values.contains { value in elements(of: value).contains { lowercased($0) == token } }
    }

    /// The elements of a comma-separated list, without blanks around them and without empty ones (RFC 9110 5.6.1).
    private static func elements(of list: String) -> [String] {
        list.utf8.split(separator: UInt8(ascii: ",")).compactMap { element in
            let trimmed = element.drop { isBlank($0) }
            guard let last = trimmed.lastIndex(where: { !isBlank($0) }) else { return nil }
            return String(trimmed[...last])
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == 0x09 }

    private static func lowercased(_ text: String) -> String {
        String(decoding: text.utf8.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
