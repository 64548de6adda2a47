import Fanout
import Testing
import TransportStream

@Suite struct CursorTests {
    private let rule = LagRule(msMax: 2000, bytesMax: 4 << 20)

    /// A lane of pictures of ten packets, 40 ms apart, with a random access point every `gop` pictures.
    private func lane(pictures: Range<Int>, gop: Int, into lane: inout Lane) {
        for picture in pictures {
            var flags: ChunkFlags = [.startsPicture, .endsPicture]
            if picture % gop == 0 { flags.insert(.randomAccess) }
            let mark = ChunkMark(position: UInt64(picture * 10), arrivalMs: Int64(picture) * 40, flags: flags)
            lane.append(Packets.numbered(picture * 10, count: 10).span, mark, tables: [])
        }
    }

    private func offset(ofPicture picture: Int) -> Int64 { Int64(picture * 10 * TSPacket.size) }

    private func isWait(_ plan: Cursor.Plan) -> Bool { if case .wait = plan { true } else { false } }

    @Test func `a viewer starts at the last random access point`() {
        var lane = Lane(framing: .bare)
        self.lane(pictures: 0..<30, gop: 12, into: &lane)
        var cursor = Cursor(start: .gop(bytesMax: 400_000), view: lane.view, nowMs: 1200)
        #expect(!isWait(cursor.plan(in: lane.view, nowMs: 1200, rule: rule)))
        #expect(cursor.offset == offset(ofPicture: 24))
    }

    @Test func `over its limit it waits for the next`() {
        var lane = Lane(framing: .bare)
        self.lane(pictures: 0..<30, gop: 12, into: &lane)
        var cursor = Cursor(start: .gop(bytesMax: 1000), view: lane.view, nowMs: 1200)
        #expect(isWait(cursor.plan(in: lane.view, nowMs: 1200, rule: rule)))
        self.lane(pictures: 30..<37, gop: 12, into: &lane)
        #expect(!isWait(cursor.plan(in: lane.view, nowMs: 1480, rule: rule)))
        #expect(cursor.offset == offset(ofPicture: 36))
        #expect(cursor.skips.times == 0)
    }

    @Test func `live waits for the next, raw for nothing`() {
        var lane = Lane(framing: .bare)
        self.lane(pictures: 0..<30, gop: 12, into: &lane)
        var live = Cursor(start: .live, view: lane.view, nowMs: 1200)
        var raw = Cursor(start: .raw, view: lane.view, nowMs: 1200)
        self.lane(pictures: 30..<40, gop: 12, into: &lane)
        #expect(!isWait(live.plan(in: lane.view, nowMs: 1600, rule: rule)))
        #expect(live.offset == offset(ofPicture: 36))
        #expect(!isWait(raw.plan(in: lane.view, nowMs: 1600, rule: rule)))
        #expect(raw.offset == offset(ofPicture: 30))
    }

    @Test func `a viewer that falls behind finishes its picture and goes on at a fresh random access point`() {
        var lane = Lane(framing: .bare)
        self.lane(pictures: 0..<13, gop: 12, into: &lane)
        var cursor = Cursor(start: .gop(bytesMax: 400_000), view: lane.view, nowMs: 520)
        _ = cursor.plan(in: lane.view, nowMs: 520, rule: rule)
        cursor.advance(to: offset(ofPicture: 12) + 188)  // in the middle of picture 12
        self.lane(pictures: 13..<100, gop: 12, into: &lane)
        guard case .tail(let tail) = cursor.plan(in: lane.view, nowMs: 4000, rule: rule) else {
            Issue.record("it is behind and must finish its picture")
            return
        }
        #expect(tail.headOffset == offset(ofPicture: 13))
        cursor.advance(to: tail.headOffset)
        #expect(!isWait(cursor.plan(in: lane.view, nowMs: 4000, rule: rule)))
        #expect(cursor.offset == offset(ofPicture: 96))
        #expect(cursor.skips == Cursor.Skips(times: 1, pictures: 83))
    }

    @Test func `without a fresh random access point it waits at the head`() {
        var lane = Lane(framing: .bare)
        self.lane(pictures: 0..<200, gop: 1000, into: &lane)
        var cursor = Cursor(start: .gop(bytesMax: 40 << 20), view: lane.view, nowMs: 0)
        _ = cursor.plan(in: lane.view, nowMs: 0, rule: rule)
        cursor.advance(to: offset(ofPicture: 3))
        #expect(isWait(cursor.plan(in: lane.view, nowMs: 12_000, rule: rule)))
        self.lane(pictures: 200..<1001, gop: 1000, into: &lane)
        #expect(!isWait(cursor.plan(in: lane.view, nowMs: 40_000, rule: rule)))
        #expect(cursor.offset == offset(ofPicture: 1000))
        #expect(cursor.skips == Cursor.Skips(times: 1, pictures: 997))
    }

    @Test func `what a cursor that does not move has lost counts at once, never falls, and is not counted twice`() {
        var lane = Lane(framing: .bare)
        self.lane(pictures: 0..<13, gop: 12, into: &lane)
        var cursor = Cursor(start: .gop(bytesMax: 400_000), view: lane.view, nowMs: 520)
        _ = cursor.plan(in: lane.view, nowMs: 520, rule: rule)
        cursor.advance(to: offset(ofPicture: 12) + 188)  // in the middle of picture 12
        var last: UInt64 = 0
        for picture in 13..<150 {
            self.lane(pictures: picture..<picture + 1, gop: 12, into: &lane)
            if picture == 100 {
                let old = lane.view
                lane.trim(keepingSince: 3900, bytes: 4 << 20, startBytes: 16 << 20)
                cursor.laneWillDrop(from: old, newStart: lane.view.startOffset)
            }
            let skips = cursor.skips(in: lane.view, nowMs: Int64(picture) * 40, rule: rule)
            #expect(skips.pictures >= last)
            // Its next whole frame is picture 13, and it started 40 ms behind the head.
            #expect(skips.times == ((picture - 13) * 40 > 2040 ? 1 : 0))
            // Lost is what lies before the random access point that it would go to.
            if skips.times > 0 { #expect(skips.pictures == UInt64(picture / 12 * 12 - 13)) }
            last = skips.pictures
        }
        #expect(cursor.skips.pictures == 0)
        guard case .tail(let tail) = cursor.plan(in: lane.view, nowMs: 5960, rule: rule) else {
            Issue.record("it is behind and must finish its picture")
            return
        }
        cursor.advance(to: tail.headOffset)
        _ = cursor.plan(in: lane.view, nowMs: 5960, rule: rule)
        #expect(cursor.offset == offset(ofPicture: 144))
        #expect(cursor.skips == Cursor.Skips(times: 1, pictures: last))
        #expect(cursor.skips(in: lane.view, nowMs: 5960, rule: rule) == cursor.skips)
    }

    @Test func `a cursor that waits at the head for a random access point counts what passes by`() {
        var lane = Lane(framing: .bare)
        self.lane(pictures: 0..<200, gop: 1000, into: &lane)
        var cursor = Cursor(start: .gop(bytesMax: 40 << 20), view: lane.view, nowMs: 0)
        _ = cursor.plan(in: lane.view, nowMs: 0, rule: rule)
        cursor.advance(to: offset(ofPicture: 3))
        #expect(isWait(cursor.plan(in: lane.view, nowMs: 12_000, rule: rule)))
        #expect(cursor.skips(in: lane.view, nowMs: 12_000, rule: rule).pictures == 197)
        self.lane(pictures: 200..<300, gop: 1000, into: &lane)
        #expect(cursor.skips(in: lane.view, nowMs: 16_000, rule: rule).pictures == 297)
    }

    @Test func `a newcomer that waits has skipped nothing`() {
        var lane = Lane(framing: .bare)
        let cursor = Cursor(start: .live, view: lane.view, nowMs: 0)
        self.lane(pictures: 0..<200, gop: 1000, into: &lane)
        #expect(cursor.skips(in: lane.view, nowMs: 8000, rule: rule) == Cursor.Skips())
    }

    @Test func `the rest of a picture outlives the lane's memory of it`() {
        var lane = Lane(framing: .bare)
        self.lane(pictures: 0..<10, gop: 5, into: &lane)
        var cursor = Cursor(start: .gop(bytesMax: 400_000), view: lane.view, nowMs: 400)
        _ = cursor.plan(in: lane.view, nowMs: 400, rule: rule)
        cursor.advance(to: offset(ofPicture: 6) + 376)
        let old = lane.view
        self.lane(pictures: 10..<1000, gop: 5, into: &lane)
        lane.trim(keepingSince: 39_000, bytes: 4 << 20, startBytes: 16 << 20)
        #expect(lane.view.startOffset > offset(ofPicture: 7))
        cursor.laneWillDrop(from: old, newStart: lane.view.startOffset)
        guard case .tail(let tail) = cursor.plan(in: lane.view, nowMs: 40_000, rule: rule) else {
            Issue.record("the rest of the picture is due")
            return
        }
        let rest = tail.segments[0].buffer(from: cursor.offset, to: tail.headOffset)
        #expect(Packets.numbers(Array(rest)) == Array(62..<70))
    }

    @Test func `bytes alone make a viewer late too`() {
        var lane = Lane(framing: .bare)
        self.lane(pictures: 0..<100, gop: 50, into: &lane)
        let tight = LagRule(msMax: 1_000_000, bytesMax: 50_000)
        var cursor = Cursor(start: .raw, view: LaneView(), nowMs: 0)
        #expect(cursor.isBehind(in: lane.view, nowMs: 4000, rule: tight))
        #expect(isWait(cursor.plan(in: lane.view, nowMs: 4000, rule: tight)))
    }

    @Test func `a start far back is no lag until the head was reached`() {
        var lane = Lane(framing: .bare)
        self.lane(pictures: 0..<250, gop: 250, into: &lane)
        var cursor = Cursor(start: .gop(bytesMax: 16 << 20), view: lane.view, nowMs: 10_000)
        _ = cursor.plan(in: lane.view, nowMs: 10_000, rule: rule)
        #expect(!cursor.isBehind(in: lane.view, nowMs: 11_500, rule: rule))
        cursor.advance(to: lane.view.headOffset)
        _ = cursor.plan(in: lane.view, nowMs: 11_500, rule: rule)
        self.lane(pictures: 250..<251, gop: 250, into: &lane)
        #expect(cursor.isBehind(in: lane.view, nowMs: 10_000 + 2001, rule: rule))
    }

    @Test func `the last picture of a leaving viewer is whole`() {
        var lane = Lane(framing: .bare)
        self.lane(pictures: 0..<5, gop: 5, into: &lane)
        var cursor = Cursor(start: .gop(bytesMax: 400_000), view: lane.view, nowMs: 200)
        _ = cursor.plan(in: lane.view, nowMs: 200, rule: rule)
        cursor.advance(to: offset(ofPicture: 2) + 188)
        cursor.finishPicture(in: lane.view)
        #expect(!cursor.isFinished)
        guard case .tail(let tail) = cursor.plan(in: lane.view, nowMs: 200, rule: rule) else {
            Issue.record("the rest of the picture is due")
            return
        }
        cursor.advance(to: tail.headOffset)
        #expect(cursor.isFinished && cursor.offset == offset(ofPicture: 3))
    }

    @Test func `a stream that shows no pictures may be joined anywhere`() {
        var lane = Lane(framing: .bare)
        lane.append(Packets.numbered(0, count: 5).span, ChunkMark(position: 0, arrivalMs: 0, flags: []), tables: [])
        var cursor = Cursor(start: .gop(bytesMax: 400_000), view: lane.view, nowMs: 0)
        #expect(isWait(cursor.plan(in: lane.view, nowMs: 0, rule: rule)))
        lane.setOpaque(true)
        #expect(isWait(cursor.plan(in: lane.view, nowMs: 0, rule: rule)))
        lane.append(Packets.numbered(5, count: 5).span, ChunkMark(position: 5, arrivalMs: 0, flags: []), tables: [])
        #expect(!isWait(cursor.plan(in: lane.view, nowMs: 0, rule: rule)))
        #expect(cursor.offset == Int64(5 * TSPacket.size))
    }
}
