package import LoopIO

/// Where a stream is sent to or watched at: `ws://127.0.0.1:56001/live/main`.
package struct StreamURL: Equatable, Sendable {
    package enum Scheme: String, CaseIterable, Equatable, Sendable {
        case tcp, udp, http, ws
    }

    package let scheme: Scheme
    /// A literal address or a name, as it was written.
    package let host: String
    package let port: UInt16
    /// With its first slash and its query; `/` where there was none.
    package let path: String

    /// - Throws: with what is wrong, as a clause for people.
    package init(parsing text: String) throws(WrongUsage) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), text[colon...].hasPrefix("://"),
            let scheme = Scheme(rawValue: text[..<colon].lowercased())
        else {
            let known = Scheme.allCases.map { $0.rawValue + "://" }.joined(separator: ", ")
            throw WrongUsage("\(text) is no address: it must begin with \(known)")
        }
        let rest = text[text.index(colon, offsetBy: 3)...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let tail = rest[authority.endIndex...]
        guard tail.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else {
            throw WrongUsage("\(text) has a blank or a foreign letter in its path")
        }
        guard !authority.contains("@") else { throw WrongUsage("\(text) has a user, which is not understood") }
        let portColon = authority.lastIndex(of: ":").flatMap { authority[$0...].contains("]") ? nil : $0 }
        let host = authority[..<(portColon ?? authority.endIndex)]
        guard !host.isEmpty else { throw WrongUsage("\(text) has no host") }
        if let portColon {
            guard let port = UInt16(authority[authority.index(after: portColon)...]), port > 0 else {
                throw WrongUsage("\(text) has no port from 1 to 65535")
            }
            self.port = port
        } else if scheme == .http || scheme == .ws {
            port = 80
        } else {
            throw WrongUsage("\(text) has no port")
        }
        self.scheme = scheme
        self.host = String(host)
        path = tail.hasPrefix("/") ? String(tail) : "/" + tail
    }

    /// Its address; blocks while a name is looked up.
    ///
    /// - Throws: `.nameNotResolved` or `.badHostName`.
    package func resolved() throws(IOError) -> SocketAddress {
        if let literal = try? SocketAddress(parsing: host, port: port) { return literal }
        let loop = try EventLoop()
        defer { loop.close() }
        let resolver = try Resolver(loop: loop)
        var answer: Resolver.Answer?
        resolver.resolve(host, port: port) { answer = $0 }
        _ = loop.run(until: { answer != nil }, timeoutMs: 10_000)
        resolver.close()
        guard let first = try (answer ?? .success([])).get().first else {
            throw .nameNotResolved(host, code: 0)
        }
        return first
    }
}

extension StreamURL: CustomStringConvertible {
    package var description: String {
        "\(scheme.rawValue)://\(host):\(port)" + (path == "/" ? "" : path)
    }
}
