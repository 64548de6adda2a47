import TestSupport

@testable import TransportStream

/// Feeds a gate with chunks cut at picture borders, as a stream does, and remembers what came out.
struct GateHarness {
    struct Output: Equatable {
        let position: UInt64
        let packets: Int
        let flags: ChunkFlags
    }

    var gate: PictureGate
    private(set) var bytes: [UInt8] = []
    private(set) var outputs: [Output] = []

    /// The number in the input of each packet that came out.
    private(set) var positions: [UInt64] = []
    private var position: UInt64 = 0
    private var analyzer = StreamAnalyzer()

    init(gate: PictureGate = PictureGate(videoPID: TransportStreamFixture.videoPID)) {
        self.gate = gate
    }

    /// Cuts the packets as the stream does, and passes the chunks.
    mutating func pass(_ packets: [UInt8], nowMs: Int64 = 0, chunkPackets: Int = 43) {
        var events: [PacketEvent] = []
        analyzer.analyze(packets.span, into: &events)
        let count = packets.count / TSPacket.size
        var flags = [PacketFlags](repeating: [], count: count)
        for event in events { flags[Int(event.index)] = event.flags }

        var start = 0
        for next in 1...count where next == count || next - start == chunkPackets || Self.isBorder(flags, next) {
            var chunkFlags: ChunkFlags = []
            for index in start..<next {
                if flags[index].contains(.pictureStart) { chunkFlags.insert(.startsPicture) }
                if flags[index].contains(.randomAccess) { chunkFlags.insert(.randomAccess) }
                if flags[index].contains(.pictureEnd) { chunkFlags.insert(.endsPicture) }
            }
            if flags[start].contains(.pat) { chunkFlags.insert(.tables) }
            passChunk(Array(packets[start * TSPacket.size..<next * TSPacket.size]), chunkFlags, nowMs: nowMs)
            start = next
        }
    }

    /// Passes one chunk as it is.
    mutating func passChunk(_ chunk: [UInt8], _ flags: ChunkFlags, nowMs: Int64 = 0) {
        let mark = ChunkMark(position: position, arrivalMs: nowMs, flags: flags)
        collect { gate, out in gate.pass(chunk.span, mark, out) }
        position += UInt64(chunk.count / TSPacket.size)
    }

    mutating func expire(nowMs: Int64) {
        collect { gate, out in gate.expire(nowMs: nowMs, out) }
    }

    mutating func sourceChanged() {
        collect { gate, out in gate.sourceChanged(out) }
        analyzer.reset()
    }

    private static func isBorder(_ flags: [PacketFlags], _ index: Int) -> Bool {
        if flags[index - 1].contains(.pictureEnd) { return true }
        // Tables stay with the picture that follows them.
        if flags[index].contains(.pictureStart) { return !flags[index - 1].contains(.tables) }
        return flags[index].contains(.pat)
    }

    private mutating func collect(_ body: (inout PictureGate, (Span<UInt8>, ChunkMark) -> Void) -> Void) {
        var newBytes: [UInt8] = []
        var newOutputs: [Output] = []
        body(&gate) { chunk, mark in
            for index in chunk.indices { newBytes.append(chunk[index]) }
            newOutputs.append(
                Output(position: mark.position, packets: chunk.count / TSPacket.size, flags: mark.flags))
        }
        bytes += newBytes
        outputs += newOutputs
        for output in newOutputs {
            positions += (0..<UInt64(output.packets)).map { output.position + $0 }
        }
    }
}
