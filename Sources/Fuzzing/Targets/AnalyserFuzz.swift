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
        ], bytesMax: 40 * TSPacket.size
    ) { input throws(FuzzFinding) in
        let whole = Reading(input, [0..<input.count])
        try whole.check(input)
        let pieces = Reading(input, Cuts(input, unit: TSPacket.size).ranges)
        try require(whole.events == pieces.events, "events differ by the cuts")
        try require(whole.analyzer.info == pieces.analyzer.info, "facts differ by the cuts")
        try require(whole.analyzer.counters == pieces.analyzer.counters, "counters differ by the cuts")
        try pieces.check(input)
    }

    /// What came out of some runs.
    private struct Reading {
        var analyzer = StreamAnalyzer()
        /// By their place in the whole input.
        var events: [PacketEvent] = []
        var chunks: [UInt8] = []
        var fault: String?

        init(_ input: Span<UInt8>, _ ranges: [Range<Int>]) {
            var cutter = ChunkCutter()
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
            try require(chunks == Array([UInt8](copying: input).prefix(chunks.count)), "chunks are not the input")
            try require(chunks.count == input.count / TSPacket.size * TSPacket.size, "chunks lost packets")
        }
    }
}
