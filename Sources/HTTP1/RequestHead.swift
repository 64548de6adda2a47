/// A whole request head (RFC 9112 2.1), checked: who gets one needs to refuse nothing for its form any more.
package struct RequestHead: Equatable, Sendable {
    package let method: HTTPMethod
    package let target: RequestTarget
    /// 0 or 1.
    package let versionMinor: Int
    package let fields: HeaderFields
    package let framing: BodyFraming
    /// `host[:port]` as asked for: the target's authority, else the Host field; nil where HTTP/1.0 sends none.
    package let host: String?
    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 10.1.1).
    package let expectsContinue: Bool
    /// Whether the client wants the connection kept after the answer (RFC 9112 9.3).
    package let wantsKeepAlive: Bool

    /// The path's segments, decoded once.
    package var segments: [String] { target.segments }

    /// Checks what the lines say together.
    ///
    /// - Parameter offset: bytes of the head, for errors.
    init(line: RequestLine, fields: HeaderFields, offset: Int) throws(HTTPError) {
        method = line.method
        target = line.target
        versionMinor = line.versionMinor
        self.fields = fields

        let hosts = fields.values(of: "host")
        guard hosts.count <= 1 else { throw HTTPError(.repeatedHost, offset: offset) }
        if let host = hosts.first {
            let bytes = Array(host.utf8)
            guard Authority.isValid(bytes.span, 0..<bytes.count, needsPort: false) else {
                throw HTTPError(.badHost, offset: offset)
            }
        } else if versionMinor >= 1 {
            throw HTTPError(.missingHost, offset: offset)
        }
        if case .absolute(let authority) = target.form { host = authority } else { host = hosts.first }

        framing = try BodyFraming(method: method, versionMinor: versionMinor, fields: fields, offset: offset)

        // HTTP/1.0 knows no expectations; a body that does not come needs no go-ahead.
        let expectations = versionMinor >= 1 ? fields.elements(of: "expect") : []
        guard expectations.allSatisfy({ ByteClass.lowercased($0) == "100-continue" }) else {
            throw HTTPError(.unknownExpectation, offset: offset)
        }
        expectsContinue = !expectations.isEmpty && framing != .none && framing != .length(0)

        let wantsClose = fields.contains("close", in: "connection")
        wantsKeepAlive = !wantsClose && (versionMinor >= 1 || fields.contains("keep-alive", in: "connection"))
    }
}
