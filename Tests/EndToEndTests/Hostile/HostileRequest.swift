/// What a stranger says on one of the node's HTTP ports, and what RFC 9110 and 9112 ask of the answer.
///
/// ```swift
/// .watch("a blank before the colon", "GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n", is: 400)
/// ```
struct HostileRequest: Sendable {
    enum Port: Sendable { case publish, watch }

    enum Step: Sendable {
        case bytes([UInt8])
        /// The same, in writes of one byte.
        case singleBytes([UInt8])
        /// The client waits for `100 Continue`.
        case interim
        /// The client ends its side.
        case end
        /// The client is gone, and the node learns it by a reset.
        case reset
    }

    /// What comes back before the node closes.
    enum Answer: Sendable, Equatable {
        /// One whole answer, and nothing behind it.
        case status(Int)
        /// `100 Continue`, then one whole answer.
        case interim(Int)
        /// `100 Continue` alone.
        case interimAlone
        /// Not a byte.
        case nothing
    }

    let name: String
    let port: Port
    let steps: [Step]
    let answer: Answer
    /// The answer's content, where it tells how a body was read.
    let content: String?

    private init(_ name: String, _ port: Port, _ steps: [Step], _ answer: Answer, _ content: String?) {
        self.name = name
        self.port = port
        self.steps = steps
        self.answer = answer
        self.content = content
    }

    // MARK: - Whole texts

    static func watch(_ name: String, _ text: String, is status: Int) -> HostileRequest {
        HostileRequest(name, .watch, [.bytes(Array(text.utf8))], .status(status), nil)
    }

    static func watch(_ name: String, bytes: [UInt8], is status: Int) -> HostileRequest {
        HostileRequest(name, .watch, [.bytes(bytes)], .status(status), nil)
    }

    static func watch(_ name: String, _ steps: [Step], _ answer: Answer) -> HostileRequest {
        HostileRequest(name, .watch, steps, answer, nil)
    }

    static func publish(_ name: String, _ text: String, is status: Int, _ content: String? = nil) -> HostileRequest {
        HostileRequest(name, .publish, [.bytes(Array(text.utf8))], .status(status), content)
    }

    static func publish(
        _ name: String, _ steps: [Step], _ answer: Answer, _ content: String? = nil
    ) -> HostileRequest {
        HostileRequest(name, .publish, steps, answer, content)
    }

    // MARK: - Parts of a request that is right otherwise

    /// `GET` of this target with a right Host.
    static func target(_ name: String, _ target: String, is status: Int) -> HostileRequest {
        .watch(name, "GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n", is: status)
    }

    /// `GET /healthz` with these field lines alone.
    static func fields(_ name: String, _ lines: String, is status: Int) -> HostileRequest {
        .watch(name, "GET /healthz HTTP/1.1\r\n\(lines)\r\n", is: status)
    }

    /// A request line and a right Host.
    static func line(_ name: String, _ line: String, is status: Int) -> HostileRequest {
        .watch(name, "\(line)\r\nHost: a\r\n\r\n", is: status)
    }

    /// A `POST` with these framing fields and what follows the head.
    static func body(
        _ name: String, _ lines: String, _ rest: String, is status: Int, _ content: String? = nil
    ) -> HostileRequest {
        .publish(name, "POST / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\(rest)", is: status, content)
    }

    /// A `POST` in chunks.
    static func chunks(_ name: String, _ rest: String, is status: Int, _ content: String? = nil) -> HostileRequest {
        .body(name, "Transfer-Encoding: chunked\r\n", rest, is: status, content)
    }
}

extension HostileRequest.Step {
    static func text(_ text: String) -> Self { .bytes(Array(text.utf8)) }
    static func singly(_ text: String) -> Self { .singleBytes(Array(text.utf8)) }
}
