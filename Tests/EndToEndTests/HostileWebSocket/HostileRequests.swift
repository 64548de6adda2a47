/// What comes instead of a request for a WebSocket, or around it: other protocols, broken heads, other targets.
enum HostileRequests {
    static let all = protocols + lines + hosts + targets + bodies + limits

    private static func ask(_ name: String, _ line: String, _ sees: HostileWebSocket.Sight) -> HostileWebSocket {
        .request(name, Handshakes.request(line), sees)
    }

    private static let protocols: [HostileWebSocket] = [
        .request(
            "a TLS hello", [0x16, 3, 1, 0, 0xa5, 1, 0, 0, 0xa1, 3, 3] + [UInt8](repeating: 0x5a, count: 160),
            .status(400)),
        .request("an SSH banner", Array("SSH-2.0-OpenSSH_9.2\r\n".utf8), .status(400)),
        .request("HTTP/2 with prior knowledge", Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8), .status(505)),
        .request(
            "transport stream packets", [UInt8](repeating: 0, count: 188).enumerated().map { $0.0 == 0 ? 0x47 : 0 },
            .status(400)),
        .request("a SOCKS5 greeting", [5, 2, 0, 2], .status(400)),
        .request("a Redis command", Array("*1\r\n$4\r\nPING\r\n".utf8), .status(400)),
        .request("an SMTP greeting", Array("EHLO relay\r\n".utf8), .status(400)),
        .request("an RTMP handshake", [3] + [UInt8](repeating: 0, count: 1536), .status(400)),
        .request("an RTSP request", Array("OPTIONS rtsp://a/ RTSP/1.0\r\nCSeq: 1\r\n\r\n".utf8), .status(400)),
        .request("frames without a handshake", [0x82, 0x80, 1, 2, 3, 4], .status(400)),
        .request(
            "a PROXY line before the request",
            Array("PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n".utf8) + Handshakes.request(),
            .status(400)),
        .request("a byte order mark before the request", [0xef, 0xbb, 0xbf] + Handshakes.request(), .status(400)),
        .request("a request of UTF-16", Handshakes.request().flatMap { [$0, 0] }, .status(400)),
        .request("nothing but line ends", Array("\r\n\r\n\r\n\r\n".utf8), .status(400)),
        .request("one line end before the request", Array("\r\n".utf8) + Handshakes.request(), .served),
        .request(
            "an answer instead of a request", Array("HTTP/1.1 101 Switching Protocols\r\n\r\n".utf8), .status(400)),
    ]

    private static let lines: [HostileWebSocket] = [
        ask("POST instead of GET", "POST / HTTP/1.1", .status(405)),
        ask("HEAD instead of GET", "HEAD / HTTP/1.1", .status(405)),
        ask("OPTIONS instead of GET", "OPTIONS / HTTP/1.1", .status(405)),
        ask("CONNECT to somewhere else", "CONNECT example.com:443 HTTP/1.1", .status(405)),
        ask("get in small letters", "get / HTTP/1.1", .status(501)),
        ask("a method of forty letters", String(repeating: "G", count: 40) + " / HTTP/1.1", .status(501)),
        ask("no method", " / HTTP/1.1", .status(400)),
        ask("a method with a slash", "GE/T / HTTP/1.1", .status(400)),
        ask("HTTP 1.0", "GET / HTTP/1.0", .status(400)),
        ask("HTTP 0.9", "GET /", .status(400)),
        ask("HTTP 2.0", "GET / HTTP/2.0", .status(505)),
        ask("HTTP 1.9, which is served as 1.1", "GET / HTTP/1.9", .served),
        ask("a version with a zero too many", "GET / HTTP/1.01", .status(400)),
        ask("a version in small letters", "GET / http/1.1", .status(400)),
        ask("two blanks before the target", "GET  / HTTP/1.1", .status(400)),
        ask("a tab before the target", "GET\t/ HTTP/1.1", .status(400)),
        .request("line feeds alone", Handshakes.request().filter { $0 != 13 }, .status(400)),
        .request("carriage returns alone", Handshakes.request().filter { $0 != 10 }, .status(400)),
        .request("a NUL in a value", Handshakes.request(more: "X: a\0b"), .status(400)),
        .request("a carriage return in a value", Handshakes.request(more: "X: a\rY: b"), .status(400)),
        .request("a DEL in a value", Handshakes.request(more: "X: \u{7f}"), .status(400)),
        .request(
            "a folded Upgrade", Handshakes.with("Upgrade:\r\n websocket", insteadOf: Handshakes.upgrade), .status(400)),
        .request(
            "a blank before a colon", Handshakes.with("Upgrade : websocket", insteadOf: Handshakes.upgrade),
            .status(400)),
        .request("a line without a colon", Handshakes.request(more: "websocket"), .status(400)),
        .request("a field without a name", Handshakes.request(more: ": websocket"), .status(400)),
        .request("a field name of HTTP/2", Handshakes.request(more: ":protocol: websocket"), .status(400)),
        .request("a field name that is not ASCII", Handshakes.request(more: "Üpgrade: websocket"), .status(400)),
    ]

    private static func host(_ name: String, _ value: String, _ sees: HostileWebSocket.Sight) -> HostileWebSocket {
        .request(name, Handshakes.with("Host: " + value, insteadOf: Handshakes.host), sees)
    }

    private static let hosts: [HostileWebSocket] = [
        .request("no Host", Handshakes.request(without: [Handshakes.host]), .status(400)),
        .request("two Hosts", Handshakes.request(more: "Host: other"), .status(400)),
        host("an empty Host", "", .status(400)),
        host("a Host with a path", "a/b", .status(400)),
        host("a Host with a user", "root@a", .status(400)),
        host("a Host with a blank", "a b", .status(400)),
        host("a Host that is a list", "a, b", .status(400)),
        host("a Host that is a URL", "http://a", .status(400)),
        host("a Host with a port of five nines", "a:99999", .status(400)),
        host("a Host with a port of letters", "a:http", .status(400)),
        host("a Host with an open bracket", "[::1", .status(400)),
        host("a Host that is IPv6", "[2001:db8::1]:56001", .served),
        host("a Host that is nobody's name", "evil.example", .served),
    ]

    private static let targets: [HostileWebSocket] = [
        ask("a stream that is not there", "GET /no/such HTTP/1.1", .status(404)),
        ask("a reserved name", "GET /api/v1 HTTP/1.1", .status(404)),
        ask("three parts of a path", "GET /live/main/x HTTP/1.1", .status(404)),
        ask(
            "a stream name of 65 letters", "GET /live/" + String(repeating: "n", count: 65) + " HTTP/1.1", .status(404)),
        ask("a stream name with a leading dot", "GET /live/.main HTTP/1.1", .status(404)),
        ask("dots that climb", "GET /../live/main HTTP/1.1", .status(400)),
        ask("encoded dots that climb", "GET /live/%2e%2e/main HTTP/1.1", .status(400)),
        ask("an encoded slash", "GET /live%2fmain HTTP/1.1", .status(400)),
        ask("an encoded NUL", "GET /live/main%00 HTTP/1.1", .status(400)),
        ask("an encoded line end", "GET /live/main%0d%0aX: HTTP/1.1", .status(400)),
        ask("a percent sign that encodes nothing", "GET /live/%zz HTTP/1.1", .status(400)),
        ask("encoded bytes that are not UTF-8", "GET /live/%ff HTTP/1.1", .status(400)),
        ask("a fragment", "GET /live/main#top HTTP/1.1", .status(400)),
        ask("a target that is not ASCII", "GET /live/mäin HTTP/1.1", .status(400)),
        ask("the asterisk", "GET * HTTP/1.1", .status(400)),
        ask("an absolute target of another scheme", "GET ws://127.0.0.1/ HTTP/1.1", .status(400)),
        ask("an absolute target", "GET http://127.0.0.1/live/main HTTP/1.1", .served),
        ask("an absolute target with a user", "GET http://a@127.0.0.1/ HTTP/1.1", .status(400)),
        ask(
            "a target of nine thousand bytes", "GET /" + String(repeating: "a", count: 9000) + " HTTP/1.1", .status(414)
        ),
        ask("forty parts of a path", "GET " + String(repeating: "/a", count: 40) + " HTTP/1.1", .status(414)),
        ask("a hundred query items", "GET /?" + String(repeating: "a=b&", count: 100) + " HTTP/1.1", .status(414)),
        ask(
            "a viewer's name of five thousand letters",
            "GET /?viewer=" + String(repeating: "v", count: 5000) + " HTTP/1.1", .served),
        ask("figures with an upgrade", "GET /live/main.json HTTP/1.1", .status(200)),
        ask("health with an upgrade", "GET /healthz HTTP/1.1", .status(200)),
        ask("a file of the page with an upgrade", "GET /player/player.css HTTP/1.1", .status(200)),
    ]

    private static let bodies: [HostileWebSocket] = [
        .request(
            "a body of known length", Handshakes.request(more: "Content-Length: 5") + Array("hello".utf8), .status(400)),
        .request(
            "a body that never comes", Handshakes.request(more: "Content-Length: 9223372036854775807"), .status(400)),
        .request("a length of no bytes", Handshakes.request(more: "Content-Length: 0"), .served),
        .request("a length with a sign", Handshakes.request(more: "Content-Length: +0"), .status(400)),
        .request(
            "a length beyond 64 bits", Handshakes.request(more: "Content-Length: 99999999999999999999"), .status(400)),
        .request("two lengths", Handshakes.request(more: "Content-Length: 0", "Content-Length: 0"), .status(400)),
        .request(
            "a chunked body", Handshakes.request(more: "Transfer-Encoding: chunked") + Array("0\r\n\r\n".utf8),
            .status(400)),
        .request(
            "a length beside chunks", Handshakes.request(more: "Transfer-Encoding: chunked", "Content-Length: 0"),
            .status(400)),
        .request("a compressed body", Handshakes.request(more: "Transfer-Encoding: gzip, chunked"), .status(501)),
        .request("an expectation without a body", Handshakes.request(more: "Expect: 100-continue"), .served),
        .request("an expectation that nobody knows", Handshakes.request(more: "Expect: 200-ok"), .status(417)),
    ]

    private static let limits: [HostileWebSocket] = [
        .request(
            "a field of twenty thousand bytes", Handshakes.request(more: "X: " + String(repeating: "a", count: 20_000)),
            .status(431)),
        .request(
            "a field name of twenty thousand bytes",
            Handshakes.request(more: String(repeating: "X", count: 20_000) + ": a"), .status(431)),
        .request(
            "a hundred and fifty fields", Handshakes.request(fields: (0..<150).map { "X-\($0): a" }), .status(431)),
        .request(
            "ninety fields of two hundred bytes",
            Handshakes.request(fields: (0..<90).map { "X-\($0): " + String(repeating: "a", count: 190) }), .status(431)),
        .request(
            "a head of just under the limits",
            Handshakes.request(fields: (0..<90).map { "X-\($0): " + String(repeating: "a", count: 100) }), .served),
    ]
}
