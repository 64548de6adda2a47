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
}
