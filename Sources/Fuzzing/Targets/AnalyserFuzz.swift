import Fanout
import TransportStream

/// Whole packets: what the analyser says of them, and the chunks that they are cut into.
///
/// Runs may end anywhere between two packets: events, facts and counters are the same. The chunks together are the
/// input.
enum AnalyserFuzz {
    static let target = FuzzTarget(
        name: "analyser", reads: "transport packets, whatever their sync bytes are",
        covers: [
            "StreamAnalyzer", "PacketHeader", "ContinuityCounter", "PIDTable", "PESHeader", "PESProgress",
            "PictureScanner", "PictureTracker", "SequenceHeader", "SupplementReader", "BitReader", "Timestamp",
            "StreamInfo", "ChunkCutter",
        ], bytesMax: 30 * TSPacket.size
    ) { input throws(FuzzFinding) in
        // Now and then so often behind itself that it fills a chunk by its number of packets.
        let packets = input.count / TSPacket.size
        guard packets > 0, Cuts(input).seed & 0xf000 == 0 else { return try check(input) }
        var repeated: [UInt8] = []
        for _ in 0...ChunkCutter.packetsMax / packets {
            repeated.append(copying: input.extracting(first: packets * TSPacket.size))
        }
        try check(repeated.span)
    }

    private static func check(_ input: Span<UInt8>) throws(FuzzFinding) {
        let whole = Reading(input, [0..<input.count])
        try whole.check(input)
        let pieces = Reading(input, Cuts(input, unit: TSPacket.size).ranges)
        try require(whole.events == pieces.events, "events differ by the cuts")
        try require(whole.analyzer.info == pieces.analyzer.info, "facts differ by the cuts")
        try require(whole.analyzer.counters == pieces.analyzer.counters, "counters differ by the cuts")
        try pieces.check(input)
        try checkNewSource(whole)
    }

    /// Nothing is known of a source that has just come, whatever the last one was.
    private static func checkNewSource(_ reading: Reading) throws(FuzzFinding) {
        var analyzer = reading.analyzer
        analyzer.reset()
        try require(analyzer.info == StreamInfo(), "facts of a source that is gone")
        var cutter = reading.cutter
        var isEmpty = true
        cutter.sourceChanged(nowMs: 0) { _, _, _ in isEmpty = false }
        try require(isEmpty && cutter.tables.isEmpty && !cutter.isInPicture, "tables of a source that is gone")
    }

    /// What came out of some runs.
    private struct Reading {
        var analyzer = StreamAnalyzer()
        var cutter = ChunkCutter()
        /// By their place in the whole input.
        var events: [PacketEvent] = []
        var chunks: [UInt8] = []
        var fault: String?

        init(_ input: Span<UInt8>, _ ranges: [Range<Int>]) {
            var cutter = ChunkCutter()
            defer { self.cutter = cutter }
            var first = 0
            for range in ranges {
                let run = input.extracting(range)
                var seen: [PacketEvent] = []
                analyzer.analyze(run, into: &seen)
                if cutter.position + UInt64(cutter.waitingBytes / TSPacket.size) != UInt64(first) {
                    fault = "the cutter is not where its input is"
                }
                cutter.append(run, events: seen, nowMs: 0) { chunk, mark, _ in keep(chunk, mark) }
                for event in seen { events.append(PacketEvent(index: event.index + Int32(first), flags: event.flags)) }
                first += run.count / TSPacket.size
            }
            cutter.flush(nowMs: 0) { chunk, mark, _ in keep(chunk, mark) }
            if cutter.tables.count > ChunkCutter.tablePacketsMax * TSPacket.size { fault = "too many tables" }
        }

        private mutating func keep(_ chunk: Span<UInt8>, _ mark: ChunkMark) {
            if mark.position != UInt64(chunks.count / TSPacket.size) { fault = "a chunk is not where its mark says" }
            if !(1...ChunkCutter.packetsMax * TSPacket.size).contains(chunk.count) {
                fault = "a chunk of \(chunk.count) bytes"
            }
            chunks.append(copying: chunk)
        }

        func check(_ input: Span<UInt8>) throws(FuzzFinding) {
            if let fault { throw FuzzFinding(fault) }
            var last: Int32 = -1
            for event in events {
                let isInside = event.index > last && Int(event.index) < input.count / TSPacket.size
                try require(isInside && !event.flags.isEmpty, "an event at packet \(event.index) behind \(last)")
                last = event.index
            }
            let info = analyzer.info
            for pid in [info.referencePID, info.videoPID, info.pcrPID] {
                try require(pid.map { $0 <= TSPacket.nullPID } ?? true, "a PID of more than 13 bits")
            }
            let packets = input.extracting(first: input.count / TSPacket.size * TSPacket.size)
            try require(isSame(chunks.span, packets), "chunks are not the input")
            try require(
                Timestamp(ticks: UInt64.max - UInt64(input.count)).ticks < 1 << 33, "a time of more than 33 bits")
            try require(!info.videoCodec.description.isEmpty, "a video without a name")
            try require(info.audioCodecs.allSatisfy { !$0.description.isEmpty }, "a sound without a name")
        }
    }
}
