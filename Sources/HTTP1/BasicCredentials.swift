internal import Crypto

/// User and password of the Basic scheme (RFC 7617).
package struct BasicCredentials: Equatable, Sendable, CustomStringConvertible {
    /// What to send as `WWW-Authenticate` beside 401.
    package static let challenge = "Basic realm=\"tsrelay\", charset=\"UTF-8\""

    package let user: String
    package let password: String

    /// Never shows the password.
    package var description: String { "BasicCredentials" }

    /// Reads the value of an Authorization field.
    ///
    /// - Returns: nil for another scheme, bad Base64, no colon, control characters, or what is not UTF-8: all of it is the
    ///   same as no credentials.
    package init?(parsing value: String) {
        let bytes = Array(value.utf8)
        guard let blank = bytes.firstIndex(of: ByteClass.space),
            bytes[..<blank].map({ ByteClass.lowercased($0) }).elementsEqual("basic".utf8)
        else { return nil }
        let encoded = Array(bytes[blank...].drop { $0 == ByteClass.space })
        guard let decoded = try? Base64.decode(encoded.span), let text = String(validating: decoded, as: UTF8.self),
            !decoded.contains(where: { $0 < 0x20 || $0 == 0x7f }),
            let colon = text.utf8.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        user = String(text[..<colon])
        password = String(text[text.utf8.index(after: colon)...])
    }

    /// The credentials of a head: none unless exactly one Authorization field holds them.
    package init?(_ fields: HeaderFields) {
        let values = fields.values(of: "authorization")
        guard values.count == 1, let value = values.first else { return nil }
        self.init(parsing: value)
    }
}
