import Configuration
import Fanout
import LoopIO
import Telemetry
import TestSupport
import Testing

@testable import Streaming

/// A registry on a loop of its own, with publishers and viewers over real sockets, for one test.
final class StreamHarness {
    let loop: EventLoop
    let registry: StreamRegistry
    private let listener: TCPListener
    private let inbox: Waiting

    /// Connections that were accepted and not taken yet.
    private final class Waiting { var accepted: [TCPConnection] = [] }

    init(directory: StreamDirectory = StreamDirectory(), _ configure: (inout NodeConfiguration) -> Void = { _ in })
        throws
    {
        var configuration = NodeConfiguration()
        configure(&configuration)
        loop = try EventLoop()
        registry = try StreamRegistry(loop: loop, configuration: configuration, directory: directory, logger: .silent)
        let inbox = Waiting()
        self.inbox = inbox
        listener = try TCPListener(loop: loop, address: .loopbackIPv4) { inbox.accepted.append($0) }
    }

    func close() {
        registry.close()
        loop.close()
    }

    func stream(_ id: StreamID = .main) throws -> LiveStream { try registry.obtain(id) }

    /// A session from `host`, as an ingest makes one.
    func session(
        _ stream: LiveStream, kind: SourceKind = .tcp, host: String = "127.0.0.1", port: UInt16 = 4000,
        isProven: Bool = false
    ) throws -> SourceSession {
        SourceSession(
            stream: stream, kind: kind, peer: try SocketAddress(parsing: host, port: port), section: "test",
            isProven: isProven, nowMs: loop.nowMs)
    }

    /// A viewer over a real connection, and what its far end has received.
    func watch(
        _ stream: LiveStream, key: LaneKey = .base, start: StartRule = .gop(bytesMax: 16 << 20),
        lag: LagRule = LagRule(msMax: 2000, bytesMax: 4 << 20), kicks: Bool = false, reads: Bool = true
    ) throws -> Watcher {
        try watch(
            .home(stream), key: key, start: start, lag: lag, kicks: kicks, reads: reads)
    }

    /// As above, for a stream that may be at home on another loop.
    func watch(
        _ stream: WatchedStream, key: LaneKey = .base, start: StartRule = .gop(bytesMax: 16 << 20),
        lag: LagRule = LagRule(msMax: 2000, bytesMax: 4 << 20), kicks: Bool = false, reads: Bool = true
    ) throws -> Watcher {
        let before = inbox.accepted.count
        let near = try TCPConnection.connect(loop: loop, to: listener.localAddress) { _ in }
        expect { self.inbox.accepted.count > before }
        let far = try #require(inbox.accepted.last)
        far.setNotSentLowat(bytes: 64 << 10)
        let viewer = Viewer(
            audience: stream.audience, outlet: .connection(far), key: key, tier: .tcp,
            start: start, lag: lag, kicksWhenBehind: kicks)
        let watcher = Watcher(near: near, far: far, viewer: viewer)
        viewer.onEnd = { [weak watcher] end in watcher?.end = end }
        if reads { watcher.read() }
        stream.add(viewer)
        return watcher
    }

    func expect(
        timeoutMs: Int64 = 20_000, _ condition: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let holds = loop.run(until: condition, timeoutMs: timeoutMs)
        #expect(holds, sourceLocation: sourceLocation)
    }

    /// Lets the loop turn until everything that is under way has arrived.
    func settle() { _ = loop.run(until: { false }, timeoutMs: 30) }

    /// A GOP with its tables: one random access point and `pictures - 1` more pictures of `bytes`.
    static func gop(
        _ fixture: inout TransportStreamFixture, pictures: Int = 5, bytes: Int = 2000
    ) -> [UInt8] {
        fixture.appendTables()
        for picture in 0..<pictures {
            fixture.appendPicture(bytes: bytes, isRandomAccess: picture == 0)
        }
        return fixture.takeBytes()
    }
}

/// The far side of a viewer.
final class Watcher {
    let near: TCPConnection
    let far: TCPConnection
    let viewer: Viewer
    var bytes: [UInt8] = []
    var end: Viewer.End?

    init(near: TCPConnection, far: TCPConnection, viewer: Viewer) {
        self.near = near
        self.far = far
        self.viewer = viewer
    }

    func read() {
        near.startReading(
            onRead: { [unowned self] span in span.withUnsafeBufferPointer { self.bytes += $0 } }, onEnd: { _ in })
    }
}

extension SourceSession {
    func deliver(_ bytes: [UInt8], nowMs: Int64) { deliver(bytes.span, nowMs: nowMs) }
}

/// The packets in a chunked body, as far as it has come.
func dechunked(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    var rest = bytes[...]
    while let end = rest.firstIndex(of: 13) {
        guard let size = Int(String(decoding: rest[rest.startIndex..<end], as: UTF8.self), radix: 16),
            end + 4 + size <= rest.endIndex
        else { break }
        out += rest[(end + 2)..<(end + 2 + size)]
        rest = rest[(end + 4 + size)...]
    }
    return out
}
