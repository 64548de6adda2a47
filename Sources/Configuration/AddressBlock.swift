/// One address, or all addresses that share a prefix (CIDR, RFC 4632 3.1).
package struct AddressBlock: Sendable, Equatable, CustomStringConvertible {
    package let base: IPAddress
    /// Bits of the sixteen-byte form that must agree, 0 ... 128; an IPv4 block has 96 or more.
    package let prefixBits: Int

    /// Reads `10.0.0.1`, `10.0.0.0/8`, `2001:db8::/32`.
    package init(parsing text: String) throws(IPAddressError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let base = try IPAddress(parsing: parts.first.map(String.init) ?? "")
        guard parts.count == 2 else {
            self.base = base
            prefixBits = 128
            return
        }
        // A v4-mapped text, `::ffff:10.0.0.0/104`, counts its bits as IPv6 does.
        let isDotted = !parts[0].utf8.contains(UInt8(ascii: ":"))
        let prefix = String(parts[1])
        guard let bits = AddressBlock.parsePrefix(prefix), bits <= (isDotted ? 32 : 128) else {
            throw .badPrefix(prefix)
        }
        prefixBits = isDotted ? bits + 96 : bits
        let masked = AddressBlock.mask(base, bits: prefixBits)
        guard masked == base else { throw .hostBits(masked.description + "/" + prefix) }
        self.base = base
    }

    /// Whether the address lies in the block. An IPv4 address, v4-mapped ones included, is only ever in an IPv4 block:
    /// `::/0` does not let it in.
    package func contains(_ address: IPAddress) -> Bool {
        guard address.isIPv4 == isIPv4 else { return false }
        return AddressBlock.mask(address, bits: prefixBits) == base
    }

    package var isIPv4: Bool { base.isIPv4 && prefixBits >= 96 }

    package var description: String {
        if prefixBits == 128 { return base.description }
        return base.description + "/" + String(isIPv4 ? prefixBits - 96 : prefixBits)
    }

    private static func parsePrefix(_ text: String) -> Int? {
        let bytes = text.utf8
        guard (1...3).contains(bytes.count), bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        guard bytes.count == 1 || bytes.first != 0x30 else { return nil }
        return Int(text)
    }

    private static func mask(_ address: IPAddress, bits: Int) -> IPAddress {
        // Swift's smart shift gives 0 for a distance of 64 or more, and everything for one of 0 or less.
        let high = bits >= 64 ? UInt64.max : ~(UInt64.max >> UInt64(max(bits, 0)))
        let low = bits <= 64 ? 0 : ~(UInt64.max >> UInt64(min(bits - 64, 64)))
        return IPAddress(high: address.high & high, low: address.low & low)
    }
}
