/// How connections begin, go on and end (RFC 9110 7.8, 10.1.1; RFC 9112 9), and what speaks no HTTP at all.
enum HostileTalks {
    private static let health = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let post = "POST / HTTP/1.1\r\nHost: a\r\n"

    static let pipelines: [HostileRequest] = [
        .watch("two requests at once", health + health, is: 200),
        .watch("1,000 requests at once", String(repeating: health, count: 1000), is: 200),
        .watch("a right request behind a wrong one", "GET / HTTP/1.1\r\n\r\n" + health, is: 400),
        .watch("a wrong request behind a right one", health + "\0\0\0\0", is: 200),
        .watch(
            "a request that wants to be kept",
            "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nKeep-Alive: timeout=600\r\n\r\n", is: 200),
        .publish("a request behind a body", post + "Content-Length: 5\r\n\r\nhello" + health, is: 200, "5 bytes\n"),
        .publish(
            "a body behind a body", post + "Content-Length: 5\r\n\r\nhello" + post + "Content-Length: 1\r\n\r\nx",
            is: 200, "5 bytes\n"),
        .watch("400,000 bytes behind a request", health + String(repeating: "x", count: 400_000), is: 200),
        .watch("zeros behind a request", [.text(health), .bytes([UInt8](repeating: 0, count: 1000))], .status(200)),
        .watch(
            "a body that was not asked for",
            "POST /live/main HTTP/1.1\r\nHost: a\r\nContent-Length: 400000\r\n\r\n"
                + String(repeating: "x", count: 400_000), is: 405),
    ]

    static let ends: [HostileRequest] = [
        .watch("a client that ends its side behind its request", [.text(health), .end], .status(200)),
        .watch("a client that ends its side behind a wrong one", [.text("GET\r\n"), .end], .status(400)),
        .watch("a client that ends its side at once", [.end], .nothing),
        .watch("a client that ends its side in a head", [.text("GET /healthz HTT"), .end], .nothing),
        .watch(
            "a client that ends its side before the last line", [.text(String(health.dropLast(2))), .end], .nothing),
        .watch("an empty line, and the end", [.text("\r\n"), .end], .nothing),
        .publish("a body of a length that is cut", [.text(post + "Content-Length: 5\r\n\r\nhell"), .end], .nothing),
        .publish(
            "chunks that are cut", [.text(post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel"), .end], .nothing),
        .publish(
            "chunks without a last one", [.text(post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"), .end],
            .nothing),
        .publish(
            "a last chunk without its last line",
            [.text(post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"), .end], .nothing),
        .publish("a body up to the end", [.text(post + "\r\nhello"), .end], .status(200), "5 bytes\n"),
        .watch("a reset in a head", [.text("GET /healthz HTT"), .reset], .nothing),
        .watch("a reset behind a request", [.text(health), .reset], .nothing),
        .publish("a reset in a body", [.text(post + "Content-Length: 50\r\n\r\nhello"), .reset], .nothing),
        .watch("a reset of a stream", [.text("GET /live/main.ts HTTP/1.1\r\nHost: a\r\n\r\n"), .reset], .nothing),
    ]

    static let expectations: [HostileRequest] = [
        .publish(
            "a client that waits for 100",
            [.text(post + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"), .interim, .text("hello")],
            .interim(200), "5 bytes\n"),
        .publish(
            "a client that waits for 100 and sends too little",
            [.text(post + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"), .interim, .text("hell"), .end],
            .interimAlone),
        .publish(
            "a client that waits for 100 twice over",
            [.text(post + "Content-Length: 5\r\nExpect: 100-continue\r\nExpect: 100-Continue\r\n\r\n")]
                + [.interim, .text("hello")], .interim(200), "5 bytes\n"),
        .publish(
            "a client that did not wait for 100",
            [.text(post + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello")], .status(200), "5 bytes\n"),
        .publish(
            "100 for no body", [.text(post + "Content-Length: 0\r\nExpect: 100-continue\r\n\r\n")], .status(200)),
        .publish(
            "100 in HTTP/1.0",
            [.text("POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"), .text("hello")],
            .status(200), "5 bytes\n"),
        .publish("another expectation", [.text(post + "Content-Length: 5\r\nExpect: a-cake\r\n\r\n")], .status(417)),
        .publish(
            "another expectation beside 100",
            [.text(post + "Content-Length: 5\r\nExpect: 100-continue, a-cake\r\n\r\n")], .status(417)),
        .publish(
            "100 in other letters, and a wrong length",
            [.text(post + "Content-Length: 5x\r\nExpect: 100-CONTINUE\r\n\r\n")], .status(400)),
        .publish(
            "100 for what is refused",
            [.text("POST /api/x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")],
            .status(404)),
        .watch(
            "100 where one watches",
            [.text("PUT /a/b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")], .status(405)),
    ]

    static let writes: [HostileRequest] = [
        .watch("a head in writes of one byte", [.singly(health)], .status(200)),
        .publish(
            "a body in writes of one byte",
            [.singly(post + "Transfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n0\r\nX: y\r\n\r\n")], .status(200),
            "5 bytes\n"),
        .watch("a wrong head in writes of one byte", [.singly("GET / HTTP/1.1\nHost: a")], .status(400)),
        .watch(
            "an upgrade to what is not known here",
            "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n", is: 200),
        .watch(
            "an Authorization that is none", "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic ====\r\n\r\n", is: 200),
        .watch(
            "ranges",
            "GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-0,\(String(repeating: "1-2,", count: 500))5-\r\n\r\n",
            is: 200),
        .watch(
            "a field that names itself in Connection",
            "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Host, Content-Length, close\r\n\r\n", is: 200),
    ]

    static let otherProtocols: [HostileRequest] = [
        .watch(
            "the hello of TLS 1.3",
            bytes: [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3] + [UInt8](repeating: 0x5a, count: 507), is: 400),
        .watch("the hello of SSL 2", bytes: [0x80, 0x2e, 1, 0, 2, 0, 0x15, 0, 0, 0, 0x10, 13, 10], is: 400),
        .watch("the banner of SSH", "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", is: 400),
        .watch("the greeting of SMTP", "EHLO mail.example\r\n", is: 400),
        .watch("FTP", "USER anonymous\r\n", is: 400),
        .watch("Redis", "*1\r\n$4\r\nPING\r\n", is: 400),
        .watch("memcached", "stats\r\n", is: 400),
        .watch("RTSP", "OPTIONS rtsp://a/live RTSP/1.0\r\nCSeq: 1\r\n\r\n", is: 400),
        .watch("the handshake of RTMP", bytes: [3, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 1532), is: 400),
        .watch("SOCKS 5", bytes: [5, 1, 0], is: 400),
        .watch("SOCKS 4", bytes: [4, 1, 0, 80, 127, 0, 0, 1, 0], is: 400),
        .watch("PostgreSQL asks for TLS", bytes: [0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f], is: 400),
        .watch("MQTT", bytes: [0x10, 0x0c, 0, 4] + Array("MQTT".utf8) + [4, 2, 0, 60], is: 400),
        .watch("remote desktop", bytes: [3, 0, 0, 0x13, 0x0e, 0xe0, 0, 0, 0, 0, 0], is: 400),
        .watch("DNS over TCP", bytes: [0, 0x1d, 0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0], is: 400),
        .watch("telnet", bytes: [0xff, 0xfb, 0x1f, 0xff, 0xfd, 3, 13, 10], is: 400),
        .watch("the first PROXY protocol", "PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n" + health, is: 400),
        .watch(
            "the second PROXY protocol",
            bytes: [13, 10, 13, 10, 0, 13, 10] + Array("QUIT\n".utf8) + [0x21, 0x11, 0, 12], is: 400),
        .watch("JSON", "{\"jsonrpc\": \"2.0\"}\r\n", is: 400),
        .watch("HTML", "<html>\r\n", is: 400),
        .watch("bytes of ones", bytes: [UInt8](repeating: 0xff, count: 400_000), is: 501),
        .publish("a transport stream without a head", [.bytes(packets)], .status(400)),
        .publish("an FLV file", [.bytes(Array("FLV".utf8) + [1, 5, 0, 0, 0, 9])], .status(400)),
        .publish(
            "a body that is no transport stream",
            [.text(post + "Content-Length: 70000\r\n\r\n" + String(repeating: "x", count: 70_000))], .status(400)),
    ]

    private static let packets: [UInt8] = Array(
        repeatElement([0x47, 0x40, 0, 0x10] + [UInt8](repeating: 0, count: 184), count: 7).joined())

    static let all = pipelines + ends + expectations + writes + otherProtocols
}
