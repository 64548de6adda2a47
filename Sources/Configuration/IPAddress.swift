/// An IPv4 or IPv6 address, as sixteen bytes in network order; IPv4 as `::ffff:a.b.c.d` (RFC 4291 2.5.5.2).
package struct IPAddress: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// A list of addresses and CIDR blocks.
package struct AddressList: Sendable, Equatable {
    package init() {}
}
