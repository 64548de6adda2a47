import CHTTPParser

/// What Node's former http_parser 2.9.4 makes of a connection's bytes.
///
/// Debian builds it without its strict checks, so it is lenient about much that we refuse; what it refuses is wrong.
final class HTTPParserOracle {
    struct Message: Equatable {
        var method = ""
        var target: [UInt8] = []
        var isHeadComplete = false
        var body: [UInt8] = []
        var isComplete = false
    }

    private(set) var messages: [Message] = []
    /// `HPE_OK`, or why it refuses.
    private(set) var error = HPE_OK
    /// Whether it stopped because another protocol takes over.
    private(set) var stopsForUpgrade = false

    init(_ bytes: [UInt8]) {
        var settings = http_parser_settings()
        settings.on_message_begin = { parser in
            oracle(parser)?.messages.append(Message())
            return 0
        }
        settings.on_url = { parser, at, count in
            oracle(parser)?.change { $0.target += copy(at, count) }
            return 0
        }
        settings.on_headers_complete = { parser in
            let method = parser.flatMap { http_method_str(http_method(rawValue: $0.pointee.method)) }
            oracle(parser)?.change {
                $0.isHeadComplete = true
                $0.method = method.map { String(cString: $0) } ?? ""
            }
            return 0
        }
        settings.on_body = { parser, at, count in
            oracle(parser)?.change { $0.body += copy(at, count) }
            return 0
        }
        settings.on_message_complete = { parser in
            oracle(parser)?.change { $0.isComplete = true }
            return 0
        }

        var parser = http_parser()
        http_parser_init(&parser, HTTP_REQUEST)
        parser.data = Unmanaged.passUnretained(self).toOpaque()
        bytes.withUnsafeBytes { buffer in
            // SAFETY: the parser reads `count` bytes during the call, and `self` outlives it.
            _ = http_parser_execute(&parser, &settings, buffer.bindMemory(to: CChar.self).baseAddress, buffer.count)
        }
        error = http_errno(rawValue: parser.http_errno)
        stopsForUpgrade = error == HPE_OK && parser.upgrade == 1
    }

    private func change(_ body: (inout Message) -> Void) {
        guard !messages.isEmpty else { return }
        body(&messages[messages.count - 1])
    }

}

/// SAFETY: `data` is set once, to an oracle that lives during every call.
private func oracle(_ parser: UnsafeMutablePointer<http_parser>?) -> HTTPParserOracle? {
    guard let data = parser?.pointee.data else { return nil }
    return Unmanaged<HTTPParserOracle>.fromOpaque(data).takeUnretainedValue()
}

private func copy(_ at: UnsafePointer<CChar>?, _ count: Int) -> [UInt8] {
    UnsafeBufferPointer(start: at, count: count).map { UInt8(bitPattern: $0) }
}
