import TestSupport
import Testing

@testable import TransportStream

/// Streams of real encoders, held against ffprobe and against themselves.
@Suite struct RealStreamTests {
    /// What ffprobe says of each video packet: where its PES starts, and whether it is a key frame.
    private static func probe(_ path: String) throws -> (starts: Set<Int>, keys: Set<Int>) {
        let probe = try ChildProcess(
            "ffprobe",
            ["-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pos,flags", "-of", "csv=p=0", path])
        defer { probe.kill() }
        _ = try probe.waitForExit(within: 30)
        var starts: Set<Int> = []
        var keys: Set<Int> = []
        for line in probe.output {
            let fields = line.split(separator: ",")
            guard fields.count >= 2, let position = Int(fields[0]) else { continue }
            starts.insert(position / TSPacket.size)
            if fields[1].contains("K") { keys.insert(position / TSPacket.size) }
        }
        return (starts, keys)
    }

    @Test(arguments: [
        Samples.Kind.mpeg1MP2, .mpeg1Only, .openPESLength, .mpeg2AC3, .h264AAC, .h264BFrames, .hevcAAC, .threeAudio,
        .twoPrograms, .sparseTables, .timestampWrap, .teletext,
    ])
    func `pictures and random access points are those that ffprobe finds`(kind: Samples.Kind) throws {
        let bytes = try Samples.bytes(kind)
        let probed = try Self.probe(Samples.path(kind))
        var analysis = Analysis()
        analysis.analyze(bytes, packets: 349)
        #expect(!probed.starts.isEmpty)
        #expect(Set(analysis.numbers(.pictureStart)) == probed.starts)
        #expect(Set(analysis.numbers(.randomAccess)) == probed.keys)
        #expect(analysis.counters.continuityErrors == 0)

        // The coded bytes say the same without the flag of the adaptation field.
        var plain = bytes
        for start in stride(from: 0, to: plain.count, by: TSPacket.size)
        where plain[start + 3] & 0x20 != 0 && plain[start + 4] > 0 {
            plain[start + 5] &= ~0x40
        }
        var plainAnalysis = Analysis()
        plainAnalysis.analyze(plain)
        let starts = plainAnalysis.numbers(.pictureStart)
        let found = plainAnalysis.numbers(.randomAccess).map { point in starts.last { $0 <= point } }
        #expect(Set(found) == Set(probed.keys.map { Int?.some($0) }))
    }

    @Test(arguments: [Samples.Kind.mpeg1MP2, .openPESLength, .mpeg2AC3, .h264AAC, .h264BFrames, .hevcAAC, .mp2Only])
    func `an end that is shown is the last packet of its picture, and hardly any is not shown`(
        kind: Samples.Kind
    ) throws {
        let bytes = try Samples.bytes(kind)
        var analysis = Analysis()
        analysis.analyze(bytes)
        let reference = try #require(analysis.info.referencePID)
        let packets = TransportPackets(aligned: bytes)
        let own = (0..<packets.count).filter { packets.pid($0) == Int(reference) && packets.hasPayload($0) }
        var last = zip(own, own.dropFirst()).filter { packets.startsUnit($1) }.map { $0.0 }
        if let end = own.last { last.append(end) }
        let shown = analysis.numbers(.pictureEnd)
        #expect(Set(shown).isSubset(of: last))
        #expect(shown.count * 20 >= last.count * 19)
    }

    @Test(
        arguments: [
            (Samples.Kind.mpeg1MP2, VideoCodec.mpeg1, [.mp2], 12), (.mpeg1Only, .mpeg1, [], 12),
            (.mpeg2AC3, .mpeg2, [.ac3], 12), (.h264AAC, .h264, [.aac], 25), (.hevcAAC, .hevc, [.aac], 25),
            (.threeAudio, .h264, [.aac, .aac, .ac3], 50),
        ] as [(Samples.Kind, VideoCodec, [AudioCodec], Int)])
    func `codecs, rate and GOP are recognized`(
        kind: Samples.Kind, video: VideoCodec, audio: [AudioCodec], gop: Int
    ) throws {
        var analysis = Analysis()
        analysis.analyze(try Samples.bytes(kind))
        #expect(analysis.info.videoCodec == video)
        #expect(analysis.info.audioCodecs == audio)
        #expect(analysis.info.gopPictures == gop)
        #expect(analysis.info.gopTicks == UInt64(gop * 3_600))
        #expect(analysis.info.frameRate == 25)
        #expect(analysis.info.hasFieldsInsidePictures == (kind == .mpeg2AC3))  // the one with a fixed rate
    }

    @Test(arguments: Samples.Kind.allCases)
    func `every sample is read, damaged or not, and aligned whatever its packets are`(kind: Samples.Kind) throws {
        let bytes = try Samples.bytes(kind)
        var aligner = PacketAligner()
        var analyzer = StreamAnalyzer()
        var events: [PacketEvent] = []
        for start in stride(from: 0, to: bytes.count, by: 1_472) {
            aligner.alignDatagram(bytes.span.extracting(start..<min(start + 1_472, bytes.count))) { run in
                analyzer.analyze(run, into: &events)
            }
        }
        #expect(analyzer.info.programs == (kind == .twoPrograms ? 2 : 1))
        #expect(analyzer.counters.pictures >= 20)
        #expect(Int(analyzer.counters.packets) == TransportPackets(bytes).count || kind == .lostBytes)
    }

    // MARK: - The gate

    /// What a gate lets through of a stream that comes in datagrams.
    private static func gated(_ bytes: [UInt8]) -> (output: [UInt8], gate: PictureGate) {
        var aligner = PacketAligner()
        var harness = GateHarness()
        var packets: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 1_472) {
            aligner.alignDatagram(bytes.span.extracting(start..<min(start + 1_472, bytes.count))) { run in
                for index in run.indices { packets.append(run[index]) }
            }
            if !packets.isEmpty { harness.pass(packets) }
            packets.removeAll()
        }
        return (harness.bytes, harness.gate)
    }

    @Test(arguments: StreamDamage.allCases.filter { ![.bitFlips, .clockJump].contains($0) })
    func `of a damaged MPEG-1 stream only whole pictures pass`(damage: StreamDamage) throws {
        let reference = try Samples.bytes(.mpeg1MP2)
        let (output, gate) = Self.gated(damage.applied(to: reference))
        let judge = PictureJudge(received: output, reference: reference)
        #expect(judge.allAreWhole, "\(judge)")
        #expect(judge.endsWhole)
        #expect(judge.whole > 50)
        #expect(gate.picturesDropped < 80)
    }

    @Test(arguments: UInt64(0)..<6)
    func `of a stream in lost datagrams only whole pictures pass`(seed: UInt64) throws {
        let reference = try Samples.bytes(.mpeg1MP2)
        var random = SeededRandom(seed: seed)
        let datagrams = stride(from: 0, to: reference.count, by: 1_472).filter { _ in !random.happens(0.03) }
        let bytes = datagrams.flatMap { reference[$0..<min($0 + 1_472, reference.count)] }
        var aligner = PacketAligner()
        var harness = GateHarness()
        for start in stride(from: 0, to: bytes.count, by: 1_472) {
            var packets: [UInt8] = []
            aligner.alignDatagram(bytes.span.extracting(start..<min(start + 1_472, bytes.count))) { run in
                for index in run.indices { packets.append(run[index]) }
            }
            if !packets.isEmpty { harness.pass(packets) }
        }
        let judge = PictureJudge(received: harness.bytes, reference: reference)
        #expect(judge.allAreWhole, "\(judge)")
        #expect(harness.gate.picturesDropped > 0)
    }

    @Test func `of a stream with flipped bits no picture passes that a decoder could not read`() throws {
        let reference = try Samples.bytes(.mpeg1MP2)
        let damaged = StreamDamage.bitFlips.applied(to: reference)
        let (output, gate) = Self.gated(damaged)
        // Every picture that passes is whole as it came, and what was dropped was damaged.
        #expect(PictureJudge(received: output, reference: damaged).allAreWhole)
        #expect(gate.picturesDropped > 5)
        #expect(gate.picturesDropped < 60)

        // A second reading finds nothing more to drop.
        let (again, secondGate) = Self.gated(output)
        #expect(again == output)
        #expect(secondGate.picturesDropped == 0)
    }

    @Test func `a gate that does not read pictures lets flipped bits pass`() throws {
        var harness = GateHarness(
            gate: PictureGate(videoPID: TransportStreamFixture.videoPID, readsPictures: false))
        let damaged = StreamDamage.bitFlips.applied(to: try Samples.bytes(.mpeg1MP2))
        harness.pass(damaged)
        #expect(harness.bytes == damaged)
    }

    @Test func `a picture whose end is not shown passes in time if it reads well to its end`() throws {
        let bytes = try Samples.bytes(.mpeg1Only)
        var analysis = Analysis()
        analysis.analyze(bytes)
        let starts = analysis.numbers(.pictureStart)
        // A picture with its last filled packet made to look full: its filling becomes zeros behind the last slice.
        let ends = analysis.numbers(.pictureEnd)
        func isFit(_ number: Int) -> Bool {
            starts[number] == ends[number - 1] + 1 && starts[number] - starts[number - 1] > 4
        }
        let number = try #require((3..<12).first(where: isFit))
        let end = starts[number] * TSPacket.size
        var packet = Array(bytes[end - TSPacket.size..<end])
        let header = PacketHeader(packet.span, at: 0)
        packet[3] &= ~0x20
        packet.removeSubrange(4..<header.payload.lowerBound)
        packet += [UInt8](repeating: 0, count: TSPacket.size - packet.count)

        for isTorn in [false, true] {
            let before = Array(bytes[..<(end - (isTorn ? 3 : 1) * TSPacket.size)])
            var harness = GateHarness()
            harness.pass(before + (isTorn ? [] : packet), nowMs: 0)
            #expect(harness.gate.isHolding)
            harness.expire(nowMs: 1_000)
            #expect(harness.gate.picturesDropped == (isTorn ? 1 : 0))
            let expected = isTorn ? Array(bytes[..<(starts[number - 1] * TSPacket.size)]) : before + packet
            #expect(harness.bytes == expected)
        }
    }
}
