import Foundation
import TestSupport

/// Publishers, viewers and children that come to one node and go again, in any order and at any byte, by one seed.
///
/// It never waits for the node and expects nothing of it: a test looks afterwards whether the node is as it was.
struct Storm {
    struct Ports {
        let http: Int
        let tcp: Int
        let udp: Int
        let web: Int
        let watch: Int
        let children: [Int]
    }

    /// Names of the streams that publishers make and viewers ask for.
    let names: [String]
    /// Clients that came, and the answers that any of them read, by their status line's first bytes.
    private(set) var clientCount = 0
    private(set) var answers: [String: Int] = [:]
    private let ports: Ports
    private let bytes: [UInt8]
    private let clientsMax: Int
    private var random: SeededRandom
    private var clients: [StormClient] = []
    private var listeners: [RawSocket?]
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    /// - Parameter bytes: a transport stream, of which publishers send pieces.
    init(seed: UInt64, ports: Ports, bytes: [UInt8], names: [String], clientsMax: Int = 48) {
        random = SeededRandom(seed: seed)
        self.ports = ports
        self.bytes = bytes
        self.names = names
        self.clientsMax = clientsMax
        listeners = ports.children.map { _ in nil }
    }

    /// Goes on until the condition holds.
    mutating func blow(until isOver: () -> Bool) {
        while !isOver() {
            for _ in 0..<4 where clients.count < clientsMax {
                // A node that stops refuses to be dialled.
                if let client = try? newcomer() {
                    clients.append(client)
                    clientCount += 1
                }
            }
            if random.happens(0.1) { try? sendDatagrams() }
            for index in listeners.indices where random.happens(0.02) { turnChild(index) }
            clients = clients.compactMap { known in
                var client = known
                if client.turn(&buffer) { return client }
                if !client.answer.isEmpty { answers[String(decoding: client.answer, as: UTF8.self), default: 0] += 1 }
                return nil
            }
            letPass(seconds: 0.0005)
        }
    }

    /// Lets go of everyone who is here.
    mutating func calm() {
        for client in clients { client.leave() }
        clients.removeAll()
        listeners = listeners.map { _ in nil }
    }

    // MARK: - Who comes

    private mutating func newcomer() throws -> StormClient {
        switch Int.random(in: 0..<12, using: &random) {
        case 0..<5: try client(ports.http, says: publishing())
        case 5: try client(ports.tcp, says: piece(), reads: false)
        case 6: try client(ports.watch, says: [])
        default: try client(ports.web, says: watching())
        }
    }

    private mutating func client(_ port: Int, says words: [UInt8], reads: Bool = true) throws -> StormClient {
        let cut = random.happens(0.3) ? Int.random(in: 0...words.count, using: &random) : words.count
        return StormClient(
            try RawSocket.connect(port: port), says: Array(words[..<cut]),
            pieceBytes: [40, 1316, 70_000].randomElement(using: &random) ?? 1316,
            reads: reads && random.happens(0.8), turns: Int.random(in: 0..<120, using: &random),
            end: StormClient.End.allCases.randomElement(using: &random) ?? .close)
    }

    private mutating func name() -> String { names.randomElement(using: &random) ?? "live/main" }

    /// Any piece of the stream; most begin with a packet.
    private mutating func piece() -> [UInt8] {
        let length = [0, 1, 188, 9400, 40_000, 100_000].randomElement(using: &random) ?? 0
        var start = Int.random(in: 0..<bytes.count, using: &random)
        if random.happens(0.8) { start -= start % TransportPackets.size }
        return Array(bytes[start..<min(start + length, bytes.count)])
    }

    private mutating func publishing() -> [UInt8] {
        let body = piece()
        var head = "\(random.happens(0.5) ? "POST" : "PUT") /\(name()) HTTP/1.1\r\nHost: a\r\n"
        if random.happens(0.2) { head += "Expect: 100-continue\r\n" }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return Array((head + "Connection: close\r\n\r\n").utf8) + body
        case 1: return Array((head + "Content-Length: \(body.count)\r\n\r\n").utf8) + body
        case 2:  // another request behind the body
            return Array((head + "Content-Length: \(body.count)\r\n\r\n").utf8) + body + watching()
        default:
            var words = Array((head + "Transfer-Encoding: chunked\r\n\r\n").utf8)
            for start in stride(from: 0, to: body.count, by: 5000) {
                let chunk = body[start..<min(start + 5000, body.count)]
                words += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + [13, 10]
            }
            return words + Array((random.happens(0.8) ? "0\r\n\r\n" : "no length\r\n").utf8)
        }
    }

    private mutating func watching() -> [UInt8] {
        let name = random.happens(0.2) ? "live/main" : name()
        let request =
            switch Int.random(in: 0..<6, using: &random) {
            case 0: "GET /\(name).ts HTTP/1.0\r\n\r\n"
            case 1: "GET /\(name).json HTTP/1.1\r\nHost: a\r\n\r\n"
            case 2: "HEAD /\(name).ts HTTP/1.1\r\nHost: a\r\n\r\n"
            case 3, 4:
                "GET /\(name) HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dHNyZWxheSB0ZXN0IGtleQ==\r\n\r\n"
            default: "GET /\(name).ts HTTP/1.1\r\nHost: a\r\n\r\n"
            }
        return Array(request.utf8)
    }

    private mutating func sendDatagrams() throws {
        let socket = try RawSocket.datagrams()
        for start in stride(from: 0, to: min(bytes.count, 20 * 1316), by: 1316) {
            try socket.send(Array(bytes[start..<start + 1316]), to: "127.0.0.1", port: ports.udp)
        }
    }

    /// A child that is away comes; one that is here takes a connection and stays, or goes.
    private mutating func turnChild(_ index: Int) {
        guard let listener = listeners[index] else {
            listeners[index] = try? RawSocket.listen(port: ports.children[index])
            return
        }
        if (try? listener.isReadable(within: 0)) == true, let link = try? listener.accept(within: 1) {
            clients.append(
                StormClient(
                    link, says: [], pieceBytes: 1, reads: random.happens(0.7),
                    turns: Int.random(in: 0..<400, using: &random), end: random.happens(0.5) ? .close : .reset))
        } else if random.happens(0.3) {
            listeners[index] = nil
        }
    }
}
