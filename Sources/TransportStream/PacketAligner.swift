/// Turns bytes of any cut into runs of whole packets.
///
/// A stream of packets shows itself by sync bytes at the same distance: 188, or 192 and 204 where each packet carries
/// 4 or 16 foreign bytes, which are left out. The aligner believes in a distance after five sync bytes (as ISO/IEC
/// 13818-1 Annex G advises: 'G', the sync byte, is also how an HTTP request begins); what came before belief is kept,
/// so nothing of a stream that begins aligned is lost. From then on a whole packet is handed on at once, without a
/// wait for the byte after it; but where that byte is at hand and is no sync byte, bytes were lost inside the packet,
/// and it is dropped instead of passed on torn.
///
/// State belongs to one sender: two senders' bytes never go through one aligner without a `reset()` between.
package struct PacketAligner {
    /// Bytes dropped because they belonged to no packet.
    package private(set) var bytesSkipped: UInt64 = 0

    /// How often belief in the distance was lost.
    package private(set) var syncLosses: UInt64 = 0

    /// Datagrams that had an RTP header.
    package private(set) var rtpHeadersRemoved: UInt64 = 0

    /// Sync bytes in a row that make the aligner believe.
    private static let syncBytesToLock = 5

    /// Bytes without belief after which a sender is hopeless.
    package static let hopelessBytes = 64 << 10

    /// Bytes from one sync byte to the next while the aligner believes, 0 while it searches.
    private var stride = 0

    /// Foreign bytes between two packets that have still to come.
    private var foreignBytes = 0

    /// While locked the part of a packet that came, fewer than 188 bytes; while searching what may still be packets.
    private var kept: [UInt8] = []

    /// Bytes that came before the first belief.
    private var bytesBeforeLock = 0
    private var hasLocked = false

    package init() {}

    /// The sender has sent 64 KiB or more and never a stream: what it sends is something else.
    package var isHopeless: Bool { !hasLocked && bytesBeforeLock >= Self.hopelessBytes }

    /// The aligner believes in a distance, so the next whole packet will be handed on at once.
    package var isLocked: Bool { stride != 0 }

    /// Forgets the sender, not the counters.
    package mutating func reset() {
        stride = 0
        foreignBytes = 0
        kept.removeAll(keepingCapacity: true)
        bytesBeforeLock = 0
        hasLocked = false
    }

    /// Takes the next bytes of a byte stream.
    ///
    /// - Parameters:
    ///   - input: any number of bytes, cut anywhere.
    ///   - body: gets runs of whole packets, each packet's first byte 0x47, in order; parts of `input` itself where
    ///     a packet lies whole in it. A run is valid during the call only.
    package mutating func align(_ input: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
        if !hasLocked {
            bytesBeforeLock = min(bytesBeforeLock, Self.hopelessBytes) + input.count
        }
        guard stride == 0, !kept.isEmpty else {
            process(input, body)
            return
        }
        // Rare, so a copy is fine: the start of a stream, or the first bytes after a loss.
        kept.append(copying: input)
        var all: [UInt8] = []
        swap(&all, &kept)
        process(all.span, body)
    }

    /// Takes one datagram: like `align`, and an RTP header (RFC 3550 5.1) in front of whole packets is removed.
    ///
    /// A sender may cut its stream anywhere (ffmpeg's default is 1472 bytes), so packets go on across datagrams.
    package mutating func alignDatagram(_ datagram: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
        // In the middle of a packet a match could only be chance, unless the sender is known to use RTP.
        if rtpHeadersRemoved > 0 || stride == 0 || kept.isEmpty, let header = RTPHeader(parsing: datagram) {
            rtpHeadersRemoved &+= 1
            align(datagram.extracting(header.payload), body)
        } else {
            align(datagram, body)
        }
    }

    /// Searches and hands on by turns until the input is used up.
    private mutating func process(_ input: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
        var start = 0
        while start < input.count {
            if stride == 0 {
                guard let found = search(input, from: start) else { return }
                start = found
            }
            guard let lost = handOn(input, from: start, body) else { return }
            start = lost
        }
    }

    // MARK: - Locked

    /// Hands on the packets from `start` on, and keeps the part of a packet at the end.
    ///
    /// - Returns: where to search if belief was lost, else nil: the input is used up.
    private mutating func handOn(_ input: Span<UInt8>, from first: Int, _ body: (Span<UInt8>) -> Void) -> Int? {
        let foreign = min(foreignBytes, input.count - first)
        foreignBytes -= foreign
        var start = first + foreign
        if !kept.isEmpty {
            guard input.count - start >= TSPacket.size - kept.count else {
                kept.append(copying: input.extracting(start..<input.count))
                return nil
            }
            guard let next = completeKept(input, from: start, body) else { return loseSync(searchFrom: start) }
            start = next
        }
        guard start < input.count else { return nil }

        let available = input.count - start
        let whole = available < TSPacket.size ? 0 : (available - TSPacket.size) / stride + 1
        var good = 0
        while good < whole, input[start + good * stride] == TSPacket.syncByte {
            good += 1
        }
        let next = start + good * stride
        guard next >= input.count || input[next] == TSPacket.syncByte else {
            // The packet before the wrong byte is torn, if this input shows both; the true sync byte may lie in it.
            let passed = max(good - 1, 0)
            emit(input, from: start, packets: passed, body)
            bytesSkipped &+= 1
            return loseSync(searchFrom: start + passed * stride + 1)
        }
        emit(input, from: start, packets: good, body)
        if next < input.count {
            kept.append(copying: input.extracting(next..<input.count))
        } else {
            foreignBytes = next - input.count
        }
        return nil
    }

    /// Fills the kept part of a packet from `input` and hands the packet on.
    ///
    /// - Precondition: the input has what is missing.
    /// - Returns: where the next packet begins in `input`, or its end; nil when the two parts do not belong together.
    private mutating func completeKept(
        _ input: Span<UInt8>, from start: Int, _ body: (Span<UInt8>) -> Void
    ) -> Int? {
        let end = start + TSPacket.size - kept.count
        let next = end + stride - TSPacket.size
        // The parts do not fit if something was lost between them: a datagram, mostly. More than one sync byte is
        // asked, since one alone would let 1 of 256 torn packets pass.
        var place = next
        for _ in 0..<Self.syncBytesToLock where place < input.count {
            guard input[place] == TSPacket.syncByte else { return nil }
            place += stride
        }
        kept.append(copying: input.extracting(start..<end))
        body(kept.span)
        kept.removeAll(keepingCapacity: true)
        foreignBytes = max(next - input.count, 0)
        return min(next, input.count)
    }

    private func emit(_ input: Span<UInt8>, from start: Int, packets: Int, _ body: (Span<UInt8>) -> Void) {
        guard packets > 0 else { return }
        if stride == TSPacket.size {
            body(input.extracting(start..<start + packets * stride))
        } else {
            for number in 0..<packets {
                let first = start + number * stride
                body(input.extracting(first..<first + TSPacket.size))
            }
        }
    }

    private mutating func loseSync(searchFrom start: Int) -> Int {
        syncLosses &+= 1
        stride = 0
        foreignBytes = 0
        bytesSkipped &+= UInt64(kept.count)
        kept.removeAll(keepingCapacity: true)
        return start
    }

    // MARK: - Searching

    /// Looks for a stream from `start` on and keeps what may still become one.
    ///
    /// - Returns: where it begins, `stride` being set; nil when the input is used up.
    private mutating func search(_ input: Span<UInt8>, from first: Int) -> Int? {
        var start = first
        while start < input.count {
            switch Self.judge(input, at: start) {
            case .stream(let distance):
                bytesSkipped &+= UInt64(start - first)
                stride = distance
                hasLocked = true
                return start
            case .possible:
                bytesSkipped &+= UInt64(start - first)
                kept.append(copying: input.extracting(start..<input.count))
                return nil
            case .impossible:
                start += 1
            }
        }
        bytesSkipped &+= UInt64(input.count - first)
        return nil
    }

    private enum Judgement {
        case stream(distance: Int)
        case possible
        case impossible
    }

    /// Whether packets begin at `start`. The answer depends only on the bytes from there on, never on the cuts.
    private static func judge(_ input: Span<UInt8>, at start: Int) -> Judgement {
        guard input[start] == TSPacket.syncByte else { return .impossible }
        var distance = TSPacket.size
        while true {
            var seen = 1
            var place = start + distance
            while seen < syncBytesToLock, place < input.count, input[place] == TSPacket.syncByte {
                seen += 1
                place += distance
            }
            if seen == syncBytesToLock { return .stream(distance: distance) }
            if place >= input.count { return .possible }
            switch distance {
            case 188: distance = 192
            case 192: distance = 204
            default: return .impossible
            }
        }
    }
}
