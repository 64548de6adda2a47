import TestSupport
import Testing
import WebSocket

@Suite struct HandshakeTests {
    typealias Fields = [(name: String, value: String)]

    /// RFC 6455 1.2, with the fields that Chromium adds.
    static let sample: Fields = [
        ("host", "server.example.com"), ("connection", "keep-alive, Upgrade"), ("upgrade", "websocket"),
        ("origin", "http://example.com"), ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-extensions", "permessage-deflate; client_max_window_bits"),
    ]

    private func handshake(
        _ fields: Fields, method: String = "GET", versionMinor: Int = 1, hasBody: Bool = false
    ) throws(HandshakeError) -> Handshake {
        try Handshake(method: method, versionMinor: versionMinor, hasBody: hasBody) { name in
            fields.filter { $0.name == name }.map(\.value)
        }
    }

    /// The sample with the fields of one name replaced.
    private func sample(_ name: String, _ values: [String]) -> Fields {
        HandshakeTests.sample.filter { $0.name != name } + values.map { (name, $0) }
    }

    @Test func `the sample key of RFC 6455 gets its answer`() throws {
        #expect(Handshake.acceptKey(for: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        let handshake = try handshake(HandshakeTests.sample)
        #expect(handshake.fields.map(\.name) == ["Upgrade", "Connection", "Sec-WebSocket-Accept"])
        #expect(handshake.fields.map(\.value) == ["websocket", "Upgrade", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="])
    }

    @Test func `no extension is answered`() throws {
        #expect(try !handshake(HandshakeTests.sample).fields.contains { $0.name.contains("Extensions") })
    }

    @Test(
        arguments: [
            ([], nil), (["null"], "null"), (["chat, superchat"], "chat"), (["a", "b"], "a"), ([", a ,b"], "a"),
            (["", "b"], "b"), (["\tv1.relay\t"], "v1.relay"), ([",,"], nil), (["Null,null"], "Null"),
        ] as [([String], String?)])
    func `the first sub-protocol offered is echoed, and none where none is`(offered: [String], answer: String?) throws {
        let handshake = try handshake(sample("sec-websocket-protocol", offered))
        #expect(handshake.subprotocol == answer)
        #expect(handshake.fields.first { $0.name == "Sec-WebSocket-Protocol" }?.value == answer)
    }

    @Test(
        arguments: [
            ("upgrade", ["WebSocket"]), ("upgrade", ["h2c, websocket"]), ("upgrade", ["h2c", "websocket"]),
            ("connection", ["UPGRADE"]), ("connection", ["keep-alive", "Upgrade"]),
            ("connection", ["close,\tupgrade "]),
            ("host", ["127.0.0.1:56001"]), ("sec-websocket-key", ["AAAAAAAAAAAAAAAAAAAAAA=="]),
            ("sec-websocket-key", ["abcdefghijklmnopqrstuv=="]), ("sec-websocket-extensions", []), ("origin", []),
        ] as [(String, [String])])
    func `it is accepted`(name: String, values: [String]) throws {
        #expect(throws: Never.self) { try handshake(sample(name, values)) }
    }

    @Test(
        arguments: [
            ("host", [], .noHost), ("host", [""], .noHost), ("host", ["a", "b"], .noHost),
            ("upgrade", [], .noUpgradeToWebSocket), ("upgrade", [""], .noUpgradeToWebSocket),
            ("upgrade", ["h2c"], .noUpgradeToWebSocket), ("upgrade", ["websocket2"], .noUpgradeToWebSocket),
            ("upgrade", ["websocket/13"], .noUpgradeToWebSocket), ("upgrade", ["web socket"], .noUpgradeToWebSocket),
            ("connection", [], .noConnectionUpgrade), ("connection", ["keep-alive"], .noConnectionUpgrade),
            ("connection", ["Upgraded"], .noConnectionUpgrade),
            ("sec-websocket-version", [], .noVersion), ("sec-websocket-version", ["8"], .unknownVersion),
            ("sec-websocket-version", ["14"], .unknownVersion), ("sec-websocket-version", [""], .unknownVersion),
            ("sec-websocket-version", ["013"], .unknownVersion), ("sec-websocket-version", ["13, 8"], .unknownVersion),
            ("sec-websocket-version", ["13", "8"], .unknownVersion),
            ("sec-websocket-version", ["+13"], .unknownVersion),
            ("sec-websocket-key", [], .noKey), ("sec-websocket-key", [""], .badKey),
            ("sec-websocket-key", ["AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAAAA=="], .repeatedKey),
            ("sec-websocket-key", ["AAAAAAAAAAAAAAAAAAAA"], .badKey),
            ("sec-websocket-key", ["AAAAAAAAAAAAAAAAAAAAAAA="], .badKey),
            ("sec-websocket-key", ["AAAAAAAAAAAAAAAAAAAAAA"], .badKey),
            ("sec-websocket-key", ["AAAAAAAAAAAAAAAAAAAAA!=="], .badKey),
            ("sec-websocket-key", ["AAAAAAAAAAAAAAAAAAAAAA==, AAAAAAAAAAAAAAAAAAAAAA=="], .badKey),
            ("sec-websocket-key", [" AAAAAAAAAAAAAAAAAAAAAA=="], .badKey),
            ("sec-websocket-protocol", ["a b"], .badSubprotocol),
            ("sec-websocket-protocol", ["a, b/c"], .badSubprotocol),
            ("sec-websocket-protocol", ["a\r\nX: y"], .badSubprotocol),
            ("sec-websocket-protocol", ["é"], .badSubprotocol),
            ("sec-websocket-protocol", ["\"a\""], .badSubprotocol),
        ] as [(String, [String], HandshakeError)])
    func `it is refused with its reason`(name: String, values: [String], error: HandshakeError) {
        #expect(throws: error) { try handshake(sample(name, values)) }
    }

    @Test(
        arguments: [
            ["x"], [""], [",, ,"], ["a, ,b"], ["a;b;c=d;e=\"f\""], ["a ; b = c , d"], ["a", "b; c"], ["\ta;\tb\t"],
            ["permessage-deflate; server_no_context_takeover; client_max_window_bits=15"], ["a;b=\"\\c\\d\""],
        ])
    func `an offer of extensions that can be read is declined`(offer: [String]) throws {
        #expect(try !handshake(sample("sec-websocket-extensions", offer)).fields.contains { $0.name.contains("Ext") })
    }

    @Test(
        arguments: [
            "a b", ";", "a;", "a;;b", "a;=b", "a;b=", "a;b=;c", "a;b=\"\"", "a;b=\"c", "a;b=\"c d\"", "a;b=\"c\\\"",
            "a;b=c\"d\"", "a;b=\"c\"d", "a=b", "é", "a;b==c", "\"a\"", "a/b", "a;b c", "=", "a;b=\\c",
        ])
    func `an offer of extensions that cannot be read fails the handshake`(offer: String) {
        for values in [[offer], ["good", offer], ["good, " + offer], [offer + ", good"]] {
            #expect(throws: HandshakeError.badExtensions, "\(values)") {
                try handshake(sample("sec-websocket-extensions", values))
            }
        }
    }

    @Test(arguments: ["POST", "HEAD", "get", ""])
    func `only GET opens a WebSocket`(method: String) {
        #expect(throws: HandshakeError.notGet) { try handshake(HandshakeTests.sample, method: method) }
    }

    @Test func `HTTP 1.0 and a body are refused`() {
        #expect(throws: HandshakeError.versionTooOld) { try handshake(HandshakeTests.sample, versionMinor: 0) }
        #expect(throws: HandshakeError.hasBody) { try handshake(HandshakeTests.sample, hasBody: true) }
    }

    @Test(
        arguments: [
            (.unknownVersion, 426, ["Upgrade: websocket", "Sec-WebSocket-Version: 13"]),
            (.noVersion, 400, ["Sec-WebSocket-Version: 13"]), (.notGet, 405, ["Allow: GET"]), (.badKey, 400, []),
            (.noHost, 400, []), (.badSubprotocol, 400, []), (.badExtensions, 400, []),
        ] as [(HandshakeError, Int, [String])])
    func `a refusal says what is spoken here`(error: HandshakeError, status: Int, fields: [String]) {
        #expect(error.statusCode == status)
        #expect(error.fields.map { "\($0.name): \($0.value)" } == fields)
    }

    @Test func `an ordinary request asks for no WebSocket`() {
        #expect(Handshake.isAskedFor { $0 == "upgrade" ? ["h2c, WebSocket"] : [] })
        #expect(!Handshake.isAskedFor { $0 == "upgrade" ? ["h2c"] : [] })
        #expect(!Handshake.isAskedFor { _ in [] })
    }

    @Test func `twenty thousand broken values never get an answer that ends its line`() {
        let corpus = ["null", "chat, superchat", "dGhlIHNhbXBsZSBub25jZQ==", "keep-alive, Upgrade"].map {
            Array($0.utf8)
        }
        var mutator = ByteMutator(seed: 0x6455, corpus: corpus, dictionary: [[0x2c], [0x0d, 0x0a], [0x20], [0x3d]])
        var accepted = 0
        let names = ["sec-websocket-protocol", "sec-websocket-key", "connection"]
        for run in 0..<20_000 {
            let value = String(decoding: mutator.next(), as: UTF8.self)
            guard let handshake = try? handshake(sample(names[run % names.count], [value])) else { continue }
            accepted += 1
            let isOneLine = handshake.fields.allSatisfy { field in
                field.value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
            }
            #expect(isOneLine, "\(value.debugDescription)")
        }
        #expect(accepted > 2_000)
    }
}
