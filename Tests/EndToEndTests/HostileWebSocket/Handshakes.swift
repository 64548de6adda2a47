/// Requests for a WebSocket that are bent line by line.
enum Handshakes {
    static let host = "Host: 127.0.0.1"
    static let upgrade = "Upgrade: websocket"
    static let connection = "Connection: Upgrade"
    static let version = "Sec-WebSocket-Version: 13"
    static let key = "Sec-WebSocket-Key: dHNyZWxheSB0ZXN0IGtleQ=="

    /// A right request, but for what is said.
    ///
    /// - Parameters:
    ///   - line: the request line.
    ///   - without: lines of the right request that are left out.
    ///   - more: lines behind the others.
    static func request(_ line: String = "GET / HTTP/1.1", without: [String] = [], more: String...) -> [UInt8] {
        let right = [host, upgrade, connection, version, key].filter { !without.contains($0) }
        return Array((([line] + right + more).map { $0 + "\r\n" }.joined() + "\r\n").utf8)
    }

    /// A right request with these fields in front.
    static func request(fields: [String]) -> [UInt8] {
        request((["GET / HTTP/1.1"] + fields).joined(separator: "\r\n"))
    }

    /// With one line in the place of a right one.
    static func with(_ line: String, insteadOf right: String) -> [UInt8] { request(without: [right], more: line) }
}
