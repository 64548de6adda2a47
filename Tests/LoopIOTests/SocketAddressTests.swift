import Testing

@testable import LoopIO

@Suite struct SocketAddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1:80"), ("0.0.0.0", "0.0.0.0:80"), ("::1", "[::1]:80"), ("[::1]", "[::1]:80"),
        ("2001:db8:0:0::5", "[2001:db8::5]:80"), ("::ffff:10.0.0.1", "10.0.0.1:80"), ("::", "[::]:80"),
    ])
    func `literals are read and written back`(text: String, written: String) throws {
        let address = try SocketAddress(parsing: text, port: 80)
        #expect(address.description == written)
        #expect(try SocketAddress(parsing: address.hostDescription, port: 80) == address)
    }

    @Test(arguments: [
        "", "localhost", "1.2.3", "256.1.1.1", "1.2.3.4.5", "::g", "[::1", "%",
    ])
    func `anything else is no address`(text: String) {
        #expect(throws: IOError.notAnAddress(text)) { try SocketAddress(parsing: text, port: 1) }
    }

    @Test func `a NUL does not hide what stands behind it`() {
        #expect(throws: IOError.self) { try SocketAddress(parsing: "1.2.3.4\0x", port: 1) }
        #expect(throws: IOError.self) { try SocketAddress(parsing: "::1\0", port: 1) }
    }

    @Test func `bytes are in network order, with IPv4 mapped`() throws {
        let four = try SocketAddress(parsing: "10.1.2.3", port: 1)
        #expect(four.bytes == .init(high: 0, low: 0xffff_0a01_0203))
        #expect(four.isIPv4)
        let six = try SocketAddress(parsing: "102:304:506:708:90a:b0c:d0e:f10", port: 1)
        #expect(six.bytes == .init(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10))
        #expect(!six.isIPv4)
    }

    @Test func `a link-local address keeps its interface`() throws {
        let mapped = try SocketAddress(parsing: "::ffff:10.0.0.1%lo", port: 1)
        #expect(mapped == (try SocketAddress(parsing: "10.0.0.1", port: 1)))
        #expect(mapped.description == "10.0.0.1:1")
        let address = try SocketAddress(parsing: "fe80::1%lo", port: 1)
        #expect(address.scope != 0)
        #expect(address.description == "[fe80::1%lo]:1")
        let gone = SocketAddress(bytes: address.bytes, port: 1, scope: 4_000_000_000)
        #expect(gone.hostDescription == "fe80::1%4000000000")
    }

    @Test func `kinds of addresses are told apart`() throws {
        func address(_ text: String) throws -> SocketAddress { try SocketAddress(parsing: text, port: 1) }
        #expect(try address("127.8.9.1").isLoopback)
        #expect(try address("::1").isLoopback)
        #expect(try !address("128.0.0.1").isLoopback)
        #expect(try address("0.0.0.0").isUnspecified)
        #expect(try address("::").isUnspecified)
        #expect(try !address("::1").isUnspecified)
        #expect(try address("224.0.0.1").isMulticast)
        #expect(try address("239.255.255.255").isMulticast)
        #expect(try address("ff02::1").isMulticast)
        #expect(try !address("223.255.255.255").isMulticast)
    }
}
