import Testing

@testable import LoopIO

@Suite struct DetachedSocketTests {
    @Test func `a connection goes on, on another loop, with what it had not read`() throws {
        try withLoop { loop in
            try withLoop { other in
                let pair = try Pair(loop)
                defer { pair.listener.close() }
                let near = Inbox()
                near.read(pair.near)
                let before = Inbox()
                before.read(pair.far)
                try pair.near.write([1, 2, 3])
                loop.expect { before.bytes == [1, 2, 3] }
                pair.far.stopReading()
                try pair.near.write([4, 5, 6])
                let socket = try pair.far.detach()
                #expect(pair.far.isClosed && socket.peer == pair.near.local)
                let moved = try TCPConnection(loop: other, attaching: socket)
                let after = Inbox()
                after.read(moved)
                other.expect { after.bytes == [4, 5, 6] }
                try moved.write([7, 8])
                loop.expect { near.bytes == [7, 8] }
                // The loop that it left knows nothing of it any more.
                try pair.near.write([9])
                other.expect { after.bytes == [4, 5, 6, 9] }
                #expect(before.bytes == [1, 2, 3] && !before.hasEnded && !near.hasEnded)
                moved.close()
                loop.expect { near.hasEnded }
            }
        }
    }

    @Test func `a peer that ended before the move is seen to have ended`() throws {
        try withLoop { loop in
            let pair = try Pair(loop)
            defer { pair.listener.close() }
            let before = Inbox()
            before.read(pair.far)
            pair.near.shutdown()
            loop.expect { before.hasEnded }
            let moved = try TCPConnection(loop: loop, attaching: try pair.far.detach())
            let after = Inbox()
            after.read(moved)
            loop.expect { after.hasEnded }
            moved.close()
        }
    }

    @Test func `a socket that nobody takes closes`() throws {
        try withLoop { loop in
            let pair = try Pair(loop)
            defer { pair.listener.close() }
            let near = Inbox()
            near.read(pair.near)
            var socket: DetachedSocket? = try pair.far.detach()
            loop.expect { pair.far.isClosed }
            #expect(!near.hasEnded)
            withExtendedLifetime(socket) {}
            socket = nil
            loop.expect { near.hasEnded }
        }
    }

    @Test func `a closed connection cannot be detached`() throws {
        try withLoop { loop in
            let pair = try Pair(loop)
            defer { pair.listener.close() }
            pair.far.close()
            #expect(throws: IOError.self) { try pair.far.detach() }
        }
    }
}
