package import LoopIO
import TransportStream

/// One publisher's connection or datagram sender, from its first byte to its last.
///
/// The ingest hands it bytes as they come; the session aligns them and offers whole packets to its stream. It becomes
/// the stream's source with its first packets, not before: a connection that sends nothing, or no transport stream,
/// evicts no one.
package final class SourceSession {
    /// Why the stream wants no more of this sender.
    package enum End: Equatable {
        case refused(TakeoverRule.Refusal)
        /// Another publisher took the stream over.
        case replaced(by: String)
        /// No packet in this many bytes.
        case notTransportStream(bytes: Int)
        case stopping
    }

    package let kind: SourceKind
    package let peer: SocketAddress
    /// The section of the way in, for log lines.
    package let section: String
    package let isProven: Bool
    package let startedMs: Int64
    /// Called once when the stream wants no more; the ingest then answers and closes.
    package var onEnd: ((End) -> Void)?
    /// Whether the sender has sent its last byte already. Asked when its packets would evict another source.
    package var hasSenderGone: () -> Bool = { false }
    package private(set) var bytesIn: UInt64 = 0
    package private(set) var lastBytesMs: Int64
    /// When the first byte came; nil before.
    private var firstBytesMs: Int64?
    /// When packets came last: bytes that hold none are no sign of life.
    private(set) var lastPacketsMs: Int64
    /// Packets came, and the stream took them or holds them.
    package private(set) var hasDelivered = false
    var aligner = PacketAligner()
    var isEnded = false
    private let stream: LiveStream

    package init(
        stream: LiveStream, kind: SourceKind, peer: SocketAddress, section: String, isProven: Bool, nowMs: Int64
    ) {
        self.stream = stream
        self.kind = kind
        self.peer = peer
        self.section = section
        self.isProven = isProven
        startedMs = nowMs
        lastBytesMs = nowMs
        lastPacketsMs = nowMs
        stream.sessionOpened()
    }

    /// Another body of the same sender begins: its time for a first packet begins too.
    package func bodyBegan() { firstBytesMs = nil }

    /// Whether bytes have come for so long, and no packet among them: no encoder is so slow, but who wants to hold a place.
    package func hasNoPacket(afterMs: Int64, nowMs: Int64) -> Bool {
        guard let firstBytesMs, !hasDelivered else { return false }
        return nowMs - firstBytesMs >= afterMs
    }

    var party: TakeoverRule.Party {
        TakeoverRule.Party(kind: kind, host: kind == .udp ? peer.description : peer.hostDescription, isProven: isProven)
    }

    /// Takes what one read brought. Called on the stream's home loop.
    package func deliver(_ bytes: Span<UInt8>, nowMs: Int64) {
        guard !isEnded else { return }
        bytesIn += UInt64(bytes.count)
        lastBytesMs = nowMs
        if firstBytesMs == nil, bytes.count > 0 { firstBytesMs = nowMs }
        // The aligner is moved out for the call, since the stream may end this session from within.
        var moved = PacketAligner()
        swap(&moved, &aligner)
        if kind == .udp {
            moved.alignDatagram(bytes) { run in take(run, nowMs: nowMs) }
        } else {
            moved.align(bytes) { run in take(run, nowMs: nowMs) }
        }
        swap(&moved, &aligner)
        if !isEnded, aligner.isHopeless { end(.notTransportStream(bytes: Int(clamping: bytesIn))) }
        stream.runsDelivered(by: self, nowMs: nowMs)
    }

    /// The sender has gone.
    ///
    /// - Parameter isComplete: its protocol said that nothing is missing, as the last chunk of an HTTP body does.
    package func senderGone(isComplete: Bool, nowMs: Int64) {
        guard !isEnded else { return }
        isEnded = true
        onEnd = nil
        stream.sessionGone(self, isComplete: isComplete, nowMs: nowMs)
    }

    private func take(_ run: Span<UInt8>, nowMs: Int64) {
        hasDelivered = true
        lastPacketsMs = nowMs
        stream.take(run, from: self, nowMs: nowMs)
    }

    /// The stream wants no more of it.
    func end(_ reason: End) {
        guard !isEnded else { return }
        isEnded = true
        let tell = onEnd
        onEnd = nil
        stream.sessionGone(self, isComplete: false, nowMs: lastBytesMs)
        tell?(reason)
    }
}

@available(*, unavailable) extension SourceSession: Sendable {}
