import HTTP1
import LoopIO

/// Sends the self-describing stream to a server, by its schedule, from a loop that calls `tick` every millisecond.
///
/// What the server does not take waits here with the time at which it was due, so that the delay of its packets tells.
final class Publisher {
    /// Packets of a datagram.
    static let datagramBytes = 1316
    /// Bytes that may wait before no more are made.
    private static let waitingBytesMax = 16 << 20
    /// How long a server may take to close its end at a change of publishers.
    private static let changeUsMax: Int64 = 500_000

    private enum State: Equatable {
        case dialling, sending
        /// Waits for the server's end, since this time.
        case changing(Int64)
        case failed(String)
    }

    private(set) var schedule: PublisherSchedule
    /// How often another connection took over.
    private(set) var changes = 0
    /// Microseconds during which the server took nothing.
    private(set) var blockedUs: Int64 = 0

    private let loop: EventLoop
    private let url: StreamURL
    private let address: SocketAddress
    private let changeUs: Int64?
    private var state = State.dialling
    private var connection: TCPConnection?
    private var socket: UDPSocket?
    private var waiting: [UInt8] = []
    private var made: [UInt8] = []
    private var lastTickUs: Int64 = 0
    private var nextChangeUs: Int64?
    private var hasShutDown = false

    /// - Parameter changeSeconds: how often to reconnect; nil: never.
    init(loop: EventLoop, url: StreamURL, address: SocketAddress, shape: StreamShape, changeSeconds: Double?) {
        self.loop = loop
        self.url = url
        self.address = address
        schedule = PublisherSchedule(shape)
        changeUs = changeSeconds.map { Int64($0 * 1e6) }
    }

    /// Why it cannot go on; nil while it can.
    var failure: String? { if case .failed(let reason) = state { reason } else { nil } }

    /// Everything that was to be sent is the kernel's.
    var hasDelivered: Bool { schedule.hasEnded && waiting.isEmpty }

    func forgetFigures() {
        schedule.forgetLateness()
        blockedUs = 0
    }

    func endAtPicture() { schedule.end() }

    // MARK: Connecting

    func start() { dial() }

    private func dial() {
        state = .dialling
        do throws(IOError) {
            if url.scheme == .udp {
                socket = try UDPSocket(loop: loop, sendingTo: address)
                state = .sending
                return
            }
            connection = try TCPConnection.connect(loop: loop, to: address) { [unowned self] error in
                if let error { fail("\(error)") } else { connected() }
            }
        } catch {
            fail("\(error)")
        }
    }

    private func connected() {
        guard let connection else { return }
        state = .sending
        connection.setNoDelay()
        // A server that says something has something to say: an HTTP answer before the end of the body is a refusal.
        connection.startReading(
            onRead: { [unowned self] bytes in
                guard state == .sending else { return }
                let line = bytes.withUnsafeBufferPointer { String(decoding: $0.prefix { $0 != 0x0d }, as: UTF8.self) }
                fail("the server answered \(line)")
            },
            onEnd: { [unowned self] error in didEnd(error) })
        if url.scheme == .http {
            let head = "POST \(url.path) HTTP/1.1\r\nHost: \(url.host):\(url.port)\r\nUser-Agent: tsbench\r\n"
            waiting += Array((head + "Transfer-Encoding: chunked\r\n\r\n").utf8)
        }
    }

    private func didEnd(_ error: IOError?) {
        if case .changing = state { return redial() }
        fail(error.map { "\($0)" } ?? "the server closed the publisher's connection")
    }

    private func fail(_ reason: String) {
        if case .failed = state { return }
        state = .failed(reason)
        close()
    }

    func close() {
        connection?.close()
        connection = nil
        socket?.close()
        socket = nil
    }

    // MARK: Sending

    /// Called by the loop every millisecond, or every turn of one that never sleeps.
    func tick(nowUs: Int64) {
        defer { lastTickUs = nowUs }
        switch state {
        case .dialling, .failed: return
        case .changing(let sinceUs):
            flush()
            shutDownWhenEmpty()
            if nowUs - sinceUs > Self.changeUsMax { redial() }
            return
        case .sending: break
        }
        if nextChangeUs == nil, let changeUs { nextChangeUs = nowUs + changeUs }
        let mustChange = nextChangeUs.map { nowUs >= $0 } ?? false
        if !waiting.isEmpty, lastTickUs > 0 { blockedUs += nowUs - lastTickUs }
        if waiting.count < Self.waitingBytesMax {
            schedule.appendDue(to: &made, nowUs: nowUs, stopsAtRandomAccess: mustChange)
        }
        send()
        if mustChange, schedule.maker.isAtRandomAccess, !schedule.hasEnded { change(nowUs) }
    }

    private func send() {
        guard !made.isEmpty else { return flush() }
        defer { made.removeAll(keepingCapacity: true) }
        if let socket { return sendDatagrams(socket) }
        if url.scheme == .http {
            ChunkedEncoder.append(made.span, to: &waiting)
        } else {
            waiting += made
        }
        flush()
    }

    private func flush() {
        guard !waiting.isEmpty, let connection else { return }
        do throws(IOError) {
            let taken = try tryWrite(connection)
            if taken == waiting.count { waiting.removeAll(keepingCapacity: true) } else { waiting.removeFirst(taken) }
        } catch {
            fail("\(error)")
        }
    }

    private func tryWrite(_ connection: TCPConnection) throws(IOError) -> Int {
        do {
            return try waiting.withUnsafeBytes { try connection.tryWrite($0) }
        } catch let error as IOError {
            throw error
        } catch {
            preconditionFailure("tryWrite throws IOError alone")
        }
    }

    /// Datagrams are not kept: what the kernel does not take is lost, as with any sender.
    private func sendDatagrams(_ socket: UDPSocket) {
        let (bytes, address) = (made, address)
        do {
            _ = try bytes.withUnsafeBytes {
                try socket.trySend($0, datagramBytes: Self.datagramBytes, to: address)
            }
        } catch {
            // ECONNREFUSED of an earlier one: the server is not there yet, or no more.
        }
    }

    // MARK: Changing

    private func change(_ nowUs: Int64) {
        changes += 1
        nextChangeUs = changeUs.map { nowUs + $0 }
        guard connection != nil else {
            // Another port is another sender.
            close()
            return dial()
        }
        if url.scheme == .http { waiting += ChunkedEncoder.end }
        state = .changing(nowUs)
        hasShutDown = false
        flush()
        shutDownWhenEmpty()
    }

    private func shutDownWhenEmpty() {
        guard waiting.isEmpty, !hasShutDown, let connection else { return }
        hasShutDown = true
        connection.shutdown()
    }

    private func redial() {
        close()
        waiting.removeAll(keepingCapacity: true)
        dial()
    }
}
