import Glibc
import Testing

@testable import LoopIO

@Suite struct UDPSocketTests {
    /// Sends one datagram from a part of the bytes.
    private func send(_ bytes: [UInt8], from socket: UDPSocket, to address: SocketAddress) throws -> Bool {
        try bytes.withUnsafeBytes { raw in
            let parts = [raw]
            return try parts.withUnsafeBufferPointer { try socket.trySend($0, to: address) }
        }
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func `datagrams arrive whole, with their sender`(host: String) throws {
        try withLoop { loop in
            let receiver = try UDPSocket(loop: loop, address: SocketAddress(parsing: host, port: 0))
            let sender = try UDPSocket(loop: loop, address: SocketAddress(parsing: host, port: 0))
            let address = try #require(receiver.localAddress)
            var seen: [[UInt8]] = []
            var senders: Set<SocketAddress> = []
            try receiver.startReceiving { bytes, sender in
                seen.append(bytes.withUnsafeBufferPointer { Array($0) })
                senders.insert(sender)
            }
            let datagrams: [[UInt8]] = [[1], [2, 3], Array(repeating: 4, count: 1316), [5]]
            for datagram in datagrams { #expect(try send(datagram, from: sender, to: address)) }
            loop.expect { seen.count == 4 }
            #expect(seen == datagrams)
            let own = try #require(sender.localAddress)
            #expect(senders == [own])
            #expect(receiver.counters.datagrams == 4)
            #expect(receiver.counters.bytes == 1320)
            #expect(sender.counters.datagramsSent == 4)
        }
    }

    @Test func `an empty datagram is one, and the end of a batch is none`() throws {
        try withLoop { loop in
            let socket = try UDPSocket(loop: loop, address: .loopbackIPv4)
            let address = try #require(socket.localAddress)
            var sizes: [Int] = []
            try socket.startReceiving { bytes, _ in sizes.append(bytes.count) }
            #expect(try send([], from: socket, to: address))
            #expect(try send([1], from: socket, to: address))
            loop.expect { sizes.count == 2 }
            #expect(sizes == [0, 1])
        }
    }

    @Test func `the largest datagram fits and a larger one is refused at the sender`() throws {
        try withLoop { loop in
            let socket = try UDPSocket(loop: loop, address: .loopbackIPv4)
            let address = try #require(socket.localAddress)
            var sizes: [Int] = []
            try socket.startReceiving { bytes, _ in sizes.append(bytes.count) }
            #expect(try send(Array(repeating: 1, count: 65_507), from: socket, to: address))
            loop.expect { sizes == [65_507] }
            #expect(socket.counters.truncated == 0)
            #expect(throws: IOError.failed(.send, code: -90, address)) {
                try send(Array(repeating: 1, count: 65_508), from: socket, to: address)
            }
        }
    }

    @Test func `a burst longer than one read arrives in order`() throws {
        try withLoop { loop in
            let socket = try UDPSocket(loop: loop, address: .loopbackIPv4)
            #expect(socket.setReceiveBuffer(bytes: 1 << 20) > 100_000)
            let address = try #require(socket.localAddress)
            var seen: [UInt8] = []
            try socket.startReceiving { bytes, _ in seen.append(bytes[0]) }
            for number in 0..<UInt8(100) {
                #expect(try send(Array(repeating: number, count: 188), from: socket, to: address))
            }
            loop.expect { seen.count == 100 }
            #expect(seen == Array(0..<100))
        }
    }

    @Test func `bytes are cut into datagrams, the last one shorter`() throws {
        try withLoop { loop in
            let socket = try UDPSocket(loop: loop, address: .loopbackIPv4)
            let address = try #require(socket.localAddress)
            var sizes: [Int] = []
            var sum = 0
            try socket.startReceiving { bytes, _ in
                sizes.append(bytes.count)
                for index in 0..<bytes.count { sum += Int(bytes[index]) }
            }
            let bytes = (0..<3000).map { UInt8(truncatingIfNeeded: $0) }
            let taken = try bytes.withUnsafeBytes { try socket.trySend($0, datagramBytes: 1316, to: address) }
            #expect(taken == 3000)
            loop.expect { sizes.count == 3 }
            #expect(sizes == [1316, 1316, 368])
            #expect(sum == bytes.reduce(0) { $0 + Int($1) })
        }
    }

    /// Sends `count` bytes as datagrams of 1316, and expects them at the receiver as they went.
    private func sendCut(_ count: Int, _ loop: EventLoop, _ socket: UDPSocket) throws {
        let address = try #require(socket.localAddress)
        _ = socket.setReceiveBuffer(bytes: 1 << 20)
        var sizes: [Int] = []
        var seen: [UInt8] = []
        try socket.startReceiving { bytes, _ in
            sizes.append(bytes.count)
            bytes.withUnsafeBufferPointer { seen += $0 }
        }
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let taken = try bytes.withUnsafeBytes { try socket.trySend($0, datagramBytes: 1316, to: address) }
        #expect(taken == count)
        loop.expect { seen.count == count }
        #expect((seen == bytes) as Bool)
        let short = count % 1316 == 0 ? [] : [count % 1316]
        #expect(sizes == Array(repeating: 1316, count: count / 1316) + short)
        socket.stopReceiving()
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func `a chunk of seven datagrams is one system call, and so are 49`(host: String) throws {
        try withLoop { loop in
            let socket = try UDPSocket(loop: loop, address: SocketAddress(parsing: host, port: 0))
            try sendCut(43 * 188, loop, socket)
            #expect(socket.counters.sendCalls == 1)
            #expect(socket.counters.datagramsSent == 7)
            try sendCut(49 * 1316, loop, socket)
            #expect(socket.counters.sendCalls == 2)
            #expect(socket.counters.datagramsSent == 56)
            try sendCut(49 * 1316 + 188, loop, socket)
            #expect(socket.counters.sendCalls == 4)
            #expect(socket.counters.cutsRefused == 0)
        }
    }

    @Test func `datagrams that the kernel does not cut are a call each, until it is asked again`() throws {
        try withLoop { loop in
            let socket = try UDPSocket(loop: loop, address: .loopbackIPv4)
            // The kernel cuts none whose checksums it does not compute.
            let descriptor = try #require(socket.descriptor)
            try SocketOptions.set(descriptor, level: SOL_SOCKET, option: SO_NO_CHECK, to: 1)
            try sendCut(43 * 188, loop, socket)
            #expect(socket.counters.cutsRefused == 1)
            #expect(socket.counters.sendCalls == 8)
            #expect(socket.counters.datagramsSent == 7)
            try sendCut(43 * 188, loop, socket)
            #expect(socket.counters.sendCalls == 15)
            try SocketOptions.set(descriptor, level: SOL_SOCKET, option: SO_NO_CHECK, to: 0)
            socket.uncutLeft = 2
            try sendCut(7 * 1316, loop, socket)
            // Two alone, then five together.
            #expect(socket.counters.sendCalls == 18)
            #expect(socket.counters.datagramsSent == 21)
            #expect(socket.counters.cutsRefused == 1)
        }
    }

    @Test func `what the kernel cuts with one size it cuts with another, and one datagram it leaves whole`() throws {
        try withLoop { loop in
            let socket = try UDPSocket(loop: loop, address: .loopbackIPv4)
            let address = try #require(socket.localAddress)
            try sendCut(3000, loop, socket)
            var sizes: [Int] = []
            try socket.startReceiving { bytes, _ in sizes.append(bytes.count) }
            let bytes = [UInt8](repeating: 1, count: 3000)
            #expect(try send(bytes, from: socket, to: address))
            _ = try bytes.withUnsafeBytes { try socket.trySend($0, datagramBytes: 1000, to: address) }
            _ = try bytes.withUnsafeBytes { try socket.trySend($0, datagramBytes: 40_000, to: address) }
            loop.expect { sizes.count == 5 }
            #expect(sizes == [3000, 1000, 1000, 1000, 3000])
        }
    }

    @Test func `datagrams to a group are cut, too`() throws {
        try withLoop { loop in
            let group = try SocketAddress(parsing: "239.255.77.8", port: 0)
            let receiver = try UDPSocket(loop: loop, address: group, interface: "127.0.0.1")
            let bound = try #require(receiver.localAddress)
            let sender = try UDPSocket(loop: loop, sendingTo: group)
            try sender.setMulticastSending(interface: "127.0.0.1", hops: 1, like: group)
            var sizes: [Int] = []
            try receiver.startReceiving { bytes, _ in sizes.append(bytes.count) }
            let bytes = [UInt8](repeating: 1, count: 43 * 188)
            let taken = try bytes.withUnsafeBytes { try sender.trySend($0, datagramBytes: 1316, to: bound) }
            #expect(taken == 43 * 188)
            loop.expect { sizes.count == 7 }
            #expect(sizes == Array(repeating: 1316, count: 6) + [188])
            #expect(sender.counters.sendCalls == 1)
        }
    }

    @Test func `what can never be sent is said, and nothing is taken`() throws {
        try withLoop { loop in
            let socket = try UDPSocket(loop: loop, address: .loopbackIPv4)
            // The kernel refuses broadcasts of a socket that did not ask for them.
            let nowhere = try SocketAddress(parsing: "255.255.255.255", port: 9)
            let bytes = [UInt8](repeating: 1, count: 43 * 188)
            #expect(throws: IOError.failed(.send, code: -EACCES, nowhere)) {
                try bytes.withUnsafeBytes { try socket.trySend($0, datagramBytes: 1316, to: nowhere) }
            }
            #expect(socket.counters.datagramsSent == 0)
            #expect(socket.counters.sendCalls == 1)
        }
    }

    @Test func `several parts make one datagram`() throws {
        try withLoop { loop in
            let socket = try UDPSocket(loop: loop, address: .loopbackIPv4)
            let address = try #require(socket.localAddress)
            var seen: [UInt8] = []
            try socket.startReceiving { bytes, _ in seen = bytes.withUnsafeBufferPointer { Array($0) } }
            let bytes: [UInt8] = [1, 2, 3, 4]
            let isSent = try bytes.withUnsafeBytes { raw in
                let parts = [UnsafeRawBufferPointer(rebasing: raw[..<1]), UnsafeRawBufferPointer(rebasing: raw[1...])]
                return try parts.withUnsafeBufferPointer { try socket.trySend($0, to: address) }
            }
            #expect(isSent)
            loop.expect { seen == [1, 2, 3, 4] }
        }
    }

    @Test func `a full buffer drops, and the kernel's count is seen`() throws {
        try withLoop { loop in
            let socket = try UDPSocket(loop: loop, address: .loopbackIPv4)
            _ = socket.setReceiveBuffer(bytes: 4096)
            let address = try #require(socket.localAddress)
            #expect(socket.kernelDrops == 0)
            for _ in 0..<100 { _ = try send(Array(repeating: 1, count: 1316), from: socket, to: address) }
            #expect(socket.kernelDrops > 0)
        }
    }

    @Test func `close inside the callback ends the batch`() throws {
        try withLoop { loop in
            let receiver = try UDPSocket(loop: loop, address: .loopbackIPv4)
            let sender = try UDPSocket(loop: loop, sendingTo: .loopbackIPv4)
            let address = try #require(receiver.localAddress)
            var seen = 0
            var isClosed = false
            receiver.onClosed = { isClosed = true }
            try receiver.startReceiving { _, _ in
                seen += 1
                receiver.close()
            }
            for _ in 0..<5 { #expect(try send([1], from: sender, to: address)) }
            loop.expect { isClosed }
            #expect(seen == 1)
            #expect(receiver.localAddress == nil)
        }
    }

    @Test func `stopping inside the callback ends the batch, and starting goes on behind it`() throws {
        try withLoop { loop in
            let socket = try UDPSocket(loop: loop, address: .loopbackIPv4)
            let address = try #require(socket.localAddress)
            var seen = 0
            try socket.startReceiving { _, _ in
                seen += 1
                socket.stopReceiving()
            }
            for _ in 0..<3 { #expect(try send([1], from: socket, to: address)) }
            loop.expect { seen == 1 }
            try socket.startReceiving { _, _ in seen += 1 }
            #expect(try send([1], from: socket, to: address))
            loop.expect { seen == 2 }
        }
    }

    @Test func `a port is one socket's`() throws {
        try withLoop { loop in
            let socket = try UDPSocket(loop: loop, address: .loopbackIPv4)
            let address = try #require(socket.localAddress)
            let error = #expect(throws: IOError.addressInUse(.udp, address)) {
                try UDPSocket(loop: loop, address: address)
            }
            #expect(error?.description.hasPrefix("UDP port \(address.port) on 127.0.0.1 is in use") == true)
        }
    }

    @Test func `a multicast group on the loopback interface brings each datagram once`() throws {
        try withLoop { loop in
            let group = try SocketAddress(parsing: "239.255.77.7", port: 0)
            let receiver = try UDPSocket(loop: loop, address: group, interface: "127.0.0.1")
            let bound = try #require(receiver.localAddress)
            let sender = try UDPSocket(loop: loop, sendingTo: group)
            try sender.setMulticastSending(interface: "127.0.0.1", hops: 1, like: group)
            var seen: [UInt8] = []
            try receiver.startReceiving { bytes, _ in seen.append(bytes[0]) }
            #expect(try send([7], from: sender, to: bound))
            #expect(try send([8], from: sender, to: bound))
            loop.expect { seen.count == 2 }
            #expect(seen == [7, 8])
        }
    }

    @Test(arguments: ["lo", "::1"])
    func `an IPv6 group is bound on the interface that has its name or address`(_ interface: String) throws {
        try withLoop { loop in
            // A scope of one machine: without the interface the kernel would refuse to bind it.
            let group = try SocketAddress(parsing: "ff11::7707", port: 0)
            let receiver = try UDPSocket(loop: loop, address: group, interface: interface)
            #expect(receiver.localAddress?.description.hasPrefix("[ff11::7707%lo]:") == true)
            #expect(throws: IOError.notAnAddress("nosuch0")) {
                try UDPSocket(loop: loop, address: group, interface: "nosuch0")
            }
        }
    }

    @Test func `a group with a source brings that sender's datagrams alone`() throws {
        try withLoop { loop in
            let interface = "127.0.0.1"
            let group = try SocketAddress(parsing: "232.255.77.9", port: 0)
            let own = SocketAddress.loopbackIPv4
            let stranger = try SocketAddress(parsing: "192.0.2.1", port: 0)
            let hears = try UDPSocket(loop: loop, address: group, interface: interface, source: own)
            let port = try #require(hears.localAddress).port
            let same = try SocketAddress(parsing: "232.255.77.9", port: port)
            let sender = try UDPSocket(loop: loop, address: own)
            try sender.setMulticastSending(interface: interface, hops: 1, like: group)
            var heard: [UInt8] = []
            try hears.startReceiving { bytes, _ in heard.append(bytes[0]) }
            #expect(try send([7], from: sender, to: same))
            loop.expect { heard == [7] }
            hears.close()

            // Another source is asked for, while a socket beside it hears all.
            let deaf = try UDPSocket(loop: loop, address: same, sharing: true, interface: interface, source: stranger)
            let any = try UDPSocket(loop: loop, address: same, sharing: true, interface: interface)
            var strays = 0
            try deaf.startReceiving { _, _ in strays += 1 }
            try any.startReceiving { bytes, _ in heard.append(bytes[0]) }
            #expect(try send([8], from: sender, to: same))
            loop.expect { heard == [7, 8] }
            #expect(strays == 0)
        }
    }

    @Test func `an interface that is not there is refused`() throws {
        try withLoop { loop in
            let group = try SocketAddress(parsing: "239.255.77.7", port: 0)
            #expect(throws: IOError.notAnAddress("nosuch0")) {
                try UDPSocket(loop: loop, address: group, interface: "nosuch0")
            }
        }
    }
}
