import Testing

@testable import Configuration

@Suite struct AddressListTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
        ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("::ffff:10.0.0.0/104", "10.1.2.3", true),
        ("::ffff:10.0.0.0/104", "11.1.2.3", false), ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "::1", false),
        ("::/0", "::1", true), ("::/0", "2001:db8::1", true), ("::/0", "10.1.2.3", false),
        ("::ffff:0:0/96", "10.1.2.3", true), ("::/64", "10.1.2.3", false), ("::10.1.2.3", "10.1.2.3", false),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false),
        ("2001:db8::/65", "2001:db8::7fff:0:0:1", true), ("2001:db8::/65", "2001:db8::8000:0:0:1", false),
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1/32", "192.0.2.2", false), ("192.0.2.0/31", "192.0.2.1", true),
    ])
    func `an entry holds its addresses and nothing wider`(entry: String, address: String, isHeld: Bool) throws {
        let list = try AddressList(parsing: [entry])
        #expect(list.contains(try IPAddress(parsing: address)) == isHeld)
    }

    @Test(arguments: [
        ("10.0.0.0/33", IPAddressError.badPrefix("33")), ("10.0.0.0/", .badPrefix("")),
        ("10.0.0.0/-1", .badPrefix("-1")),
        ("10.0.0.0/08", .badPrefix("08")), ("2001:db8::/129", .badPrefix("129")), ("10.0.0.0/8/8", .badPrefix("8/8")),
        ("10.1.0.0/8", .hostBits("10.0.0.0/8")), ("2001:db8::1/64", .hostBits("2001:db8::/64")), ("/8", .empty),
        ("10.0.0.0/99999999999999999999", .badPrefix("99999999999999999999")), ("fe80::%eth0/64", .zone),
    ])
    func `a block of bad form is refused`(text: String, error: IPAddressError) {
        #expect(throws: error) { try AddressBlock(parsing: text) }
    }

    @Test func `an empty list holds no one`() {
        #expect(!AddressList().contains(.loopbackIPv4))
    }

    @Test(arguments: ["10.0.0.0/8", "192.0.2.1", "::/0", "2001:db8::/32", "::1"])
    func `a block is written as it was read`(text: String) throws {
        #expect(try AddressBlock(parsing: text).description == text)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.0.0.0/8", true), ("0.0.0.0/0", true), ("127.0.0.53", true), ("::1", true),
        ("10.0.0.0/8", false), ("fe80::/10", false),
    ])
    func `entries that hold this machine's own addresses are known`(entry: String, isHeld: Bool) throws {
        #expect(try AddressList(parsing: [entry]).holdsLoopback == isHeld)
    }
}
