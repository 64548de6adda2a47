/// Methods, targets and how much there may be of all (RFC 9110 9, RFC 9112 3.2, RFC 3986).
enum HostileTargets {
    static let methods: [HostileRequest] = [
        .line("a method in small letters", "get /healthz HTTP/1.1", is: 501),
        .line("a method that nobody knows", "BREW /healthz HTTP/1.1", is: 501),
        .line("a method of one sign", "! /healthz HTTP/1.1", is: 501),
        .line("a method of 32 letters", "\(String(repeating: "A", count: 32)) / HTTP/1.1", is: 501),
        .line("a method of 5,000 letters", "\(String(repeating: "A", count: 5000)) / HTTP/1.1", is: 501),
        .line("a method with a sign that no token has", "G@T / HTTP/1.1", is: 400),
        .line("a method in quotes", "\"GET\" / HTTP/1.1", is: 400),
        .line("a method outside ASCII", "G\u{cb}T / HTTP/1.1", is: 400),
        .line("DELETE", "DELETE /live/main HTTP/1.1", is: 405),
        .line("PATCH", "PATCH /live/main HTTP/1.1", is: 405),
        .line("TRACE", "TRACE / HTTP/1.1", is: 405),
        .line("OPTIONS of all", "OPTIONS * HTTP/1.1", is: 405),
        .line("OPTIONS of a stream", "OPTIONS /live/main.ts HTTP/1.1", is: 405),
        .line("PUT where one watches", "PUT /live/main HTTP/1.1", is: 405),
        .line("POST to the health", "POST /healthz HTTP/1.1", is: 405),
        .line("CONNECT", "CONNECT a.example:443 HTTP/1.1", is: 405),
        .line("CONNECT without a port", "CONNECT a.example HTTP/1.1", is: 400),
        .line("CONNECT to a port over 65535", "CONNECT a.example:65536 HTTP/1.1", is: 400),
        .line("CONNECT to a path", "CONNECT /live/main HTTP/1.1", is: 400),
        .line("CONNECT to a URL", "CONNECT http://a.example:80/ HTTP/1.1", is: 400),
        .line("HEAD has no content", "HEAD / HTTP/1.1", is: 200),
        .line("HEAD of nothing has none either", "HEAD /no/such.ts HTTP/1.1", is: 404),
        .publish("GET where one publishes", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", is: 405),
        .publish("HEAD where one publishes", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", is: 405),
        .publish("a method that nobody knows, where one publishes", "SOURCE / HTTP/1.1\r\nHost: a\r\n\r\n", is: 501),
    ]

    static let forms: [HostileRequest] = [
        .target("a whole URL", "http://a/healthz", is: 200),
        .target("a whole URL of another host", "http://other.example:8080/healthz", is: 200),
        .target("a whole URL in large letters", "HTTP://A/healthz", is: 200),
        .target("a whole URL without a path", "http://a", is: 200),
        .target("a whole URL with a query alone", "http://a?x=y", is: 200),
        .watch("a whole URL without Host", "GET http://a/healthz HTTP/1.1\r\n\r\n", is: 400),
        .target("https in the clear", "https://a/healthz", is: 421),
        .target("another scheme", "ftp://a/healthz", is: 400),
        .target("a scheme without slashes", "http:/healthz", is: 400),
        .target("no host in a URL", "http:///healthz", is: 400),
        .target("a user in a URL", "http://u:p@a/healthz", is: 400),
        .target("a port over 65535 in a URL", "http://a:70000/healthz", is: 400),
        .target("IPv6 without its end in a URL", "http://[::1/healthz", is: 400),
        .target("a host and port alone", "a:80", is: 400),
        .target("a star for a GET", "*", is: 400),
        .target("no slash", "healthz", is: 400),
        .target("a query without a path", "?x=y", is: 400),
        .target("a dot alone", ".", is: 400),
        .target("a fragment", "/healthz#x", is: 400),
        .target("a backslash for the slash", "\\healthz", is: 400),
    ]

    static let paths: [HostileRequest] = [
        .target("two slashes", "//healthz", is: 404),
        .target("a slash behind it", "/healthz/", is: 404),
        .target("large letters", "/HEALTHZ", is: 404),
        .target("a coded letter", "/%68ealthz", is: 200),
        .target("a step up", "/live/../healthz", is: 400),
        .target("a step to itself", "/./healthz", is: 400),
        .target("a coded step up", "/%2e%2e/etc/passwd", is: 400),
        .target("a half-coded step up", "/player/.%2E", is: 400),
        .target("a step up coded twice is no step", "/live/%252e%252e", is: 404),
        .target("a coded slash", "/live%2fmain", is: 400),
        .target("a coded backslash", "/player/..%5c..%5cpasswd", is: 404),
        .target("a coded NUL", "/healthz%00", is: 400),
        .target("a coded end of line", "/healthz%0d%0aX:%20y", is: 400),
        .target("a coded DEL", "/healthz%7f", is: 400),
        .target("a percent sign alone", "/health%", is: 400),
        .target("half a percent coding", "/health%7", is: 400),
        .target("a percent coding of other letters", "/health%zz", is: 400),
        .target("a percent coding with a sign", "/health%+7a", is: 400),
        .target("a percent coding of 16 bits", "/health%u007a", is: 400),
        .target("UTF-8 longer than it must be", "/%c0%afhealthz", is: 400),
        .target("UTF-8 of a surrogate", "/%ed%a0%80", is: 400),
        .target("UTF-8 beyond Unicode", "/%f4%90%80%80", is: 400),
        .target("UTF-8 cut short", "/%e2%82", is: 400),
        .target("UTF-8 that is right", "/%e2%82%ac/x", is: 404),
        .target("bytes that are not coded", "/\u{20ac}", is: 400),
        .target("a script that must not come back", "/live/<script>alert(1)</script>", is: 404),
        .target("signs that browsers leave as they are", "/live/{a}|^`\"", is: 404),
        .target("parameters of a path", "/healthz;jsessionid=1", is: 404),
        .target("a name that begins with a dot", "/live/.main.json", is: 404),
        .target("a reserved first part", "/api/main", is: 404),
    ]

    static let queries: [HostileRequest] = [
        .target("an empty query", "/healthz?", is: 200),
        .target("items of nothing", "/healthz?&&&=&==", is: 200),
        .target("a bad percent coding in a query", "/healthz?x=%", is: 400),
        .target("a coded NUL in a query", "/live/main.json?viewer=%00", is: 400),
        .target("a coded end of line in a query", "/live/main.json?viewer=a%0d%0ab", is: 400),
        .target("a query that is no UTF-8", "/healthz?x=%ff", is: 400),
        .target("a name of 1,000 letters", "/live/main.json?viewer=\(String(repeating: "a", count: 1000))", is: 200),
        .target("64 items", "/healthz?" + String(repeating: "a=b&", count: 64), is: 200),
        .target("65 items", "/healthz?" + String(repeating: "a=b&", count: 65), is: 414),
    ]

    static let sizes: [HostileRequest] = [
        .target("a target of 8,000 bytes", "/healthz?" + String(repeating: "a", count: 7991), is: 200),
        .target("a target of 8,001 bytes", "/healthz?" + String(repeating: "a", count: 7992), is: 414),
        .target("33 parts of a path", String(repeating: "/a", count: 33), is: 414),
        .target("a part of 513 bytes", "/" + String(repeating: "a", count: 513), is: 414),
        .watch("a target without end", "GET /" + String(repeating: "a", count: 400_000), is: 414),
        .watch("a method without end", String(repeating: "A", count: 400_000), is: 501),
        .fields("a head of 16,384 bytes", padded(to: 16_384), is: 200),
        .fields("a head of 16,385 bytes", padded(to: 16_385), is: 431),
        .fields("100 lines", "Host: a\r\n" + String(repeating: "X: y\r\n", count: 99), is: 200),
        .fields("101 lines", "Host: a\r\n" + String(repeating: "X: y\r\n", count: 100), is: 431),
        .fields("50,000 lines", "Host: a\r\n" + String(repeating: "X: y\r\n", count: 50_000), is: 431),
        .watch(
            "a value without end",
            "GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "y", count: 400_000), is: 431),
        .watch(
            "a name without end", "GET /healthz HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X", count: 400_000),
            is: 431),
        .watch(
            "blanks without end", "GET /healthz HTTP/1.1\r\nHost:" + String(repeating: " ", count: 400_000), is: 431),
    ]

    /// Field lines that make the whole head of `HostileRequest.fields` so long.
    private static func padded(to bytes: Int) -> String {
        let others = "GET /healthz HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n".utf8.count
        return "Host: a\r\nX: \(String(repeating: "y", count: bytes - others))\r\n"
    }

    static let all = methods + forms + paths + queries + sizes
}
