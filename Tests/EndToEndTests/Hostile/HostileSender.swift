import Foundation
import TestSupport

/// Sends a hostile stream, then a clean one, by one way into the node.
final class HostileSender {
    /// How the clean stream follows.
    enum Way: String, CaseIterable, Sendable {
        /// On a new connection, after the first was closed in its middle.
        case tcp, http
        /// On the same connection, or in the next body of the same sender.
        case tcpOn, httpOn
        /// From another address, and from the same one.
        case udp, udpOn

        var hostile: HostileStream.Way {
            switch self {
            case .tcp, .tcpOn: .tcp
            case .http, .httpOn: .http
            case .udp, .udpOn: .udp
            }
        }

        /// The clean stream begins where the node is still at odds with what came before: its beginning may be lost.
        var goesOn: Bool { self == .tcpOn || self == .httpOn || self == .udpOn }
    }

    /// More than the least `Hold`, for which a sender of datagrams keeps its stream.
    private static let holdSeconds = 0.15

    private let way: Way
    private let port: Int
    private let strangers: RawSocket
    private let friends: RawSocket

    init(_ way: Way, port: Int) throws {
        self.way = way
        self.port = port
        strangers = try RawSocket.datagrams()
        friends = try RawSocket.datagrams()
    }

    /// The node may close on the hostile part; the clean part then comes on a new connection.
    func send(_ hostile: [[UInt8]], then clean: [UInt8]) throws {
        let slices = HostileStream.cut(clean, 1316)
        switch way {
        case .udp:
            letPass(seconds: HostileSender.holdSeconds)
            try sendDatagrams(hostile, strangers)
            letPass(seconds: HostileSender.holdSeconds)
            try sendDatagrams(slices, friends)
        case .udpOn: try sendDatagrams(hostile + slices, strangers)
        case .tcp:
            try overTCP { socket in for part in hostile { try socket.send(part) } }
            try overTCP { socket in for part in slices { try socket.send(part) } }
        case .tcpOn:
            let wasTaken = try overTCP { socket in for part in hostile + slices { try socket.send(part) } }
            if !wasTaken { try overTCP { socket in for part in slices { try socket.send(part) } } }
        case .http:
            try overHTTP(hostile, completes: false)
            try overHTTP(slices, completes: true)
        case .httpOn:
            try overHTTP(hostile, completes: true)
            try overHTTP(slices, completes: true)
        }
    }

    /// - Returns: whether the node had nothing against it: it closed only after we did.
    @discardableResult private func overTCP(_ body: (RawSocket) throws -> Void) throws -> Bool {
        let socket = try RawSocket.connect(port: port)
        defer { socket.close() }
        guard (try? body(socket)) != nil else { return false }
        // A close that is under way shows before ours is answered.
        let isOpen = try !socket.isReadable(within: 0.002)
        socket.finishSending()
        let end = try socket.receiveToEnd(within: 5)
        return isOpen && !end.wasReset
    }

    private func overHTTP(_ parts: [[UInt8]], completes: Bool) throws {
        let socket = try RawSocket.connect(port: port)
        defer { socket.close() }
        try socket.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        var bytes: [UInt8] = []
        for part in parts where !part.isEmpty {
            bytes += Array((String(part.count, radix: 16) + "\r\n").utf8) + part + [13, 10]
            guard bytes.count > 20_000 || part.count < 8 else { continue }
            // Refused as no stream: that answer is tested elsewhere.
            guard (try? socket.send(bytes)) != nil else { return }
            bytes = []
        }
        guard (try? socket.send(bytes + (completes ? Array("0\r\n\r\n".utf8) : []))) != nil else { return }
        if !completes { socket.finishSending() }
        _ = try socket.receiveToEnd(within: 5)
    }

    /// No faster than the node takes them: what the kernel drops would test nothing.
    private func sendDatagrams(_ datagrams: [[UInt8]], _ socket: RawSocket) throws {
        var waiting = 0
        for datagram in datagrams {
            try socket.send(datagram, to: "127.0.0.1", port: port)
            waiting += 800 + datagram.count
            guard waiting > 60_000 else { continue }
            try waitUntil("the node has read its datagrams", within: 5) { try queuedBytes() == 0 }
            waiting = 0
        }
        try waitUntil("the node has read its datagrams", within: 5) { try queuedBytes() == 0 }
    }

    /// What the kernel holds for the node's port.
    private func queuedBytes() throws -> Int {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/net/udp"))
        defer { try? file.close() }
        var text: [UInt8] = []
        while let more = try file.read(upToCount: 1 << 16), !more.isEmpty { text += more }
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n").dropFirst() {
            let words = line.split(separator: " ")
            guard words.count > 4, let own = words[1].split(separator: ":").last, Int(own, radix: 16) == port,
                let queue = words[4].split(separator: ":").last
            else { continue }
            return Int(queue, radix: 16) ?? 0
        }
        return 0
    }
}
