/// Requests for a WebSocket that break the opening handshake (RFC 6455 4.2.1), and odd ones that do not.
enum HostileHandshakes {
    static let all = upgrades + versions + keys + offers + elders

    private static func bent(
        _ right: String, _ name: String, _ line: String, _ sees: HostileWebSocket.Sight
    ) -> HostileWebSocket { .request(name, Handshakes.with(line, insteadOf: right), sees) }

    private static func upgrade(_ name: String, _ value: String, _ sees: HostileWebSocket.Sight) -> HostileWebSocket {
        bent(Handshakes.upgrade, name, "Upgrade: " + value, sees)
    }

    private static func connection(_ name: String, _ value: String, _ sees: HostileWebSocket.Sight) -> HostileWebSocket
    {
        bent(Handshakes.connection, name, "Connection: " + value, sees)
    }

    private static func version(_ name: String, _ value: String, _ sees: HostileWebSocket.Sight) -> HostileWebSocket {
        bent(Handshakes.version, name, "Sec-WebSocket-Version: " + value, sees)
    }

    private static func key(_ name: String, _ value: String, _ sees: HostileWebSocket.Sight) -> HostileWebSocket {
        bent(Handshakes.key, name, "Sec-WebSocket-Key: " + value, sees)
    }

    private static func offer(_ name: String, _ line: String, _ sees: HostileWebSocket.Sight) -> HostileWebSocket {
        .request(name, Handshakes.request(more: line), sees)
    }

    /// Who does not ask for a WebSocket gets the page.
    private static let upgrades: [HostileWebSocket] = [
        .request("no Upgrade", Handshakes.request(without: [Handshakes.upgrade]), .status(200)),
        upgrade("an upgrade to HTTP/2", "h2c", .status(200)),
        upgrade("an upgrade to almost a WebSocket", "websocket2", .status(200)),
        upgrade("an upgrade with a version", "websocket/13", .status(200)),
        upgrade("an upgrade with a blank inside", "web socket", .status(200)),
        upgrade("an upgrade to several protocols", "h2c, , WebSocket", .served),
        .request("two lines of Upgrade", Handshakes.request(more: "Upgrade: h2c"), .served),
        .request("no Connection", Handshakes.request(without: [Handshakes.connection]), .status(400)),
        connection("a connection that is kept alive and no more", "keep-alive", .status(400)),
        connection("a connection that was upgraded", "Upgraded", .status(400)),
        connection("a quoted Upgrade", "\"Upgrade\"", .status(400)),
        connection("an upgrade and the end", "close, UPGRADE", .served),
    ]

    private static let versions: [HostileWebSocket] = [
        .request("no version", Handshakes.request(without: [Handshakes.version]), .status(400)),
        version("version 8", "8", .status(426)),
        version("version 0", "0", .status(426)),
        version("a version of the future", "255", .status(426)),
        version("a version below zero", "-13", .status(426)),
        version("a version with a sign", "+13", .status(426)),
        version("a version with a leading zero", "013", .status(426)),
        version("a version with a fraction", "13.0", .status(426)),
        version("a version of full-width digits", "１３", .status(426)),
        version("an empty version", "", .status(426)),
        version("a list of versions", "13, 8", .status(426)),
        version("a version beyond 64 bits", "18446744073709551629", .status(426)),
        version("a version with blanks around", " \t13\t ", .served),
        .request("two versions", Handshakes.request(more: "Sec-WebSocket-Version: 8"), .status(426)),
    ]

    private static let keys: [HostileWebSocket] = [
        .request("no key", Handshakes.request(without: [Handshakes.key]), .status(400)),
        key("an empty key", "", .status(400)),
        key("a key of fifteen bytes", "AAAAAAAAAAAAAAAAAAAA", .status(400)),
        key("a key of seventeen bytes", "AAAAAAAAAAAAAAAAAAAAAAA=", .status(400)),
        key("a key without its padding", "AAAAAAAAAAAAAAAAAAAAAA", .status(400)),
        key("a key of the URL alphabet", "_-_-_-_-_-_-_-_-_-_-_A==", .status(400)),
        key("a key with a blank inside", "AAAAAAAAAAA AAAAAAAAAA==", .status(400)),
        key("a key that is a list", "AAAAAAAAAAAAAAAAAAAAAA==, AAAAAAAAAAAAAAAAAAAAAA==", .status(400)),
        key("a key of ten thousand letters", String(repeating: "A", count: 10_000), .status(400)),
        key("a key that is not ASCII", "ÄÄÄÄÄÄÄÄÄÄÄ==", .status(400)),
        key("a key of padding", "========================", .status(400)),
        key("a key with bits behind its bytes", "abcdefghijklmnopqrstuv==", .served),
        .request("two keys", Handshakes.request(more: Handshakes.key), .status(400)),
    ]

    private static let offers: [HostileWebSocket] = [
        offer("a sub-protocol with a blank", "Sec-WebSocket-Protocol: a b", .status(400)),
        offer("a sub-protocol in quotes", "Sec-WebSocket-Protocol: \"null\"", .status(400)),
        offer("a sub-protocol that is not ASCII", "Sec-WebSocket-Protocol: nüll", .status(400)),
        offer("a sub-protocol that is a URL", "Sec-WebSocket-Protocol: http://a", .status(400)),
        offer("a sub-protocol of nothing", "Sec-WebSocket-Protocol: , ,", .served),
        offer(
            "five thousand sub-protocols", "Sec-WebSocket-Protocol: " + String(repeating: "p,", count: 5000), .served),
        offer("permessage-deflate", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits", .served),
        offer("deflate of old browsers", "Sec-WebSocket-Extensions: x-webkit-deflate-frame", .served),
        offer(
            "a thousand extensions", "Sec-WebSocket-Extensions: " + String(repeating: "a;b=c,", count: 1000), .served),
        offer("an extension without a name", "Sec-WebSocket-Extensions: ;a=b", .status(400)),
        offer("an extension whose quote stays open", "Sec-WebSocket-Extensions: a;b=\"c", .status(400)),
        offer("an extension with a parameter of nothing", "Sec-WebSocket-Extensions: a;b=", .status(400)),
        offer("an extension in angle brackets", "Sec-WebSocket-Extensions: <script>", .status(400)),
        offer("an answer's field in the request", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", .served),
        offer("an origin of nobody", "Origin: null", .served),
        offer("two origins", "Origin: http://a\r\nOrigin: http://b", .served),
        offer("credentials that nobody asked for", "Authorization: Basic !!!!", .served),
        offer("cookies of eight thousand bytes", "Cookie: " + String(repeating: "c", count: 8000), .served),
    ]

    /// Handshakes of drafts.
    private static let elders: [HostileWebSocket] = [
        .request(
            "the handshake of draft 76",
            Array(
                ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nOrigin: http://a\r\n"
                    + "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\nSec-WebSocket-Key2: 12998 5 Y3 1  .P00\r\n\r\n"
                    + "^n:ds[4U").utf8), .status(400)),
        .request(
            "the handshake of draft 75",
            Array(
                ("GET / HTTP/1.1\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nHost: a\r\nOrigin: http://a\r\n"
                    + "WebSocket-Protocol: null\r\n\r\n").utf8), .status(400)),
        .request(
            "the handshake of draft 10",
            Handshakes.request(
                without: [Handshakes.version], more: "Sec-WebSocket-Version: 8", "Sec-WebSocket-Origin: http://a"),
            .status(426)),
    ]
}
