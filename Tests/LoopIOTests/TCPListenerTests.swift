import Glibc
import Testing

@testable import LoopIO

@Suite struct TCPListenerTests {
    @Test func `port 0 becomes a port of its own`() throws {
        try withLoop { loop in
            let listener = try TCPListener(loop: loop, address: .loopbackIPv4) { _ in }
            #expect(listener.localAddress.port != 0)
            #expect(listener.localAddress.isLoopback)
        }
    }

    @Test func `a second listener on the port is refused with a line for the operator`() throws {
        try withLoop { loop in
            let listener = try TCPListener(loop: loop, address: .loopbackIPv4) { _ in }
            let address = listener.localAddress
            let error = #expect(throws: IOError.addressInUse(.tcp, address)) {
                try TCPListener(loop: loop, address: address) { _ in }
            }
            #expect(
                error?.description == "TCP port \(address.port) on 127.0.0.1 is in use by another process (EADDRINUSE);"
                    + " stop that one or choose another port")
        }
    }

    @Test func `the probe fails while listeners share the port, also with each other's flag`() throws {
        try withLoop { loop in
            let address = try TCPListener.probe(.loopbackIPv4)
            var accepted = 0
            let first = try TCPListener(loop: loop, address: address, exclusive: false) { _ in accepted += 1 }
            let second = try TCPListener(loop: loop, address: address, exclusive: false) { _ in accepted += 1 }
            #expect(first.localAddress == second.localAddress)
            #expect(throws: IOError.addressInUse(.tcp, address)) { try TCPListener.probe(address) }
            first.close()
            #expect(throws: IOError.addressInUse(.tcp, address)) { try TCPListener.probe(address) }
            second.close()
            #expect(try TCPListener.probe(address) == address, "close frees the port at once")
        }
    }

    @Test func `an address of another machine is refused in words`() throws {
        try withLoop { loop in
            let foreign = try SocketAddress(parsing: "192.0.2.1", port: 0)
            #expect(throws: IOError.addressNotAvailable(.tcp, foreign)) {
                try TCPListener(loop: loop, address: foreign) { _ in }
            }
        }
    }

    @Test func `more newcomers than one turn takes are all accepted`() throws {
        try withLoop { loop in
            var accepted = 0
            let listener = try TCPListener(loop: loop, address: .loopbackIPv4) { _ in accepted += 1 }
            let count = TCPListener.acceptsPerTurnMax + 10
            var connected = 0
            for _ in 0..<count {
                _ = try TCPConnection.connect(loop: loop, to: listener.localAddress) { error in
                    #expect(error == nil)
                    connected += 1
                }
            }
            loop.expect { accepted == count && connected == count }
            #expect(listener.counters == .init(accepted: UInt64(count)))
        }
    }

    @Test func `more newcomers than the rate allows wait, and come in later`() throws {
        try withLoop { loop in
            var accepted = 0
            let listener = try TCPListener(loop: loop, address: .loopbackIPv4) { _ in accepted += 1 }
            listener.acceptsPerSecondMax = 50
            var reports: [UInt64] = []
            listener.onAcceptsDelayed = { reports.append($0) }
            for _ in 0..<12 { _ = try TCPConnection.connect(loop: loop, to: listener.localAddress) { _ in } }
            loop.expect { accepted == 5 }
            let startMs = loop.nowMs
            loop.expect { accepted == 12 }
            #expect(loop.nowMs - startMs >= TCPListener.rateWindowMs)
            #expect(listener.counters.delayed >= 2)
            loop.expect { reports.reduce(0, +) == listener.counters.delayed }
            #expect(reports.count <= 2, "once a second at most")
        }
    }

    @Test func `close inside the accept callback`() throws {
        try withLoop { loop in
            var listener: TCPListener?
            var accepted = 0
            listener = try TCPListener(loop: loop, address: .loopbackIPv4) { _ in
                accepted += 1
                listener?.close()
            }
            let address = try #require(listener).localAddress
            var results = 0
            for _ in 0..<3 { _ = try TCPConnection.connect(loop: loop, to: address) { _ in results += 1 } }
            loop.expect { results == 3 }
            #expect(accepted == 1)
        }
    }

    @Test func `without descriptors newcomers are closed and counted, old connections live, and the loop sleeps`() async
    {
        // The limit is the process's, so the test has one of its own.
        await #expect(processExitsWith: .success) {
            let loop = try EventLoop()
            var accepted: [TCPConnection] = []
            let listener = try TCPListener(loop: loop, address: .loopbackIPv4) { accepted.append($0) }
            var reports: [UInt64] = []
            listener.onDescriptorsExhausted = { reports.append($0) }
            let pair = try Pair(loop, listener: listener) { accepted.first }
            // Sockets for the callers are made before the limit falls; they dial after it.
            let address = listener.localAddress
            let callers = try (0..<5).map { _ throws in try SocketOptions.makeSocket(.tcp, for: address) }
            let fence = open("/dev/null", O_RDONLY)
            var limit = rlimit(rlim_cur: rlim_t(fence + 1), rlim_max: rlim_t(fence + 1))
            guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { exit(10) }
            while open("/dev/null", O_RDONLY) >= 0 {}  // the holes below the limit
            for caller in callers {
                address.withSockAddr { pointer, bytes in _ = connect(caller, pointer, bytes) }
            }
            guard loop.run(until: { listener.counters.shedForDescriptors == 5 }, timeoutMs: 5000) else { exit(11) }
            guard loop.run(until: { reports.reduce(0, +) == 5 }, timeoutMs: 5000) else { exit(12) }
            guard reports.count <= 2 else { exit(13) }
            // A closed newcomer sees the end.
            var byte: UInt8 = 0
            guard recv(callers[0], &byte, 1, 0) <= 0 else { exit(14) }
            // The old connection works.
            let inbox = Inbox()
            inbox.read(pair.far)
            try pair.near.write([1, 2, 3])
            guard loop.run(until: { inbox.bytes == [1, 2, 3] }, timeoutMs: 5000) else { exit(15) }
            // Nothing turns while nobody comes.
            var turns = 0
            _ = try PrepareHook(loop: loop) { turns += 1 }
            _ = loop.run(until: { false }, timeoutMs: 100)
            guard turns < 60 else { exit(16) }
            // With a descriptor free again the next one is welcome.
            close(fence)
            for caller in callers.prefix(3) { close(caller) }
            let before = listener.counters.accepted
            var isConnected = false
            _ = try TCPConnection.connect(loop: loop, to: address) { isConnected = $0 == nil }
            guard loop.run(until: { isConnected && listener.counters.accepted == before + 1 }, timeoutMs: 5000) else {
                exit(17)
            }
            exitProcessNow(0)  // nothing is tidied up here, and a leak checker would say so
        }
    }

    @Test func `when even the spare descriptor is lost the listener rests, and comes back`() async {
        await #expect(processExitsWith: .success) {
            let loop = try EventLoop()
            var accepted = 0
            let listener = try TCPListener(loop: loop, address: .loopbackIPv4) { _ in accepted += 1 }
            let address = listener.localAddress
            let caller = try SocketOptions.makeSocket(.tcp, for: address)
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let before = limit.rlim_cur
            // Below every descriptor that is open: a closed one cannot be opened again.
            limit.rlim_cur = 3
            guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { exit(20) }
            address.withSockAddr { pointer, bytes in _ = connect(caller, pointer, bytes) }
            var turns = 0
            _ = try PrepareHook(loop: loop) { turns += 1 }
            _ = loop.run(until: { false }, timeoutMs: 300)
            guard turns < 150, accepted == 0 else { exit(21) }
            do throws(IOError) {
                _ = try TCPConnection.connect(loop: loop, to: address) { _ in }
                exit(22)
            } catch {
                guard error.isOutOfDescriptors else { exit(23) }
            }
            limit.rlim_cur = before
            guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { exit(24) }
            guard loop.run(until: { accepted == 1 }, timeoutMs: 5000) else { exit(25) }
            exitProcessNow(0)  // as above
        }
    }
}
