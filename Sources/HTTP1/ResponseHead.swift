/// The head of an answer (RFC 9112 4), always as HTTP/1.1.
///
/// ```swift
/// var head = ResponseHead(.ok)
/// head.add("Content-Type", "video/mp2t")
/// head.append(to: &bytes)
/// ```
package struct ResponseHead: Equatable, Sendable {
    /// The interim answer that lets a client with `Expect: 100-continue` send its body.
    package static let continueBytes: [UInt8] = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    package let status: HTTPStatus
    package private(set) var fields: [(name: String, value: String)] = []

    package init(_ status: HTTPStatus) { self.status = status }

    /// The head of a whole small answer, after which the connection is closed.
    package init(_ status: HTTPStatus, contentType: String, contentBytes: Int) {
        self.status = status
        if status.allowsContent {
            if contentBytes > 0 { add("Content-Type", contentType) }
            add("Content-Length", String(contentBytes))
        }
        add("Connection", "close")
    }

    /// Adds a field line behind the others.
    ///
    /// - Parameters:
    ///   - name: a token; ours, never one that came from outside.
    ///   - value: a control character in it is written as a blank, so that no value can end its line.
    package mutating func add(_ name: String, _ value: String) {
        precondition(!name.isEmpty && name.utf8.allSatisfy { ByteClass.isToken($0) }, "a field name is a token")
        fields.append((name, value))
    }

    /// Writes the status line, the fields and the empty line.
    package func append(to output: inout [UInt8]) {
        output.append(contentsOf: "HTTP/1.1 \(status.code) \(status.reason)\r\n".utf8)
        for (name, value) in fields {
            output.append(contentsOf: name.utf8)
            output.append(contentsOf: ": ".utf8)
            for byte in value.utf8 { output.append(ByteClass.isControl(byte) ? ByteClass.space : byte) }
            output.append(contentsOf: "\r\n".utf8)
        }
        output.append(contentsOf: "\r\n".utf8)
    }

    /// The head as bytes of its own.
    package var bytes: [UInt8] {
        var output: [UInt8] = []
        append(to: &output)
        return output
    }

    package static func == (left: ResponseHead, right: ResponseHead) -> Bool {
        left.status == right.status && left.fields.elementsEqual(right.fields, by: ==)
    }
}
