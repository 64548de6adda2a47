import Fanout
import TransportStream

/// Whole packets on their way through analyser, chunks and picture gate.
///
/// What passes is packets of the input in their order, where their marks say; packets of other PIDs all pass, and each of
/// the video either passes or is counted as dropped. No more waits than may.
enum GateFuzz {
    static let target = FuzzTarget(
        name: "gate", reads: "transport packets of a video, MPEG-1 where the seeds are",
        covers: [
            "PictureGate", "GateQueue", "MPEG1Check", "MPEG1Codes", "MPEG1PictureHeader", "MPEG1SliceReader",
            "CodeTable",
        ], bytesMax: 24 * TSPacket.size
    ) { input throws(FuzzFinding) in
        var passage = Passage(input)
        passage.run(input)
        try passage.check(input)
    }

    private struct Passage {
        var videoPID: UInt16 = 0x100
        let stepMs: Int64
        let seed: UInt64
        let ranges: [Range<Int>]
        var gate = PictureGate(videoPID: 0x100)
        /// Of the first packet that may come next.
        var position: UInt64 = 0
        var packets: UInt64 = 0
        var otherPackets = 0
        var fault: String?

        init(_ input: Span<UInt8>) {
            let cuts = Cuts(input, unit: TSPacket.size)
            seed = cuts.seed
            ranges = cuts.ranges
            stepMs = seed & 0x100 == 0 ? 10 : 600
        }

        mutating func run(_ input: Span<UInt8>) {
            var analyzer = StreamAnalyzer()
            var cutter = ChunkCutter()
            var chunks: [(bytes: [UInt8], mark: ChunkMark)] = []
            var nowMs: Int64 = 0
            for range in ranges {
                let run = input.extracting(range)
                var events: [PacketEvent] = []
                analyzer.analyze(run, into: &events)
                cutter.append(run, events: events, nowMs: nowMs) { chunk, mark, _ in
                    chunks.append(([UInt8](copying: chunk), mark))
                }
                nowMs += stepMs
            }
            cutter.flush(nowMs: nowMs) { chunk, mark, _ in chunks.append(([UInt8](copying: chunk), mark)) }
            videoPID = analyzer.info.videoPID ?? videoPID
            var gate = PictureGate(
                videoPID: videoPID, heldBytesMax: seed & 0x600 == 0 ? 20 * TSPacket.size : 512 << 10,
                readsPictures: seed & 0x1800 != 0)
            let change = seed & 0xe000 == 0 ? chunks.count / 2 : -1
            for (index, (bytes, mark)) in chunks.enumerated() {
                if index == change { gate.sourceChanged { run, mark in keep(run, mark, input) } }
                gate.pass(bytes.span, mark) { run, mark in keep(run, mark, input) }
            }
            gate.expire(nowMs: nowMs + 1_000_000) { run, mark in keep(run, mark, input) }
            self.gate = gate
        }

        private mutating func keep(_ run: Span<UInt8>, _ mark: ChunkMark, _ input: Span<UInt8>) {
            let start = Int(mark.position) * TSPacket.size
            guard mark.position >= position, start + run.count <= input.count, run.count % TSPacket.size == 0,
                run.count > 0
            else {
                fault = "a run of \(run.count) bytes at packet \(mark.position) behind \(position)"
                return
            }
            if !isSame(run, input.extracting(start..<start + run.count)) { fault = "changed packets" }
            for offset in stride(from: 0, to: run.count, by: TSPacket.size)
            where PacketHeader(run, at: offset).pid != videoPID {
                otherPackets += 1
            }
            packets += UInt64(run.count / TSPacket.size)
            position = mark.position + UInt64(run.count / TSPacket.size)
        }

        func check(_ input: Span<UInt8>) throws(FuzzFinding) {
            if let fault { throw FuzzFinding(fault) }
            try require(!gate.isHolding, "a picture waits for ever")
            let total = input.count / TSPacket.size
            let others = (0..<total).count { PacketHeader(input, at: $0 * TSPacket.size).pid != videoPID }
            try require(otherPackets == others, "\(otherPackets) of \(others) packets of other PIDs passed")
            let known = packets + gate.packetsDropped
            try require(known == UInt64(total), "\(packets) passed, \(gate.packetsDropped) dropped, of \(total)")
        }
    }
}
