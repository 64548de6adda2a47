import TestSupport

/// Senders on every way into a node, and viewers at every door, for one look at whether all are served.
struct FaultVisit {
    /// The node ended a connection, or refused one: its right when one of its calls failed, and never afterwards.
    struct SentAway: Error, CustomStringConvertible {
        let who: String
        let why: String
        var description: String { "\(who) was sent away: \(why)" }
    }

    /// GOPs after which the deaf viewer's kernel is full.
    private static let roundsMin = 8

    /// GOPs of a few packets, and GOPs of more than one segment.
    private static let small = gops(pictureBytes: 2000)
    private static let large = gops(pictureBytes: 30_000)

    private let process: ChildProcess
    private let children: FaultChildren
    private let ports: [String: Int]
    private var senders: [RawSocket] = []
    private var viewers: [(name: String, source: any ByteSource, bytes: Int)] = []
    /// A viewer that reads nothing: what the kernel does not take for it is queued.
    private var deaf: RawSocket?
    /// Those who come while calls fail, and wait for whatever becomes of them.
    private var knocking: [RawSocket] = []
    private var rounds = 0

    init(_ process: ChildProcess, _ children: FaultChildren) throws {
        self.process = process
        self.children = children
        var ports: [String: Int] = [:]
        let wanted = ["push tcp", "push http", "push udp", "watch http", "watch tcp"]
        try waitUntil("\(wanted) are printed", within: FaultRun.secondsMax) {
            for address in process.output.flatMap(RelayProcess.addresses(in:)) {
                let key = "\(address.use) \(address.scheme)"
                if ports[key] == nil { ports[key] = address.port }
            }
            return wanted.allSatisfy { ports[$0] != nil }
        }
        self.ports = ports
    }

    private static func gops(pictureBytes: Int) -> [[UInt8]] {
        var fixture = TransportStreamFixture()
        return (0..<roundsMin).map { _ in
            fixture.appendTables()
            for picture in 0..<3 { fixture.appendPicture(bytes: pictureBytes, isRandomAccess: picture == 0) }
            return fixture.takeBytes()
        }
    }

    func close() {
        for sender in senders { sender.close() }
        deaf?.close()
        for socket in knocking { socket.close() }
        for viewer in viewers { viewer.source.close() }
    }

    private func port(_ key: String) throws -> Int {
        guard let port = ports[key] else { throw TestFailure("no address to \(key)") }
        return port
    }

    /// Sends on every way until every viewer and child has got something.
    ///
    /// - Throws: `SentAway`, or `TestFailure` when somebody is neither served nor sent away.
    mutating func expectService() throws {
        try arrive()
        children.forget()
        let deadline = Deadline(FaultRun.secondsMax)
        while rounds < Self.roundsMin || !children.areFed
            || viewers.contains(where: { $0.bytes < FaultRun.servedBytes })
        {
            if deadline.hasPassed {
                let waiting = viewers.filter { $0.bytes < FaultRun.servedBytes }.map { "\($0.name): \($0.bytes) bytes" }
                throw TestFailure("neither served nor sent away: \(waiting), children fed: \(children.areFed)")
            }
            try send()
            try look()
            rounds += 1
            // Whoever is still waited for comes back after a while, not after more bytes.
            if rounds >= Self.roundsMin { letPass(seconds: 0.05) }
        }
    }

    /// Goes on whatever becomes of it: a child hangs up, two come to each port, and the senders send so many GOPs, and
    /// more until it is enough.
    mutating func goOn(rounds least: Int, until isEnough: () throws -> Bool) throws {
        try children.hangUp()
        for (key, text) in [
            ("push tcp", ""), ("push http", "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\n"),
            ("watch http", "GET /live/main.ts HTTP/1.1\r\nHost: test\r\n\r\n"), ("watch tcp", ""),
            ("watch http", "GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"),
        ] {
            for _ in 0..<2 {
                // None of them reads, so that what it gets has to wait soon.
                let socket = try RawSocket.connect(port: try port(key), receiveBuffer: 4096)
                knocking.append(socket)
                try? socket.send(text)  // it may be closed by now
            }
        }
        let deadline = Deadline(FaultRun.secondsMax)
        var rounds = 0
        while try rounds < least || !isEnough() {
            guard !deadline.hasPassed else { throw TestFailure("nothing that fails is called") }
            rounds += 1
            for (number, sender) in senders.enumerated() {
                // It may be closed by now, or nobody reads it.
                try? sender.send(number == 0 ? Self.large[0] : Self.small[0], within: 0.02)
            }
            try sendDatagrams(Self.small[0])
            try children.look()
            for viewer in viewers { _ = try? viewer.source.next(within: 0.001) }  // likewise
            letPass(seconds: 0.02)
        }
    }

    /// A datagram to the way in, whatever the node does with it.
    func sendDatagram() throws { try sendDatagrams(Array(Self.small[0].prefix(7 * TransportPackets.size))) }

    private mutating func arrive() throws {
        let web = try port("watch http")
        senders.append(
            try step("the sender by TCP") { [port = try port("push tcp")] in
                try RawSocket.connect(port: port)
            })
        let post = try step("the sender by HTTP") { [port = try port("push http")] in
            let socket = try RawSocket.connect(port: port)
            try socket.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000000\r\n\r\n")
            return socket
        }
        senders.append(post)
        // The streams get their sources before anybody asks for them.
        try send()
        add(
            "by WebSocket",
            try step("by WebSocket") { try WebSocketClient.open(port: web, within: FaultRun.secondsMax) })
        for stream in ["main", "http", "udp"] {
            let name = "of \(stream) by HTTP"
            add(
                name,
                try step(name) {
                    try HTTPSource.open(port: web, path: "/live/\(stream).ts", within: FaultRun.secondsMax)
                })
        }
        deaf = try step("the deaf viewer") { [port = try port("watch tcp")] in
            try RawSocket.connect(port: port, receiveBuffer: 4096)
        }
        let health = try step("a request") {
            try HTTPClient.request(port: web, path: "/healthz", within: FaultRun.secondsMax)
        }
        guard health.status == 200 else { throw TestFailure("/healthz: \(health.statusLine)") }
        add("by TCP", try step("by TCP") { [port = try port("watch tcp")] in try TCPSource.open(port: port) })
    }

    private mutating func add(_ name: String, _ source: any ByteSource) { viewers.append((name, source, 0)) }

    /// A step that fails before its time is over was refused.
    private func step<Value>(_ who: String, _ body: () throws -> Value) throws -> Value {
        let deadline = Deadline(FaultRun.secondsMax)
        do {
            return try body()
        } catch {
            if deadline.hasPassed { throw TestFailure("\(who): neither served nor sent away: \(error)") }
            throw SentAway(who: who, why: "\(error)")
        }
    }

    /// A GOP to each way in.
    private mutating func send() throws {
        let bytes = Self.small[rounds % Self.small.count]
        let large = Self.large[rounds % Self.large.count]
        for (number, sender) in senders.enumerated() {
            try step("a sender") { try sender.send(number == 0 ? large : bytes, within: FaultRun.secondsMax) }
        }
        try step("the sender by UDP") { try sendDatagrams(bytes) }
    }

    private func sendDatagrams(_ bytes: [UInt8]) throws {
        let datagramBytes = 7 * TransportPackets.size
        let target = try port("push udp")
        for start in stride(from: 0, to: bytes.count, by: datagramBytes) {
            let part = Array(bytes[start..<min(start + datagramBytes, bytes.count)])
            try children.sender.send(part, to: "127.0.0.1", port: target)
        }
    }

    private mutating func look() throws {
        try children.look()
        for index in viewers.indices {
            let name = viewers[index].name
            let source = viewers[index].source
            guard let bytes = try step(name, { try source.next(within: 0.005) }) else {
                throw SentAway(who: name, why: "its connection ended")
            }
            viewers[index].bytes += bytes.count
        }
    }
}
