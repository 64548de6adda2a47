import Testing

@testable import LoopIO

@Suite struct SendListTests {
    private let bytes = Array(0..<UInt8(200))

    /// A list of these bytes in `pieces` equal buffers.
    private func withList<Result>(pieces: Int, _ body: (SendList) throws -> Result) throws -> Result {
        try bytes.withUnsafeBytes { raw in
            let list = SendList()
            let size = raw.count / pieces
            for piece in 0..<pieces {
                list.append(UnsafeRawBufferPointer(rebasing: raw[(piece * size)..<((piece + 1) * size)]))
            }
            return try body(list)
        }
    }

    @Test(arguments: [1, 2, SendList.buffersMax])
    func `every connection gets all buffers in order, each in one send`(pieces: Int) throws {
        try withLoop { loop in
            let pairs = [try Pair(loop), try Pair(loop)]
            let inboxes = [Inbox(), Inbox()]
            for (pair, inbox) in zip(pairs, inboxes) { inbox.read(pair.far) }
            let sent = try withList(pieces: pieces) { list in
                #expect(list.isFull == (pieces == SendList.buffersMax))
                return try pairs.map { list.send(to: try #require($0.near.sendDescriptor)) }
            }
            #expect(sent == [200, 200])
            for inbox in inboxes {
                loop.expect { inbox.bytes.count >= 200 }
                #expect(inbox.bytes == bytes)
            }
        }
    }

    @Test func `a full kernel takes nothing, and waits for nobody`() throws {
        try withLoop { loop in
            let pair = try Pair(loop)
            pair.near.setSendBuffer(bytes: 16 << 10)
            let descriptor = try #require(pair.near.sendDescriptor)
            let big = [UInt8](repeating: 7, count: 1 << 20)
            let list = SendList()
            big.withUnsafeBytes { raw in
                list.append(raw)
                var taken = list.send(to: descriptor)
                #expect(taken > 0 && taken < big.count)
                for _ in 0..<100 where taken > 0 { taken = list.send(to: descriptor) }
                #expect(taken == 0)
            }
        }
    }

    @Test func `a peer that has gone is a failure and no signal`() throws {
        try withLoop { loop in
            let pair = try Pair(loop)
            let inbox = Inbox()
            inbox.read(pair.near)
            pair.far.closeWithReset()
            loop.expect { inbox.failure != nil || inbox.hasEnded }
            let descriptor = try #require(pair.near.sendDescriptor)
            let sent = try withList(pieces: 1) { list in [list.send(to: descriptor), list.send(to: descriptor)] }
            #expect(sent.allSatisfy { $0 < 0 })
        }
    }

    @Test func `a connection says that it closes before its descriptor can be another's`() throws {
        try withLoop { loop in
            let pair = try Pair(loop)
            var told = 0
            pair.near.onClosing = {
                told += 1
                #expect(pair.near.sendDescriptor == nil)
            }
            pair.near.close()
            pair.near.close()
            #expect(told == 1)
        }
    }

    @Test func `an empty buffer is no buffer`() {
        let list = SendList()
        list.append(UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(list.totalBytes == 0 && !list.isFull)
    }
}
