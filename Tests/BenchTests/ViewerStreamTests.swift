import HTTP1
import TestSupport
import Testing
import WebSocket

@testable import Bench

@Suite struct ViewerStreamTests {
    /// Frames or chunks around runs of packets, each run cut anywhere.
    private static func framed(_ bytes: [UInt8], _ framing: ViewerStream.Framing, _ random: inout SeededRandom)
        -> [UInt8]
    {
        guard framing != .bare else { return bytes }
        var output: [UInt8] = []
        var rest = bytes[...]
        var isFirst = true
        while !rest.isEmpty {
            let largest = [100, 1000, 70_000][Int.random(in: 0..<3, using: &random)]
            let piece = Array(rest.prefix(Int.random(in: 1...largest, using: &random)))
            rest = rest.dropFirst(piece.count)
            if framing == .chunked {
                ChunkedEncoder.append(piece.span, to: &output)
            } else {
                let isFinal = rest.isEmpty || Bool.random(using: &random)
                FrameWriter.append(isFirst ? .binary : .continuation, piece.span, isFinal: isFinal, to: &output)
                isFirst = isFinal
                if isFinal { FrameWriter.append(.ping, [1, 2, 3].span, to: &output) }
            }
        }
        if framing == .chunked { output += Array("0\r\nA: b\r\n\r\n".utf8) }
        return output
    }

    @Test(arguments: [ViewerStream.Framing.bare, .webSocket, .chunked])
    func `any cut gives the same packets`(_ framing: ViewerStream.Framing) throws {
        let stream = try StreamPackets(2000)
        for seed in 0..<12 {
            var random = SeededRandom(seed: UInt64(seed))
            let bytes = Self.framed(stream.bytes, framing, &random)
            var viewer = ViewerStream(framing)
            var delays = DelayHistogram()
            var pings = 0
            var rest = bytes[...]
            let largest = [1, 3, 190, 5000, 65_536][seed % 5]
            while !rest.isEmpty {
                let piece = Array(rest.prefix(Int.random(in: 1...largest, using: &random)))
                rest = rest.dropFirst(piece.count)
                pings += try viewer.take(piece.span, nowUs: 0, delays: &delays).filter { $0 == .ping([1, 2, 3]) }.count
            }
            #expect(viewer.checker.packets == 2000)
            #expect(viewer.checker.lost == 0 && viewer.checker.damaged == 0 && viewer.bytesSkipped == 0)
            #expect(viewer.isFinished == (framing == .chunked))
            #expect((pings > 0) == (framing == .webSocket))
        }
    }

    @Test func `bytes that are missing tear their packets alone`() throws {
        let bytes = try StreamPackets(1000).bytes
        for (place, count) in [(18_800, 188), (18_850, 10), (18_850, 188), (18_801, 400), (20_000, 1)] {
            var viewer = ViewerStream(.bare)
            var delays = DelayHistogram()
            let torn = Array(bytes[..<place] + bytes[(place + count)...])
            _ = try viewer.take(torn.span, nowUs: 0, delays: &delays)
            let whole = (count + 187) / 188
            let bad = Int(viewer.checker.lost + viewer.checker.damaged)
            #expect((whole...whole + 2).contains(bad), "\(count) bytes at \(place): \(bad)")
        }
    }

    @Test(
        arguments: [
            ([0x82, 0x80, 1, 2, 3, 4], StreamFault.maskedFrame), ([0x81, 1, 0x20], .textFrame), ([0xc2, 0], .badFrame),
            ([0x83, 0], .badFrame), ([0x09, 0], .badFrame), ([0x89, 126], .badFrame), ([0x82, 127, 0x80], .badFrame),
        ] as [([UInt8], StreamFault)])
    func `frames that no server of a stream sends are faults`(_ bytes: [UInt8], _ fault: StreamFault) {
        for cut in 0..<bytes.count {
            var viewer = ViewerStream(.webSocket)
            var delays = DelayHistogram()
            #expect(throws: fault) {
                _ = try viewer.take(Array(bytes[..<cut]).span, nowUs: 0, delays: &delays)
                _ = try viewer.take(Array(bytes[cut...]).span, nowUs: 0, delays: &delays)
            }
        }
    }

    @Test(arguments: ["x\r\n", "\r\n", "3\rabc", "1\r\nab\r\n", "1\r\na\rb", "fffffffffffffffff\r\n", "3 abc;\r\n "])
    func `chunks that are none are faults`(_ text: String) {
        var viewer = ViewerStream(.chunked)
        var delays = DelayHistogram()
        let bytes = Array(text.utf8)
        guard text != "3 abc;\r\n " else {
            // An extension, whose content nobody needs.
            #expect(throws: Never.self) { try viewer.take(bytes.span, nowUs: 0, delays: &delays) }
            return
        }
        #expect(throws: StreamFault.badChunk) { try viewer.take(bytes.span, nowUs: 0, delays: &delays) }
    }

    @Test func `a close frame is told with its code`() throws {
        var viewer = ViewerStream(.webSocket)
        var delays = DelayHistogram()
        var bytes: [UInt8] = []
        FrameWriter.appendClose(.goingAway, reason: "bye", to: &bytes)
        #expect(try viewer.take(bytes.span, nowUs: 0, delays: &delays) == [.close(1001)])
        #expect(try viewer.take([0x88, 0].span, nowUs: 0, delays: &delays) == [.close(1005)])
    }
}
