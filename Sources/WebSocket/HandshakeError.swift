/// Why an opening handshake is refused (RFC 6455 4.2.1).
package enum HandshakeError: Error, Equatable, Sendable {
    case notGet, versionTooOld, hasBody, noHost
    case noUpgradeToWebSocket, noConnectionUpgrade
    case noKey, repeatedKey, badKey
    case noVersion, unknownVersion
    case badSubprotocol, badExtensions

    /// The status to answer with: 426 for another version, 405 for another method, 400 for all else.
    package var statusCode: Int {
        switch self {
        case .unknownVersion: 426
        case .notGet: 405
        case .versionTooOld, .hasBody, .noHost, .noUpgradeToWebSocket, .noConnectionUpgrade, .noKey, .repeatedKey,
            .badKey, .noVersion, .badSubprotocol, .badExtensions:
            400
        }
    }

    /// Fields that belong into the refusal: the version spoken here (RFC 6455 4.4), and with 426 the protocol to upgrade
    /// to (RFC 9110 15.5.22), with 405 the method allowed.
    package var fields: [(name: String, value: String)] {
        switch self {
        case .unknownVersion: [("Upgrade", "websocket"), ("Sec-WebSocket-Version", Handshake.version)]
        case .notGet: [("Allow", "GET")]
        case .noVersion: [("Sec-WebSocket-Version", Handshake.version)]
        case .versionTooOld, .hasBody, .noHost, .noUpgradeToWebSocket, .noConnectionUpgrade, .noKey, .repeatedKey,
            .badKey, .badSubprotocol, .badExtensions:
            []
        }
    }
}
