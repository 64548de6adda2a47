import Glibc
import Testing

@testable import LoopIO

@Suite struct VanishedPeerTests {
    /// From here on the kernel throws away every segment for this socket, as if its machine were gone: it acknowledges
    /// nothing, and sends no FIN and no reset. One instruction of the classic packet filter, "take 0 bytes".
    private static func vanish(_ descriptor: Int32) -> Bool {
        // struct sock_filter { u16 code; u8 jt, jf; u32 k; } and struct sock_fprog { u16 len; sock_filter *filter; }
        var instruction: (code: UInt16, jumps: UInt16, k: UInt32) = (6, 0, 0)
        return withUnsafeMutablePointer(to: &instruction) { filter in
            var program: (count: UInt64, filter: UnsafeMutableRawPointer) = (1, UnsafeMutableRawPointer(filter))
            let bytes = socklen_t(MemoryLayout.size(ofValue: program))
            return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, bytes) == 0
        }
    }

    @Test func `a peer whose machine takes nothing any more has vanished`() throws {
        try withLoop { loop in
            let pair = try Pair(loop)
            #expect(Self.vanish(try #require(pair.far.descriptor)))
            try pair.near.write([1, 2, 3])
            #expect(!pair.near.hasPeerVanished(withinMs: 300))
            let startMs = loop.nowMs
            #expect(loop.run(until: { pair.near.hasPeerVanished(withinMs: 300) }, timeoutMs: 5000))
            #expect(loop.nowMs - startMs >= 300)
            withExtendedLifetime(pair) {}
        }
    }

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
