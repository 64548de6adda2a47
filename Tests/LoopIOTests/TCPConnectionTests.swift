import Glibc
import Testing

@testable import LoopIO

@Suite struct TCPConnectionTests {
    @Test(arguments: ["127.0.0.1", "::1"])
    func `bytes arrive as they were written and both ends know one another`(host: String) throws {
        try withLoop { loop in
            let pair = try Pair(loop, address: SocketAddress(parsing: host, port: 0))
            #expect(pair.near.peer == pair.listener.localAddress)
            #expect(pair.far.peer == pair.near.local)
            #expect(pair.far.local == pair.listener.localAddress)
            let inbox = Inbox()
            inbox.read(pair.far)
            try pair.near.write([1, 2, 3])
            loop.expect { inbox.bytes == [1, 2, 3] }
            #expect(pair.near.bytesWritten == 3)
            #expect(pair.far.bytesRead == 3)
        }
    }

    @Test func `several buffers go out in one write and in order`() throws {
        try withLoop { loop in
            let pair = try Pair(loop)
            let inbox = Inbox()
            inbox.read(pair.far)
            let bytes = Array(0..<UInt8(20))
            let taken = try bytes.withUnsafeBytes { raw throws -> Int in
                let pieces = (0..<10).map { UnsafeRawBufferPointer(rebasing: raw[($0 * 2)..<($0 * 2 + 2)]) }
                return try pieces.withUnsafeBufferPointer { try pair.near.tryWrite($0) }
            }
            #expect(taken == 16, "the first eight buffers")
            loop.expect { inbox.bytes == Array(0..<16) }
        }
    }

    @Test func `a stalled reader stops tryWrite, and writeRest completes when it reads`() throws {
        final class Owner {}
        try withLoop { loop in
            let pair = try Pair(loop)
            pair.near.setSendBuffer(bytes: 16 << 10)
            let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
                for index in 0..<buffer.count { buffer[index] = UInt8(truncatingIfNeeded: index &* 7 >> 3) }
                count = buffer.count
            }
            let inbox = Inbox()
            var sent: [UInt8] = []
            var owner: Owner? = Owner()
            weak let watched = owner
            var written = 0
            pair.near.onWritten = { error in
                #expect(error == nil)
                written += 1
            }
            try bytes.withUnsafeBytes { raw in
                var taken = 0
                repeat {
                    taken = try pair.near.tryWrite(raw)
                    sent += bytes[..<taken]
                } while taken > 0
                sent += bytes
                try pair.near.writeRest(raw, owner: #require(owner))
                owner = nil
                #expect(pair.near.isWriting)
                #expect(watched != nil)
                #expect(try pair.near.tryWrite(raw) == 0, "a write is queued")
                #expect(!loop.run(until: { written > 0 }, timeoutMs: 20), "nobody reads")
                inbox.read(pair.far)
                loop.expect { written == 1 && inbox.bytes.count == sent.count }
            }
            #expect(watched == nil, "the owner is let go")
            #expect(!pair.near.isWriting)
            #expect(inbox.bytes == sent)
            #expect(pair.near.bytesWritten == UInt64(sent.count))
        }
    }

    @Test func `a half-closed connection still sends the other way`() throws {
        try withLoop { loop in
            let pair = try Pair(loop)
            let near = Inbox()
            let far = Inbox()
            near.read(pair.near)
            far.read(pair.far)
            var isShut = false
            pair.near.shutdown { error in
                #expect(error == nil)
                isShut = true
            }
            loop.expect { far.hasEnded && isShut }
            #expect(far.failure == nil)
            #expect(!near.hasEnded)
            try pair.far.write([9, 8])
            loop.expect { near.bytes == [9, 8] }
            #expect(throws: IOError.self) { try pair.near.write([1]) }
        }
    }

    @Test func `a queued write is sent before the end`() throws {
        try withLoop { loop in
            let pair = try Pair(loop)
            pair.near.setSendBuffer(bytes: 16 << 10)
            let bytes = [UInt8](repeating: 7, count: 4 << 20)
            try pair.near.write(bytes)
            try pair.near.write([1, 2])
            #expect(pair.near.isWriting)
            pair.near.shutdown()
            let inbox = Inbox()
            inbox.read(pair.far)
            loop.expect { inbox.hasEnded }
            #expect(inbox.bytes.count == bytes.count + 2)
            #expect(inbox.bytes.suffix(3) == [7, 1, 2])
        }
    }

    @Test func `no segment is so long that a receiver's window cannot take it`() throws {
        try withLoop { loop in
            for source in [nil, SocketAddress.loopbackIPv4] {
                let pair = try Pair(loop, source: source)
                for end in [pair.near, pair.far] {
                    let descriptor = try #require(end.descriptor)
                    let bytes = try SocketOptions.get(descriptor, level: Int32(IPPROTO_TCP), option: TCP_MAXSEG)
                    #expect(bytes > 1400 && bytes <= SocketOptions.segmentBytesMax)
                }
            }
        }
    }

    @Test func `neither a peer that does not read nor silence before a write means that a peer has vanished`() throws {
        try withLoop { loop in
            let stalled = try Pair(loop)
            let quiet = try Pair(loop)
            stalled.near.setSendBuffer(bytes: 16 << 10)
            try stalled.near.write([UInt8](repeating: 1, count: 8 << 20))
            #expect(!loop.run(until: { stalled.near.hasPeerVanished(withinMs: 100) }, timeoutMs: 400))
            // Nobody said anything for 400 ms; bytes that have just been sent say nothing about that.
            try quiet.near.write([1])
            #expect(!quiet.near.hasPeerVanished(withinMs: 100))
            #expect(!loop.run(until: { quiet.near.hasPeerVanished(withinMs: 100) }, timeoutMs: 200))
            quiet.near.close()
            #expect(!quiet.near.hasPeerVanished(withinMs: 0))
        }
    }

    // MARK: Orders of events

    @Test func `close while connecting`() throws {
        try withLoop { loop in
            let listener = try TCPListener(loop: loop, address: .loopbackIPv4) { $0.close() }
            var results = 0
            let connection = try TCPConnection.connect(loop: loop, to: listener.localAddress) { _ in results += 1 }
            var isClosed = false
            connection.onClosed = { isClosed = true }
            connection.close()
            connection.close()
            loop.expect { isClosed }
            #expect(results == 0)
        }
    }

    @Test func `close in the read callback`() throws {
        try withLoop { loop in
            let pair = try Pair(loop)
            var reads = 0
            pair.far.startReading(
                onRead: { _ in
                    reads += 1
                    pair.far.close()
                }, onEnd: { _ in Issue.record("no end after close") })
            let inbox = Inbox()
            inbox.read(pair.near)
            try pair.near.write([UInt8](repeating: 1, count: 300_000))
            loop.expect { inbox.hasEnded }
            #expect(reads == 1)
        }
    }

    @Test func `close with writes in flight lets their owners go and calls nobody`() throws {
        final class Owner {}
        try withLoop { loop in
            let pair = try Pair(loop)
            pair.near.setSendBuffer(bytes: 16 << 10)
            let bytes = [UInt8](repeating: 1, count: 4 << 20)
            var owner: Owner? = Owner()
            weak let watched = owner
            var isClosed = false
            pair.near.onWritten = { _ in Issue.record("called after close") }
            pair.near.onClosed = { isClosed = true }
            try pair.near.write(bytes)
            try bytes.withUnsafeBytes { try pair.near.writeRest($0, owner: #require(owner)) }
            pair.near.shutdown { _ in Issue.record("called after close") }
            owner = nil
            pair.near.close()
            #expect(watched != nil)
            loop.expect { isClosed && watched == nil }
        }
    }

    @Test func `a peer that resets is an error of the reader and of the writer`() throws {
        try withLoop { loop in
            let pair = try Pair(loop)
            let inbox = Inbox()
            inbox.read(pair.near)
            pair.far.closeWithReset()
            loop.expect { inbox.hasEnded }
            #expect(inbox.failure?.isPeerGone == true)
            #expect(inbox.failure?.name == "ECONNRESET")
            #expect(throws: IOError.self) { try pair.near.write([1]) }
        }
    }

    @Test func `a dial that nobody answers fails once and closes`() throws {
        try withLoop { loop in
            let free = try TCPListener.probe(.loopbackIPv4)
            var failures: [IOError?] = []
            let connection = try TCPConnection.connect(loop: loop, to: free) { failures.append($0) }
            loop.expect { !failures.isEmpty }
            #expect(failures.count == 1)
            #expect(failures.first??.name == "ECONNREFUSED")
            #expect(connection.isClosed)
        }
    }

    @Test func `reading stops and starts again where it stopped`() throws {
        try withLoop { loop in
            let pair = try Pair(loop)
            let inbox = Inbox()
            inbox.read(pair.far)
            pair.far.stopReading()
            try pair.near.write([1, 2, 3])
            #expect(!loop.run(until: { !inbox.bytes.isEmpty }, timeoutMs: 20))
            inbox.read(pair.far)
            loop.expect { inbox.bytes == [1, 2, 3] }
        }
    }

    @Test func `a new reader takes over inside the old one's callback`() throws {
        try withLoop { loop in
            let pair = try Pair(loop)
            let second = Inbox()
            var first = 0
            pair.far.startReading(
                onRead: { _ in
                    first += 1
                    second.read(pair.far)
                }, onEnd: { _ in })
            try pair.near.write([1])
            loop.expect { first == 1 }
            try pair.near.write([2])
            pair.near.shutdown()
            loop.expect { second.hasEnded }
            #expect(second.bytes == [2])
        }
    }

    @Test func `a second rest traps`() async {
        await #expect(processExitsWith: .failure) {
            let loop = try EventLoop()
            let pair = try Pair(loop)
            let bytes = [UInt8](repeating: 1, count: 8 << 20)
            try bytes.withUnsafeBytes { raw in
                try pair.near.writeRest(raw, owner: loop)
                try pair.near.writeRest(raw, owner: loop)
            }
        }
    }
}
