/// A list of addresses and CIDR blocks.
///
/// ```swift
/// let list = try AddressList(parsing: ["10.0.0.0/8", "2001:db8::1"])
/// list.contains(try IPAddress(parsing: "::ffff:10.1.2.3"))  // true: the same address in another shape
/// ```
package struct AddressList: Sendable, Equatable {
    package private(set) var blocks: [AddressBlock]

    package init() {
        blocks = []
    }

    package init(blocks: [AddressBlock]) {
        self.blocks = blocks
    }

    package init(parsing texts: [String]) throws(IPAddressError) {
        blocks = []
        for text in texts { blocks.append(try AddressBlock(parsing: text)) }
    }

    package var isEmpty: Bool { blocks.isEmpty }

    /// Whether one of the entries holds the address. An empty list holds none.
    package func contains(_ address: IPAddress) -> Bool {
        blocks.contains { $0.contains(address) }
    }

    /// Whether an address of this machine alone, 127.0.0.0/8 or `::1`, is held by one of the entries.
    package var holdsLoopback: Bool {
        contains(.loopbackIPv4) || contains(IPAddress(high: 0, low: 1)) || blocks.contains { $0.base.isLoopback }
    }
}

extension AddressList: CustomStringConvertible {
    package var description: String { blocks.map(\.description).joined(separator: ", ") }
}
