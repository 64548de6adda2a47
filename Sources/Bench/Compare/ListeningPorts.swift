import LoopIO

/// The TCP ports of this machine that somebody listens on, without a connection to any of them.
enum ListeningPorts {
    static func now() -> Set<UInt16> {
        var ports: Set<UInt16> = []
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            guard let bytes = try? readFile(table, bytesMax: 64 << 20) else { continue }
            ports.formUnion(parse(bytes))
        }
        return ports
    }

    /// Reads the kernel's table: behind each line's number `ADDRESS:PORT ADDRESS:PORT STATE`, in hexadecimal; 0A is LISTEN.
    static func parse(_ table: [UInt8]) -> Set<UInt16> {
        var ports: Set<UInt16> = []
        for line in table.split(separator: UInt8(ascii: "\n")).dropFirst() {
            let words = line.split(separator: UInt8(ascii: " "), maxSplits: 4)
            guard words.count > 3, Array(words[3]) == Array("0A".utf8),
                let colon = words[1].lastIndex(of: UInt8(ascii: ":"))
            else {
                // Listening sockets come first; the rest of a long table is connections.
                if words.count > 3 { break }
                continue
            }
            let digits = String(decoding: words[1][words[1].index(after: colon)...], as: UTF8.self)
            if let port = UInt16(digits, radix: 16) { ports.insert(port) }
        }
        return ports
    }
}
