import Testing

@testable import LoopIO

@Suite struct VanishedPeerTests {
    @Test func `a peer that does not read has not vanished, also where its kernel throws bytes away`() throws {
        try withLoop { loop in
            let pair = try Pair(loop)
            // Smaller than the window that it has promised: what comes beyond is sent again and again.
            pair.far.setReceiveBuffer(bytes: 4096)
            let bytes = [UInt8](repeating: 0x47, count: 4 << 20)
            try pair.near.write(bytes)
            var isSeenAsGone = false
            _ = loop.run(
                until: {
                    isSeenAsGone = isSeenAsGone || pair.near.hasPeerVanished(withinMs: 250)
                    return isSeenAsGone
                }, timeoutMs: 4000)
            #expect(!isSeenAsGone && pair.near.isWriting)
            withExtendedLifetime(pair) {}
        }
    }
}
