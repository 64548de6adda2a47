import HTTP1
import LoopIO
import WebSocket

@testable import Bench

/// A relay of a hundred lines on a thread of its own, which can be told to do wrong: every viewer begins at a PAT.
final class TinyRelay {
    enum Fault: Equatable, Sendable {
        case none
        /// By the number of a packet among those of the first viewer, for it alone.
        case drop(Int), damage(Int), swap(Int), double(Int), closeViewer(Int)
        /// Behind this packet of the first viewer nothing goes out to anybody.
        case stop(Int)
        case refuse
        /// Closes every viewer after so many.
        case refuseAfter(Int)
        /// A ping before this packet.
        case ping(Int)
    }

    let pushPort: UInt16
    let watchPort: UInt16
    private let thread: LoopThread
    private let mailbox: Mailbox
    private let stopper: () -> Void
    /// Connections of publishers so far; to be read after `stop`.
    var publishers: Int { core.publishers }
    /// Answers to pings, and anything else that viewers said behind their requests; likewise.
    var pongs: Int { core.pongs }
    private let core: Core

    init(_ scheme: StreamURL.Scheme = .tcp, push: StreamURL.Scheme = .tcp, fault: Fault = .none) throws {
        let loop = try EventLoop()
        let core = try Core(loop, scheme, push: push, fault)
        pushPort = core.pushPort
        watchPort = core.watchPort
        mailbox = loop.mailbox
        self.core = core
        // SAFETY: used on the loop's thread alone, and after its end.
        nonisolated(unsafe) let far = core
        let mailbox = mailbox
        stopper = { mailbox.post { far.stop() } }
        thread = try LoopThread(running: loop)
    }

    func stop() {
        stopper()
        thread.join()
    }

    private final class Viewer {
        let connection: TCPConnection
        var request: [UInt8] = []
        var isReady = false
        var hasBegun = false
        /// Packets since it began.
        var sent = 0
        init(_ connection: TCPConnection) { self.connection = connection }
    }

    private final class Core {
        let loop: EventLoop
        let scheme: StreamURL.Scheme
        let fault: Fault
        var pushPort: UInt16 = 0
        var watchPort: UInt16 = 0
        var publishers = 0
        var pongs = 0
        private var viewers: [Viewer] = []
        private var senders: [TCPConnection] = []
        private var handles: [LoopHandle] = []
        private var rest: [UInt8] = []
        private var held: [UInt8]?
        private var hasStopped = false

        init(_ loop: EventLoop, _ scheme: StreamURL.Scheme, push: StreamURL.Scheme, _ fault: Fault) throws {
            (self.loop, self.scheme, self.fault) = (loop, scheme, fault)
            let watch = try TCPListener(loop: loop, address: .loopbackIPv4) { [unowned self] in accept($0) }
            watchPort = watch.localAddress.port
            handles.append(watch)
            if push == .udp {
                let socket = try UDPSocket(loop: loop, address: .loopbackIPv4)
                try socket.startReceiving { [unowned self] bytes, _ in take(bytes) }
                pushPort = socket.localAddress?.port ?? 0
                handles.append(socket)
            } else {
                let listener = try TCPListener(loop: loop, address: .loopbackIPv4) { [unowned self] in
                    acceptSender($0, isHTTP: push == .http)
                }
                pushPort = listener.localAddress.port
                handles.append(listener)
            }
        }

        func stop() {
            for viewer in viewers { viewer.connection.close() }
            for sender in senders { sender.close() }
            for handle in handles { handle.close() }
            loop.stop()
        }

        private func acceptSender(_ connection: TCPConnection, isHTTP: Bool) {
            publishers += 1
            senders.append(connection)
            var head = isHTTP ? HeadReader() : nil
            var chunks = ChunkStripper()
            connection.startReading(
                onRead: { [unowned self] bytes in
                    var offset = 0
                    if case .complete(let end)? = head?.take(bytes) { (head, offset) = (nil, end) }
                    guard head == nil else { return }
                    guard isHTTP else { return take(bytes) }
                    while let range = try? chunks.next(bytes, at: &offset) { take(bytes.extracting(range)) }
                    if chunks.isFinished { try? connection.write(Array("HTTP/1.1 200 OK\r\n\r\n".utf8)) }
                }, onEnd: { _ in connection.close() })
        }

        private func accept(_ connection: TCPConnection) {
            if fault == .refuse { return connection.close() }
            if case .refuseAfter(viewers.count) = fault { return connection.close() }
            let viewer = Viewer(connection)
            viewer.isReady = scheme == .tcp
            viewers.append(viewer)
            connection.startReading(
                onRead: { [unowned self] bytes in
                    if viewer.isReady { pongs += 1 }
                    for index in 0..<bytes.count { viewer.request.append(bytes[index]) }
                    guard !viewer.isReady, viewer.request.suffix(4).elementsEqual([13, 10, 13, 10]) else { return }
                    answer(viewer)
                }, onEnd: { _ in connection.close() })
        }

        private func answer(_ viewer: Viewer) {
            viewer.isReady = true
            if scheme == .http {
                let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                try? viewer.connection.write(Array(head.utf8))
                return
            }
            let lines = String(decoding: viewer.request, as: UTF8.self).split(separator: "\r\n")
            let key = lines.first { $0.hasPrefix("Sec-WebSocket-Key: ") }?.dropFirst(19) ?? ""
            let accept = Handshake.acceptKey(for: String(key))
            let head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            try? viewer.connection.write(Array((head + "Sec-WebSocket-Accept: \(accept)\r\n\r\n").utf8))
        }

        private func take(_ bytes: Span<UInt8>) {
            for index in 0..<bytes.count { rest.append(bytes[index]) }
            while rest.count >= 188 {
                let packet = Array(rest.prefix(188))
                rest.removeFirst(188)
                for (index, viewer) in viewers.enumerated() { send(packet, to: viewer, isFirst: index == 0) }
            }
        }

        private func send(_ packet: [UInt8], to viewer: Viewer, isFirst: Bool) {
            let isPAT = packet[1] & 0x1f == 0 && packet[2] == 0
            guard viewer.isReady, viewer.hasBegun || isPAT else { return }
            viewer.hasBegun = true
            viewer.sent += 1
            let count = viewer.sent
            if case .stop(count) = fault, isFirst { hasStopped = true }
            guard !hasStopped else { return }
            guard isFirst else { return write([packet], to: viewer) }
            switch fault {
            case .drop(count): return
            case .damage(count): write([packet.map { $0 == 0x47 ? $0 : $0 ^ 1 }], to: viewer)
            case .swap(count): held = packet
            case .double(count): write([packet, packet], to: viewer)
            case .closeViewer(count): viewer.connection.close()
            case .ping(count):
                var ping: [UInt8] = []
                FrameWriter.append(.ping, [7].span, to: &ping)
                try? viewer.connection.write(ping)
                write([packet], to: viewer)
            default:
                write([packet] + (held.map { [$0] } ?? []), to: viewer)
                held = nil
            }
        }

        private func write(_ packets: [[UInt8]], to viewer: Viewer) {
            var framed: [UInt8] = []
            for packet in packets {
                switch scheme {
                case .ws: FrameWriter.append(.binary, packet.span, to: &framed)
                case .http: ChunkedEncoder.append(packet.span, to: &framed)
                case .tcp, .udp: framed += packet
                }
            }
            try? viewer.connection.write(framed)
        }
    }
}
