import Testing

@testable import Configuration

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("0.0.0.0", "0.0.0.0"), ("127.0.0.1", "127.0.0.1"), ("255.255.255.255", "255.255.255.255"),
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:DB8::1", "2001:db8::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("0:0:0:0:0:0:0:1", "::1"),
        ("::ffff:10.1.2.3", "10.1.2.3"), ("::ffff:0a01:0203", "10.1.2.3"), ("64:ff9b::10.1.2.3", "64:ff9b::a01:203"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
    ])
    func `an address is read and written in its canonical form`(text: String, canonical: String) throws {
        #expect(try IPAddress(parsing: text).description == canonical)
    }

    @Test(arguments: [
        ("", IPAddressError.empty), ("1.2.3", .malformed), ("1.2.3.4.5", .malformed), ("1.2.3.256", .partTooLarge(256)),
        ("01.2.3.4", .leadingZero), ("1.2.3.4 ", .malformed), ("0x7f.0.0.1", .malformed), ("1.2.3.-4", .malformed),
        (":", .malformed), (":::", .twoGaps), ("1::2::3", .twoGaps), ("1:2:3:4:5:6:7", .wrongLength),
        ("1:2:3:4:5:6:7:8:9", .wrongLength), ("1:2:3:4::5:6:7:8", .wrongLength), ("12345::", .malformed),
        ("fe80::1%eth0", .zone), ("127.0.0.1%lo", .zone), ("::1.2.3", .malformed), ("1.2.3.4::", .malformed),
        ("::g", .malformed), ("1:2:3:4:5:6:7:1.2.3.4", .wrongLength), (":1:2:3:4:5:6:7", .malformed),
        ("١.٢.٣.٤", .malformed), ("localhost", .malformed), ("[::1]", .malformed),
    ])
    func `a text that is no address is refused`(text: String, error: IPAddressError) {
        #expect(throws: error) { try IPAddress(parsing: text) }
    }

    @Test func `a v4-mapped address equals its IPv4 form`() throws {
        #expect(try IPAddress(parsing: "::ffff:192.0.2.1") == IPAddress(parsing: "192.0.2.1"))
        #expect(try IPAddress(parsing: "::192.0.2.1") != IPAddress(parsing: "192.0.2.1"))
    }

    @Test func `loopback, unspecified and multicast addresses are known`() throws {
        for text in ["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"] {
            #expect(try IPAddress(parsing: text).isLoopback)
        }
        for text in ["128.0.0.1", "::", "::2", "::127.0.0.1"] { #expect(try !IPAddress(parsing: text).isLoopback) }
        for text in ["0.0.0.0", "::"] { #expect(try IPAddress(parsing: text).isUnspecified) }
        for text in ["224.0.0.1", "239.255.255.255", "ff02::1"] { #expect(try IPAddress(parsing: text).isMulticast) }
        for text in ["240.0.0.1", "223.0.0.1", "fe80::1"] { #expect(try !IPAddress(parsing: text).isMulticast) }
    }

    @Test func `the system's own reader agrees on every mutated text`() {
        var random = SplitMix(seed: 42)
        let seeds = [
            "127.0.0.1", "::ffff:10.1.2.3", "2001:db8::1", "1:2:3:4:5:6:7:8", "::", "fe80::a:b:c:d",
            "1:2:3:4:5:6:1.2.3.4",
        ]
        let letters = Array("0123456789abcdefAFg:.:./% ".utf8)
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = Array(seeds[random.below(seeds.count)].utf8)
            for _ in 0..<random.below(4) { bytes = random.mutated(bytes, letters: letters) }
            let text = String(decoding: bytes, as: UTF8.self)
            let mine = try? IPAddress(parsing: text)
            let system = SystemAddress.parse(text)
            #expect(mine == system, "\(text)")
            if let mine {
                accepted += 1
                #expect(mine == (try? IPAddress(parsing: mine.description)), "\(text)")
                // The system writes v4-compatible addresses such as ::1.2.3.4 with dots; RFC 5952 5 leaves that open.
                if mine.high != 0 || mine.isIPv4 { #expect(mine.description == SystemAddress.format(mine), "\(text)") }
            }
        }
        #expect(accepted > 3_000)
    }
}

/// The C library's reading and writing of addresses.
enum SystemAddress {
    static func parse(_ text: String) -> IPAddress? {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            return IPAddress(ipv4: bytes[..<4].reduce(0) { $0 << 8 | UInt32($1) })
        }
        guard inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
        return IPAddress(
            high: bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }, low: bytes[8...].reduce(0) { $0 << 8 | UInt64($1) })
    }

    static func format(_ address: IPAddress) -> String {
        let all = [address.high, address.low].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
        let bytes = address.isIPv4 ? Array(all[12...]) : all
        var out = [CChar](repeating: 0, count: 64)
        guard inet_ntop(address.isIPv4 ? AF_INET : AF_INET6, bytes, &out, 64) != nil else { return "" }
        return String(decoding: out.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
