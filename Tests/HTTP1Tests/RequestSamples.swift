/// Requests as real programs send them, and others that are right.
enum RequestSamples {
    static let ffmpegPush =
        "POST /secret HTTP/1.1\r\nTransfer-Encoding: chunked\r\nUser-Agent: Lavf/59.27.100\r\nAccept: */*\r\n"
        + "Connection: close\r\nHost: 127.0.0.1:50001\r\nIcy-MetaData: 1\r\n\r\n"
    static let ffmpegRawPush =
        "POST /live/main?secret=a%2Fb HTTP/1.1\r\nUser-Agent: Lavf/59.27.100\r\nAccept: */*\r\n"
        + "Connection: close\r\nHost: relay.example:50001\r\nIcy-MetaData: 1\r\n\r\n"
    static let ffmpegPushWithCredentials =
        "POST /live/main HTTP/1.1\r\nTransfer-Encoding: chunked\r\nUser-Agent: Lavf/59.27.100\r\nAccept: */*\r\n"
        + "Expect: 100-continue\r\nConnection: close\r\nHost: 127.0.0.1:50001\r\nIcy-MetaData: 1\r\n"
        + "Authorization: Basic dXNlcjpwYTpzcw==\r\n\r\n"
    static let ffmpegPull =
        "GET /live/main.ts HTTP/1.1\r\nUser-Agent: Lavf/59.27.100\r\nAccept: */*\r\nRange: bytes=0-\r\n"
        + "Connection: close\r\nHost: 127.0.0.1:56001\r\nIcy-MetaData: 1\r\n\r\n"
    static let curlPut =
        "PUT /live/main HTTP/1.1\r\nHost: 127.0.0.1:50001\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n"
        + "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
    static let curlData =
        "POST /secret HTTP/1.1\r\nHost: [::1]:50001\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n"
        + "Content-Length: 5\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
    static let gstreamerPut =
        "PUT /live/main HTTP/1.1\r\nHost: 127.0.0.1:50001\r\nUser-Agent: GStreamer souphttpclientsink\r\n"
        + "Connection: close\r\nContent-Length: 5\r\nContent-Type: video/mp2t\r\n\r\n"
    static let vlcPull =
        "GET /live/main.ts HTTP/1.1\r\nHost: 127.0.0.1:56001\r\nAccept: */*\r\nAccept-Language: en_US\r\n"
        + "User-Agent: VLC/3.0.21 LibVLC/3.0.21\r\nRange: bytes=0-\r\n\r\n"
    static let oldPull = "GET /live/main.ts HTTP/1.0\r\n\r\n"
    static let browserSocket =
        "GET /live/main HTTP/1.1\r\nHost: relay:56001\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
        + "Origin: http://relay:56001\r\nSec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: null\r\n"
        + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
    static let absolute = "GET http://relay:56001/live/main.ts?a=1 HTTP/1.1\r\nHost: other\r\n\r\n"
    static let options = "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"

    static let chunks =
        "5\r\nhello\r\n1;name=value\r\n!\r\n00a;a;b=\"c;\\\"\"\r\n0123456789\r\n0\r\nX-Trailer: 1\r\n\r\n"

    /// Whole conversations: head, body, and where it may be another request behind them.
    static let conversations: [String] = [
        ffmpegPush + chunks, ffmpegPush + "bc\r\n" + String(repeating: "G", count: 188) + "\r\n0\r\n\r\n",
        ffmpegRawPush + "raw bytes to the end", ffmpegPushWithCredentials + chunks, ffmpegPull,
        curlPut + chunks + oldPull, curlData + "a=b&c" + vlcPull + vlcPull, gstreamerPut + "hello",
        vlcPull + ffmpegPull,
        oldPull + oldPull, browserSocket, absolute + options, "\r\n" + ffmpegPull,
        "GET / HTTP/1.1\r\nHost:\r\nX-Empty:\r\nX-Tabs:\t a\tb \t\r\nX-High: \u{e9}\r\n\r\n",
        "DELETE /api/v1/streams/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n" + vlcPull,
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\nHEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
    ]

    /// What hostile requests are made of.
    static let words: [[UInt8]] =
        [
            "\r\n", "\n", "\r", "\r\n\r\n", " ", "\t", ":", ",", ";", "\0", "\"", "=", "%2f", "%00", "%", "..", "/",
            "//",
            "?", "#", "&", "0", "+", "-", "f", "ffffffffffffffff", "10000000000000000", "18446744073709551616",
            "9223372036854775808", "Content-Length: 5\r\n", "Content-Length: 0\r\n", "Content-Length: 5, 5\r\n",
            "Content-Length: +5\r\n", "Content-Length: 5 \r\n", "Content-Length:\r\n", "Content-Length : 5\r\n",
            "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: identity\r\n",
            "Transfer-Encoding: chunked, chunked\r\n", "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding:\r\n",
            "Transfer-Encoding: ,chunked\r\n", "Transfer-Encoding: chunked,\r\n", "transfer-encoding:\tCHUNKED\r\n",
            "Host: a\r\n", "Host: a b\r\n", " folded\r\n", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/1.2", "HTTP/0.9",
            "GET", "POST", "PUT", "OPTIONS *", "CONNECT a:1", "CHUNKED", "chunked", "Connection: upgrade\r\n",
            "Upgrade: websocket\r\n", "Expect: 100-continue\r\n", "0\r\n\r\n", "0\r\nA: b\r\n\r\n", ";a=b", ";a=\"b\"",
            "http://a", "http://a:1/", "http://[::1]/",
        ].map { Array($0.utf8) }

    static let corpus: [[UInt8]] = conversations.map { Array($0.utf8) }
}
