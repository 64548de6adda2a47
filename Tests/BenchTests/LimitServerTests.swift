import TestSupport
import Testing
import TransportStream

@testable import Bench

/// The built `tsbench limit`, by its sockets.
@Suite struct LimitServerTests {
    /// Two seconds of pictures of many sizes with sound between them.
    private static let stream: [UInt8] = {
        var fixture = TransportStreamFixture()
        for index in 0..<50 {
            if index % 25 == 0 { fixture.appendTables() }
            fixture.appendPicture(bytes: 300 + index * 331, isRandomAccess: index % 25 == 0)
            fixture.appendAudio(bytes: 400)
        }
        return fixture.bytes
    }()

    @Test(arguments: ["read", "timer", "picture"])
    func `every tier gets every byte, and each flush is one write per viewer`(_ policy: String) throws {
        let limit = try LimitProcess("--policy", policy)
        let viewers = [
            Collector(try WebSocketClient.open(port: try limit.port("ws"))),
            Collector(try HTTPSource.open(port: try limit.port("http"), path: "/")),
            Collector(try TCPSource.open(port: try limit.port("tcp"))),
        ]
        defer { for viewer in viewers { viewer.stop() } }
        let publisher = try limit.publish()
        var random = SeededRandom(seed: 7)
        var rest = LimitServerTests.stream[...]
        var awaited = 0
        while !rest.isEmpty {
            let piece = rest.prefix([1, 100, 188, 1316, 9000].randomElement(using: &random) ?? 188)
            try publisher.send(Array(piece))
            rest = rest.dropFirst(piece.count)
            let sent = LimitServerTests.stream.count - rest.count
            // So that no viewer's socket is ever full, however slow the machine is. 43 packets and a part may wait.
            guard sent - awaited > 32_768 else { continue }
            awaited = sent
            for viewer in viewers { try viewer.waitForBytes(sent - 8300, within: 20) }
        }
        for viewer in viewers { try viewer.waitForBytes(LimitServerTests.stream.count, within: 20) }
        publisher.close()
        for viewer in viewers { #expect(viewer.received == LimitServerTests.stream) }
        let counts = try limit.stop()
        #expect(counts.count("partialWrites") == 0)
        #expect(counts.count("writes") == 3 * counts.count("flushes"))
        #expect(counts.count("bytesIn") == LimitServerTests.stream.count)
    }

    /// Packets of each frame that a viewer gets of these parts.
    ///
    /// The first part is a packet that is waited for: `picture` writes it at once, since nothing was written for so long,
    /// and all that is behind it by its rules alone.
    /// - Parameter isEach: whether each of the others is waited for before the next is sent.
    private func frames(
        _ words: [String], parts: [[UInt8]], waitingForEach isEach: Bool = true
    ) throws -> [Int] {
        let limit = try LimitProcess(words[0], words[1], words[2], words[3])
        let socket = try WebSocketClient.open(port: try limit.port("ws"))
        let viewer = Collector(socket)
        defer { viewer.stop() }
        let publisher = try limit.publish()
        var sent = 0
        for (index, part) in parts.enumerated() {
            try publisher.send(part)
            sent += part.count
            if isEach || index == 0 { try viewer.waitForBytes(sent, within: 10) }
        }
        publisher.close()
        try viewer.waitForBytes(sent, within: 10)
        #expect(viewer.received == parts.flatMap { $0 })
        return socket.messages.map { $0 / 188 }
    }

    private static let nullPacket: [UInt8] = [0x47, 0x1f, 0xff, 0x10] + [UInt8](repeating: 0xff, count: 184)
    private static let opening = [nullPacket]
    private static let slowPictures = ["--policy", "picture", "--delay", "10000"]

    private func bytes(_ make: (inout TransportStreamFixture) -> Void) -> [UInt8] {
        var fixture = TransportStreamFixture()
        fixture.appendPicture(bytes: 100, isRandomAccess: true)
        let start = fixture.bytes.count
        make(&fixture)
        return Array(fixture.bytes[start...])
    }

    @Test func `a picture's filled end is written without waiting, and what follows waits`() throws {
        // 1000 bytes are six packets, the sixth filled; the sound waits for the publisher's end.
        let picture = bytes { $0.appendPicture(bytes: 1000) }
        let sound = bytes { $0.appendAudio(bytes: 300) }
        let frames = try frames(
            LimitServerTests.slowPictures, parts: LimitServerTests.opening + [picture, sound], waitingForEach: false)
        #expect(frames == [1, picture.count / 188, sound.count / 188])
    }

    @Test func `a picture whose length is told ends with its last byte`() throws {
        let size = TransportStreamFixture.fullBytes(packets: 5)
        let picture = bytes { $0.appendPicture(bytes: size, end: .length) }
        let frames = try frames(LimitServerTests.slowPictures, parts: LimitServerTests.opening + [picture])
        #expect(frames == [1, 5])
    }

    @Test func `a picture that shows no end is written when the next one starts`() throws {
        let size = TransportStreamFixture.fullBytes(packets: 5)
        let pictures = bytes { fixture in
            for _ in 0..<3 { fixture.appendPicture(bytes: size) }
        }
        let frames = try frames(
            LimitServerTests.slowPictures, parts: LimitServerTests.opening + [pictures], waitingForEach: false)
        #expect(frames == [1, 5, 5, 5])
    }

    @Test func `43 packets do not wait for the picture's end`() throws {
        let picture = bytes { $0.appendPicture(bytes: 184 * 100) }
        let frames = try frames(LimitServerTests.slowPictures, parts: LimitServerTests.opening + [picture])
        #expect(frames == [1, 43, 43, picture.count / 188 - 86])
    }

    @Test func `what waits is written after the delay`() throws {
        let part = bytes { $0.appendAudio(bytes: 300) }
        for policy in ["timer", "picture"] {
            let frames = try frames(
                ["--policy", policy, "--delay", "40"], parts: LimitServerTests.opening + [part, part])
            #expect(frames.reduce(0, +) == 1 + 2 * part.count / 188)
        }
    }

    @Test func `the timer gathers what comes before it`() throws {
        let parts = Array(repeating: LimitServerTests.nullPacket, count: 20)
        let frames = try frames(["--policy", "timer", "--delay", "500"], parts: parts, waitingForEach: false)
        #expect(frames == [1, 19])
    }

    @Test func `each read is written by itself, without the packet that is not whole`() throws {
        let limit = try LimitProcess("--policy", "read")
        let socket = try WebSocketClient.open(port: try limit.port("ws"))
        let viewer = Collector(socket)
        defer { viewer.stop() }
        let publisher = try limit.publish()
        let packets = Array(LimitServerTests.stream.prefix(188 * 4))
        try publisher.send(Array(packets[..<288]))
        try viewer.waitForBytes(188, within: 10)
        try publisher.send(Array(packets[288...]))
        try viewer.waitForBytes(packets.count, within: 10)
        #expect(socket.messages == [188, 188 * 3])
    }

    @Test(arguments: [Samples.Kind.mpeg1MP2, .mpeg2AC3, .h264AAC, .h264BFrames, .hevcAAC])
    func `real pictures end where the analyzer sees them end`(_ kind: Samples.Kind) throws {
        let sample = Array(try Samples.bytes(kind).prefix(188 * 3000))
        let frames = try frames(
            LimitServerTests.slowPictures, parts: LimitServerTests.opening + [sample], waitingForEach: false)
        #expect(frames == [1] + LimitServerTests.chunks(of: sample))
    }

    /// Packets of each chunk by DESIGN's rule, by the analyzer that the relay has.
    private static func chunks(of bytes: [UInt8]) -> [Int] {
        var analyzer = StreamAnalyzer()
        var events: [PacketEvent] = []
        analyzer.analyze(bytes.span, into: &events)
        var flags: [Int: PacketFlags] = [:]
        for event in events { flags[Int(event.index)] = event.flags }
        var chunks: [Int] = []
        var waiting = 0
        func cut() {
            if waiting > 0 { chunks.append(waiting) }
            waiting = 0
        }
        for packet in 0..<bytes.count / 188 {
            let flags = flags[packet] ?? []
            if flags.contains(.pictureStart) { cut() }
            waiting += 1
            if flags.contains(.pictureEnd) || waiting == 43 { cut() }
        }
        cut()
        return chunks
    }
}
