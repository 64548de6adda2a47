import Testing

@testable import LoopIO

@Suite struct ThreadClockTests {
    @Test func `a thread's processor time grows while it works, and no faster than the clock`() {
        let before = ThreadClock.cpuNs
        let startUs = monotonicUs()
        var sum: UInt64 = 1
        // On a busy machine it takes long until the thread had five milliseconds.
        while ThreadClock.cpuNs - before < 5_000_000, monotonicUs() - startUs < 20_000_000 { sum = sum &* 3 &+ 1 }
        #expect(sum != 0)
        let used = ThreadClock.cpuNs - before
        #expect(used >= 5_000_000)
        #expect(used <= (monotonicUs() - startUs) * 1000 + 1_000_000)
    }

    @Test func `a thread waits while another has its processor`() throws {
        var waited: [Int64] = []
        let other = try EventLoop()
        let mailbox = other.mailbox
        // SAFETY: used on its own thread alone from here on.
        nonisolated(unsafe) let farLoop = other
        mailbox.post { farLoop.stop() }
        func work() {
            guard (try? ThreadClock.pin(to: [0])) != nil else { return }
            let startUs = monotonicUs()
            while monotonicUs() - startUs < 100_000 {}
        }
        let rival = try LoopThread(running: other, setUp: work)
        try Self.onThread {
            let before = ThreadClock.waitedNs
            work()
            waited.append(ThreadClock.waitedNs - before)
        }
        rival.join()
        #expect(waited.first ?? 0 > 1_000_000)
    }

    /// Runs the body on a thread of its own.
    private static func onThread(_ body: @escaping () -> Void) throws {
        let loop = try EventLoop()
        let mailbox = loop.mailbox
        // SAFETY: used on its own thread alone from here on.
        nonisolated(unsafe) let farLoop = loop
        mailbox.post { farLoop.stop() }
        try LoopThread(running: loop, setUp: body).join()
    }

    @Test func `a pinned thread runs where it was told`() throws {
        var status = ""
        try Self.onThread {
            guard (try? ThreadClock.pin(to: [0])) != nil else { return }
            status = String(decoding: (try? readFile("/proc/thread-self/status")) ?? [], as: UTF8.self)
        }
        #expect(status.contains("Cpus_allowed_list:\t0\n"))
    }

    @Test func `processors that the machine has not are refused`() throws {
        var failure: IOError?
        try Self.onThread { do throws(IOError) { try ThreadClock.pin(to: [1023]) } catch { failure = error } }
        #expect(failure?.name == "EINVAL")
    }

    @Test func `a loop that never sleeps turns without anything to do`() throws {
        try withLoop { loop in
            var turns = 0
            let hook = try PrepareHook(loop: loop) {
                turns += 1
                if turns == 1000 { loop.stop() }
            }
            loop.neverSleeps = true
            loop.run()
            #expect(turns == 1000)
            hook.close()
        }
    }

    @Test func `a dial comes from the address that was asked for`() throws {
        try withLoop { loop in
            var accepted: TCPConnection?
            let listener = try TCPListener(loop: loop, address: .loopbackIPv4) { accepted = $0 }
            let source = try SocketAddress(parsing: "127.0.0.9", port: 0)
            var isConnected = false
            let near = try TCPConnection.connect(loop: loop, to: listener.localAddress, from: source) {
                isConnected = $0 == nil
            }
            loop.expect { isConnected && accepted != nil }
            #expect(accepted?.peer.hostDescription == "127.0.0.9")
            #expect(near.local?.port == accepted?.peer.port)
        }
    }

    @Test func `a source that is not this machine's is refused`() throws {
        try withLoop { loop in
            let source = try SocketAddress(parsing: "192.0.2.1", port: 0)
            #expect(throws: IOError.addressNotAvailable(.tcp, source)) {
                try TCPConnection.connect(loop: loop, to: .loopbackIPv4, from: source) { _ in }
            }
        }
    }
}
