import TransportStream

/// Bytes of a sender, as a stream and as datagrams.
///
/// Every run is whole packets, every byte is accounted for, and a clean stream behind whatever came arrives.
enum AlignerFuzz {
    static let target = FuzzTarget(
        name: "aligner", reads: "bytes of a TCP or UDP sender", covers: ["PacketAligner", "RTPHeader"],
        bytesMax: 14 * TSPacket.size
    ) { input throws(FuzzFinding) in
        try check(input, asDatagrams: false)
        try check(input, asDatagrams: true)
    }

    private static let cleanPackets = 24

    /// How many of them may be lost while the aligner learns that what it believed in has gone.
    private static let cleanPacketsLostMax = 8

    private static func check(_ input: Span<UInt8>, asDatagrams: Bool) throws(FuzzFinding) {
        var aligner = PacketAligner()
        var passed: [UInt8] = []
        let cuts = Cuts(input)
        // What a new source would start with: what the last one left half read is forgotten.
        let isReset = cuts.seed & 0x7000 == 0
        for (index, range) in cuts.ranges.enumerated() {
            if isReset, index == cuts.ranges.count / 2 { aligner.reset() }
            take(input.extracting(range), &aligner, &passed, asDatagrams: asDatagrams)
        }
        try require(passed.count % TSPacket.size == 0, "a run of \(passed.count) bytes in all")
        for start in stride(from: 0, to: passed.count, by: TSPacket.size) {
            try require(passed[start] == TSPacket.syncByte, "a packet begins with \(passed[start])")
        }
        let known = passed.count + Int(aligner.bytesSkipped)
        try require(known <= input.count, "\(known) bytes passed or skipped of \(input.count)")
        // Foreign bytes are at most 16 a packet, and what is kept is less than five packets with theirs.
        let unseen = passed.count / TSPacket.size * 16 + (isReset ? 10 : 5) * 204
        try require(asDatagrams || known + unseen >= input.count, "\(known) bytes known of \(input.count)")

        passed = []
        let clean = cleanStream
        for start in stride(from: 0, to: clean.count, by: 7 * TSPacket.size) {
            let end = min(clean.count, start + 7 * TSPacket.size)
            take(clean.span.extracting(start..<end), &aligner, &passed, asDatagrams: asDatagrams)
        }
        let wanted = clean.span.extracting(droppingFirst: cleanPacketsLostMax * TSPacket.size)
        try require(
            isSame(passed.span.extracting(last: wanted.count), wanted),
            "a clean stream behind it: \(passed.count) of \(clean.count) bytes")
        try require(!aligner.isHopeless && (asDatagrams || aligner.isLocked), "a clean stream, and no hope of it")
    }

    private static func take(
        _ piece: Span<UInt8>, _ aligner: inout PacketAligner, _ passed: inout [UInt8], asDatagrams: Bool
    ) {
        let keep: (Span<UInt8>) -> Void = { run in passed.append(copying: run) }
        if asDatagrams { aligner.alignDatagram(piece, keep) } else { aligner.align(piece, keep) }
    }

    /// Numbered packets without a sync byte inside.
    private static let cleanStream: [UInt8] = (0..<cleanPackets).flatMap { number in
        [TSPacket.syncByte, 0x01, 0x00, 0x10] + [UInt8](repeating: UInt8(number), count: TSPacket.size - 4)
    }
}
