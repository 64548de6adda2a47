/// Where a body ends, and its chunks (RFC 9112 6, 7.1). The answer of a body that is whole tells its bytes.
enum HostileBodies {
    private static let chunked = "Transfer-Encoding: chunked\r\n"
    private static let hello = "5\r\nhello\r\n0\r\n\r\n"

    static let lengths: [HostileRequest] = [
        .body("a length", "Content-Length: 5\r\n", "hello", is: 200, "5 bytes\n"),
        .body("zeros before a length", "Content-Length: 0005\r\n", "hello", is: 200, "5 bytes\n"),
        .body("blanks around a length", "Content-Length:\t 5 \t\r\n", "hello", is: 200, "5 bytes\n"),
        .body("a length of nothing", "Content-Length: 0\r\n", "", is: 200, "0 bytes\n"),
        .body("a length in other letters", "cONTENT-lENGTH: 5\r\n", "hello", is: 200, "5 bytes\n"),
        .body("bytes behind the length", "Content-Length: 5\r\n", "hello world", is: 200, "5 bytes\n"),
        .body("two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n", "hello!", is: 400),
        .body("two equal lengths", "Content-Length: 5\r\nContent-Length: 5\r\n", "hello", is: 400),
        .body("two lengths in one line", "Content-Length: 5, 6\r\n", "hello!", is: 400),
        .body("two equal lengths in one line", "Content-Length: 5, 5\r\n", "hello", is: 400),
        .body("no number", "Content-Length:\r\n", "hello", is: 400),
        .body("a plus sign", "Content-Length: +5\r\n", "hello", is: 400),
        .body("a minus sign", "Content-Length: -5\r\n", "hello", is: 400),
        .body("a length in base 16", "Content-Length: 0x5\r\n", "hello", is: 400),
        .body("a length in letters", "Content-Length: five\r\n", "hello", is: 400),
        .body("a blank inside a length", "Content-Length: 5 0\r\n", "hello", is: 400),
        .body("a fraction", "Content-Length: 5.0\r\n", "hello", is: 400),
        .body("an exponent", "Content-Length: 5e0\r\n", "hello", is: 400),
        .body("digits of another script", "Content-Length: \u{0665}\r\n", "hello", is: 400),
        .body("a length in quotes", "Content-Length: \"5\"\r\n", "hello", is: 400),
        .body("2^63", "Content-Length: 9223372036854775808\r\n", "hello", is: 400),
        .body("2^64 + 5", "Content-Length: 18446744073709551621\r\n", "hello", is: 400),
        .body("a length of 1,000 digits", "Content-Length: \(String(repeating: "9", count: 1000))\r\n", "x", is: 400),
    ]

    static let codings: [HostileRequest] = [
        .body("chunks", chunked, hello, is: 200, "5 bytes\n"),
        .body("the coding in other letters", "TRANSFER-encoding: ChunkeD\r\n", hello, is: 200, "5 bytes\n"),
        .body("a length before a coding", "Content-Length: 5\r\n" + chunked, hello, is: 400),
        .body("a length behind a coding", chunked + "Content-Length: 5\r\n", hello, is: 400),
        .body("a length of nothing beside a coding", chunked + "Content-Length: 0\r\n", hello, is: 400),
        .body("the coding twice", chunked + chunked, hello, is: 400),
        .body("the coding twice in one line", "Transfer-Encoding: chunked, chunked\r\n", hello, is: 400),
        .body("the coding is not the last", "Transfer-Encoding: chunked, gzip\r\n", hello, is: 400),
        .body("another coding alone", "Transfer-Encoding: gzip\r\n", hello, is: 400),
        .body("another coding under the chunks", "Transfer-Encoding: gzip, chunked\r\n", hello, is: 501),
        .body("another coding in a line before", "Transfer-Encoding: gzip\r\n" + chunked, hello, is: 501),
        .body("identity", "Transfer-Encoding: identity\r\n", hello, is: 400),
        .body("identity beside a length", "Transfer-Encoding: identity\r\nContent-Length: 5\r\n", "hello", is: 400),
        .body("no coding", "Transfer-Encoding:\r\n", hello, is: 400),
        .body("a coding with a letter more", "Transfer-Encoding: xchunked\r\n", hello, is: 400),
        .body("a coding with a letter behind", "Transfer-Encoding: chunkedx\r\n", hello, is: 400),
        .body("a coding with a parameter", "Transfer-Encoding: chunked;q=1\r\n", hello, is: 400),
        .body("a coding in quotes", "Transfer-Encoding: \"chunked\"\r\n", hello, is: 400),
        .body("a vertical tab before the coding", "Transfer-Encoding: \u{0b}chunked\r\n", hello, is: 400),
        .body("a blank before the coding's colon", "Transfer-Encoding : chunked\r\n", hello, is: 400),
        .body("a coding behind a fold", "Transfer-Encoding:\r\n chunked\r\n", hello, is: 400),
        .publish("a coding in HTTP/1.0", "POST / HTTP/1.0\r\n\(chunked)\r\n\(hello)", is: 400),
        .watch("a GET with a body", "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", is: 200),
        .watch("a GET with a wrong length", "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", is: 400),
        .watch(
            "a request inside a body",
            "POST /x/y HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n"
                + "GET /healthz HTTP/1.1\r\nHost: smuggled\r\n\r\n", is: 405),
        .body(
            "a request inside a body that is taken", "Content-Length: 36\r\n",
            "GET /healthz HTTP/1.1\r\nHost: abc\r\n\r\n", is: 200, "36 bytes\n"),
    ]

    static let sizes: [HostileRequest] = [
        .chunks("two chunks", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", is: 200, "5 bytes\n"),
        .chunks("a size in both letters", "A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", is: 200, "20 bytes\n"),
        .chunks("zeros before a size", "0000000000000005\r\nhello\r\n0\r\n\r\n", is: 200, "5 bytes\n"),
        .chunks("many zeros as the last size", "5\r\nhello\r\n0000\r\n\r\n", is: 200, "5 bytes\n"),
        .chunks("the last chunk alone", "0\r\n\r\n", is: 200, "0 bytes\n"),
        .chunks("bytes behind the last chunk", hello + "GET / HTTP/1.1\r\n\r\n", is: 200, "5 bytes\n"),
        .chunks("no size", "\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("a size with a plus sign", "+5\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("a size with a minus sign", "-5\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("a size with 0x", "0x5\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("a size with another letter", "5g\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("a blank before a size", " 5\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("a blank behind a size", "5 \r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("a blank inside a size", "5 0\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("a size with an underline", "0_5\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("a size in quotes", "\"5\"\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("LF alone behind a size", "5\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("CR alone behind a size", "5\rhello\r\n0\r\n\r\n", is: 400),
        .chunks("a size of 2^63", "8000000000000000\r\nhello", is: 400),
        .chunks("a size of 2^64 - 1", "ffffffffffffffff\r\nhello", is: 400),
        .chunks("a size of 2^64 + 5", "10000000000000005\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("a size of zeros without end", String(repeating: "0", count: 100_000), is: 400),
        .chunks("content longer than its size", "4\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("content shorter than its size", "6\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("no end of line behind content", "5\r\nhello0\r\n\r\n", is: 400),
        .chunks("LF alone behind content", "5\r\nhello\n0\r\n\r\n", is: 400),
        .chunks("CR CR LF behind content", "5\r\nhello\r\r\n0\r\n\r\n", is: 400),
        .chunks("a body without chunks", "hello world", is: 400),
    ]

    static let extensions: [HostileRequest] = [
        .chunks("an extension", "5;a=b\r\nhello\r\n0\r\n\r\n", is: 200, "5 bytes\n"),
        .chunks("an extension without a value", "5;a\r\nhello\r\n0;end\r\n\r\n", is: 200, "5 bytes\n"),
        .chunks("CR in quotes", "5;a=\"b\r\u{20}\"\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("signs in quotes", "5;a=\"b;\\\" =,c\"\r\nhello\r\n0\r\n\r\n", is: 200, "5 bytes\n"),
        .chunks("blanks around an extension", "5 ; a = b\r\nhello\r\n0\r\n\r\n", is: 200, "5 bytes\n"),
        .chunks("an extension without a name", "5;\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("an extension with a value alone", "5;=b\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("an extension whose value is missing", "5;a=\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("a quote without end", "5;a=\"b\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("letters behind a quote", "5;a=\"b\"c\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("NUL in an extension", "5;a=\0\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("NUL in quotes", "5;a=\"\0\"\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("LF alone behind an extension", "5;a\nhello\r\n0\r\n\r\n", is: 400),
        .chunks("an extension without end", "5;" + String(repeating: "a", count: 100_000), is: 400),
        .chunks("a quote of 100,000 letters", "5;a=\"" + String(repeating: "a", count: 100_000), is: 400),
        .chunks("many extensions", "5" + String(repeating: ";a=b", count: 1000) + "\r\nhello\r\n0\r\n\r\n", is: 400),
        .chunks(
            "more of extensions than of content",
            String(repeating: "1;\(String(repeating: "a", count: 200))\r\nx\r\n", count: 500) + "0\r\n\r\n", is: 400),
    ]

    static let trailers: [HostileRequest] = [
        .chunks("a trailer", "5\r\nhello\r\n0\r\nX: y\r\n\r\n", is: 200, "5 bytes\n"),
        .chunks("a length as a trailer", "5\r\nhello\r\n0\r\nContent-Length: 9\r\n\r\n", is: 400),
        .chunks("a coding as a trailer", "5\r\nhello\r\n0\r\nTransfer-Encoding: gzip\r\n\r\n", is: 400),
        .chunks("a blank before a trailer's colon", "5\r\nhello\r\n0\r\nX : y\r\n\r\n", is: 400),
        .chunks("a folded trailer", "5\r\nhello\r\n0\r\nX: y\r\n z\r\n\r\n", is: 400),
        .chunks("a trailer without a colon", "5\r\nhello\r\n0\r\nX\r\n\r\n", is: 400),
        .chunks("NUL in a trailer", "5\r\nhello\r\n0\r\nX: \0\r\n\r\n", is: 400),
        .chunks("LF alone behind the last chunk", "5\r\nhello\r\n0\r\n\n", is: 400),
        .chunks("CR CR as the last line", "5\r\nhello\r\n0\r\n\r\r", is: 400),
        .chunks("trailers of 5,000 bytes", "0\r\n" + String(repeating: "X: yyyy\r\n", count: 600) + "\r\n", is: 431),
        .chunks("trailers without end", "0\r\n" + String(repeating: "X: yyyy\r\n", count: 20_000), is: 431),
    ]

    static let all = lengths + codings + sizes + extensions + trailers
}
