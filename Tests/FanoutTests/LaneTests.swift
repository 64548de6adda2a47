import Fanout
import Testing
import TransportStream

@Suite struct LaneTests {
    /// Everything a view holds from `offset` on.
    private func bytes(_ view: LaneView, from offset: Int64) -> [UInt8] {
        var out: [UInt8] = []
        var at = offset
        while at < view.headOffset {
            let index = view.segmentIndex(of: at)
            let end = view.endOffset(ofSegment: index)
            out += Array(view.segments[index].buffer(from: at, to: end))
            at = end
        }
        return out
    }

    private func mark(_ position: Int, _ arrivalMs: Int64 = 0, _ flags: ChunkFlags = []) -> ChunkMark {
        ChunkMark(position: UInt64(position), arrivalMs: arrivalMs, flags: flags)
    }

    @Test func `a bare lane gives back packet for packet what went in, over many segments`() {
        var lane = Lane(framing: .bare)
        var sent: [UInt8] = []
        for chunk in 0..<200 {
            let packets = Packets.numbered(chunk * 43, count: 43)
            lane.append(packets.span, mark(chunk * 43), tables: [])
            sent += packets
        }
        #expect(lane.view.segments.count > 20)
        #expect(bytes(lane.view, from: 0) == sent)
    }

    @Test(arguments: [1, 2, 7, 43, 300, 347])
    func `a WebSocket lane holds whole binary frames of whole packets`(packetsPerChunk: Int) {
        var lane = Lane(framing: .webSocket)
        for chunk in 0..<100 {
            let packets = Packets.numbered(chunk * packetsPerChunk, count: packetsPerChunk)
            lane.append(packets.span, mark(chunk * packetsPerChunk), tables: [])
        }
        var numbers: [Int] = []
        for segment in lane.view.segments.indices {
            let from = lane.view.segments[segment].startOffset
            let to = lane.view.endOffset(ofSegment: segment)
            var rest = Array(lane.view.segments[segment].buffer(from: from, to: to))[...]
            while let first = rest.first {
                #expect(first == 0x82)
                let at = rest.startIndex
                #expect(rest[at + 1] == 126)
                let length = Int(rest[at + 2]) << 8 | Int(rest[at + 3])
                numbers += Packets.numbers(Array(rest[(at + 4)..<(at + 4 + length)]))
                rest = rest[(at + 4 + length)...]
            }
        }
        #expect(numbers == Array(0..<100 * packetsPerChunk))
    }

    @Test func `an HTTP lane holds chunks of the chunked coding`() {
        var lane = Lane(framing: .httpChunk)
        lane.append(Packets.numbered(0, count: 1).span, mark(0), tables: [])
        lane.append(Packets.numbered(1, count: 43).span, mark(1), tables: [])
        let crlf: [UInt8] = [13, 10]
        let expected =
            Array("bc".utf8) + crlf + Packets.numbered(0, count: 1) + crlf + Array("1f94".utf8) + crlf
            + Packets.numbered(1, count: 43) + crlf
        #expect(bytes(lane.view, from: 0) == expected)
    }

    @Test(arguments: [Framing.bare, .webSocket, .httpChunk])
    func `a frame in an array and a frame in a segment are the same bytes`(framing: Framing) {
        for count in [1, 2, 21, 43] {
            let packets = Packets.numbered(0, count: count)
            var lane = Lane(framing: framing)
            lane.append(packets.span, mark(0), tables: [])
            var framed: [UInt8] = []
            framing.append(frame: packets, to: &framed)
            #expect(bytes(lane.view, from: 0) == framed)
            #expect(framing.overheadBytes(for: packets.count) == framed.count - packets.count)
        }
    }

    @Test func `a start is where the last random access point is, and brings its tables`() {
        var lane = Lane(framing: .webSocket)
        lane.append(Packets.numbered(0, count: 5).span, mark(0), tables: [])
        let head = lane.view.headOffset
        let tables = Packets.numbered(900, count: 2, pid: 0)
        lane.append(Packets.numbered(5, count: 3).span, mark(5, 70, [.randomAccess, .startsPicture]), tables: tables)
        #expect(lane.view.start?.offset == head)
        #expect(lane.view.start?.arrivalMs == 70)
        #expect(lane.view.start?.preamble.count == tables.count + 4)
    }

    @Test func `trimming keeps the start, and what a viewer within its lag may still need`() {
        var lane = Lane(framing: .bare)
        for chunk in 0..<400 {
            let flags: ChunkFlags = chunk == 200 ? [.randomAccess, .startsPicture] : []
            lane.append(Packets.numbered(chunk * 43, count: 43).span, mark(chunk * 43, Int64(chunk), flags), tables: [])
        }
        lane.trim(keepingSince: 390, bytes: 1 << 20, startBytes: 16 << 20)
        let start = lane.view.start?.offset ?? -1
        #expect(lane.view.startOffset <= start && start - lane.view.startOffset < Int64(Segment.capacityBytes))
        lane.forgetStart()
        lane.trim(keepingSince: 390, bytes: 16 << 20, startBytes: 16 << 20)
        #expect(lane.view.entry(atOrAfter: lane.view.startOffset)?.mark.arrivalMs ?? 999 <= 390)
        #expect(lane.view.segments.count <= 4)
    }

    @Test func `a start that is further back than the limit is given up and counted`() {
        var lane = Lane(framing: .bare)
        lane.append(Packets.numbered(0, count: 1).span, mark(0, 0, [.randomAccess, .startsPicture]), tables: [])
        for chunk in 0..<100 { lane.append(Packets.numbered(chunk, count: 43).span, mark(chunk), tables: []) }
        lane.trim(keepingSince: 0, bytes: 1 << 20, startBytes: 100_000)
        #expect(lane.view.start == nil)
        #expect(lane.startsDropped == 1)
    }

    @Test func `a chunk that is split at a segment's end stays one picture`() {
        var lane = Lane(framing: .bare)
        lane.append(Packets.numbered(0, count: 340).span, mark(0), tables: [])
        let whole: ChunkFlags = [.startsPicture, .endsPicture, .randomAccess]
        lane.append(Packets.numbered(340, count: 43).span, mark(340, 0, whole), tables: [])
        let first = lane.view.entry(atOrAfter: 340 * 188)
        let second = lane.view.entry(atOrAfter: 340 * 188 + 1)
        #expect(first?.mark.flags == [.startsPicture, .randomAccess])
        #expect(second?.mark.flags == [.endsPicture])
        #expect(second?.mark.position == 348)
        #expect(lane.view.pictures == 1)
    }

    /// A lane that goes on: 20 chunks a second, a random access point each second, trimmed as a stream does it.
    private func goOn(_ lane: inout Lane, from first: Int, chunks: Int, _ body: (LaneView) -> Void) {
        for chunk in first..<first + chunks {
            let flags: ChunkFlags = chunk % 20 == 0 ? [.randomAccess, .startsPicture] : []
            let now = Int64(chunk) * 50
            lane.append(Packets.numbered(chunk * 43, count: 43).span, mark(chunk * 43, now, flags), tables: [])
            lane.trim(keepingSince: now - 2000, bytes: 4 << 20, startBytes: 16 << 20)
            body(lane.view)
        }
    }

    @Test func `a follower holds what the lane holds after every chunk, however late it looks`() {
        var lane = Lane(framing: .webSocket)
        var steady = LaneView()
        var late = LaneView()
        var chunks = 0
        goOn(&lane, from: 0, chunks: 400) { view in
            steady.follow(view)
            #expect(steady.startOffset == view.startOffset && steady.headOffset == view.headOffset)
            #expect(steady.segments.count == view.segments.count && steady.start?.offset == view.start?.offset)
            chunks += 1
            guard chunks % 97 == 0 else { return }
            late.follow(view)
            #expect((bytes(steady, from: steady.startOffset) == bytes(view, from: view.startOffset)) as Bool)
            #expect((bytes(late, from: late.startOffset) == bytes(view, from: view.startOffset)) as Bool)
        }
    }

    @Test func `a follower of another lane at the same offsets takes that lane's bytes`() {
        var first = Lane(framing: .bare)
        var second = Lane(framing: .bare)
        var view = LaneView()
        for chunk in 0..<20 { first.append(Packets.numbered(chunk, count: 43).span, mark(chunk), tables: []) }
        for chunk in 0..<20 { second.append(Packets.numbered(900 + chunk, count: 43).span, mark(chunk), tables: []) }
        view.follow(first.view)
        view.follow(second.view)
        #expect((bytes(view, from: 0) == bytes(second.view, from: 0)) as Bool)
        view.follow(LaneView())
        #expect(view.segments.isEmpty && view.headOffset == 0)
        view.follow(first.view)
        #expect((bytes(view, from: 0) == bytes(first.view, from: 0)) as Bool)
    }

    @Test(arguments: [(16 << 20, true), (200_000, false), (0, false)])
    func `what nobody has seen yet stays when it is asked for and not too much`(bytesMax: Int, stays: Bool) {
        var lane = Lane(framing: .bare)
        var view = LaneView()
        goOn(&lane, from: 1, chunks: 60) { _ in }
        view.follow(lane.view)
        // All history goes but the last segment, then the lane goes on: once with a segment in common, once without.
        for chunks in [0, 200] {
            goOn(&lane, from: 61, chunks: chunks) { _ in }
            lane.forgetStart()
            lane.trim(keepingSince: 1 << 40, bytes: 0, startBytes: 0)
            let before = view
            view.follow(lane.view, keeping: bytesMax)
            #expect(view.headOffset == lane.view.headOffset)
            let keeps = stays && chunks == 0
            #expect(view.startOffset == (keeps ? before.startOffset : lane.view.startOffset))
            let held = bytes(view, from: view.startOffset)
            #expect((held.suffix(1880) == bytes(lane.view, from: lane.view.startOffset).suffix(1880)) as Bool)
            #expect(Int64(held.count) == view.headOffset - view.startOffset)
        }
    }

    @Test func `a lane that goes on, and its followers, use their arrays again`() {
        var lane = Lane(framing: .bare)
        var follower = LaneView()
        var followersFollower = LaneView()
        func place(_ view: LaneView) -> UInt {
            view.segments.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        }
        var places: [Set<UInt>] = [[], [], []]
        // The first ten seconds are for growing.
        for isSteady in [false, true] {
            goOn(&lane, from: isSteady ? 200 : 0, chunks: 200) { view in
                follower.follow(view)
                followersFollower.follow(follower)
                guard isSteady else { return }
                places[0].insert(place(view))
                places[1].insert(place(follower))
                places[2].insert(place(followersFollower))
            }
        }
        #expect(places.map(\.count) == [1, 1, 1])
        #expect(Set(places.flatMap { $0 }).count == 3, "no two share an array")
        #expect(lane.view.segments.count > 3)
    }

    @Test func `a segment tells all the memory that it takes`() {
        var lane = Lane(framing: .bare)
        lane.append(Packets.numbered(0, count: 1).span, mark(0), tables: [])
        #expect(lane.memoryBytes == Segment.memoryBytes)
        #expect(Segment.memoryBytes > Segment.capacityBytes && Segment.memoryBytes < 80 << 10)
    }
}
