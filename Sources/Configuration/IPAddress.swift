/// An IPv4 or IPv6 address, as sixteen bytes in network order; IPv4 as `::ffff:a.b.c.d` (RFC 4291 2.5.5.2).
///
/// One form for both families means that an IPv4 sender and its v4-mapped shape on a dual-stack socket are equal.
package struct IPAddress: Hashable, Sendable {
    /// Bytes 0 to 7, the first one uppermost.
    package let high: UInt64
    /// Bytes 8 to 15, the first one uppermost.
    package let low: UInt64

    /// `0.0.0.0`: every IPv4 address of the machine.
    package static let anyIPv4 = IPAddress(ipv4: 0)
    /// `127.0.0.1`.
    package static let loopbackIPv4 = IPAddress(ipv4: 0x7f00_0001)

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Parameter ipv4: the four bytes, the first one uppermost.
    package init(ipv4: UInt32) {
        self.init(high: 0, low: 0xffff_0000_0000 | UInt64(ipv4))
    }

    /// Reads an address as text: dotted decimal without leading zeros, or RFC 4291 2.2 with all its short forms.
    ///
    /// Brackets, ports, prefix lengths and blanks are not part of an address.
    /// - Throws: `.zone` for a scope such as `%eth0` (RFC 4007 11), which means nothing on another machine; else what
    ///   is wrong with the form.
    package init(parsing text: String) throws(IPAddressError) {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= IPAddress.textBytesMax else { throw .malformed }
        guard !bytes.contains(UInt8(ascii: "%")) else { throw .zone }
        if bytes.contains(UInt8(ascii: ":")) {
            self = try IPAddress.parseIPv6(bytes)
        } else {
            self.init(ipv4: try IPAddress.parseIPv4(bytes[...]))
        }
    }

    package var isIPv4: Bool { high == 0 && low >> 32 == 0xffff }

    /// 127.0.0.0/8 (RFC 1122 3.2.1.3) or `::1`.
    package var isLoopback: Bool {
        isIPv4 ? (low >> 24) & 0xff == 127 : high == 0 && low == 1
    }

    /// `0.0.0.0` or `::`: as a bound address, every one of the machine.
    package var isUnspecified: Bool {
        isIPv4 ? low & 0xffff_ffff == 0 : high == 0 && low == 0
    }

    /// 224.0.0.0/4 (RFC 5771) or `ff00::/8` (RFC 4291 2.7).
    package var isMulticast: Bool {
        isIPv4 ? (low >> 28) & 0xf == 0xe : high >> 56 == 0xff
    }

    /// 169.254.0.0/16 (RFC 3927 2.1) or `fe80::/10` (RFC 4291 2.5.6): good on one wire alone.
    package var isLinkLocal: Bool {
        isIPv4 ? (low >> 16) & 0xffff == 0xa9fe : high >> 54 == 0x3fa
    }

    /// As it stands in a URL: IPv6 in brackets (RFC 3986 3.2.2).
    package var urlText: String { isIPv4 ? description : "[" + description + "]" }

    /// Longest text of an address: eight groups of four, or six of them and an IPv4 tail.
    private static let textBytesMax = 45

    private static func parseIPv4(_ bytes: ArraySlice<UInt8>) throws(IPAddressError) -> UInt32 {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { throw .malformed }
        var address: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count) else { throw .malformed }
            // A leading zero is octal to some readers and decimal to others (RFC 6943 3.1.1).
            guard part.count == 1 || part.first != UInt8(ascii: "0") else { throw .leadingZero }
            var number: UInt32 = 0
            for byte in part {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { throw .malformed }
                number = number * 10 + UInt32(byte - UInt8(ascii: "0"))
            }
            guard number <= 255 else { throw .partTooLarge(Int(number)) }
            address = address << 8 | number
        }
        return address
    }

    /// RFC 4291 2.2: groups, one `::` for one or more of them, and an IPv4 tail in place of the last two.
    private static func parseIPv6(_ bytes: [UInt8]) throws(IPAddressError) -> IPAddress {
        let colon = UInt8(ascii: ":")
        var gap: Int?
        var start = 0
        for index in bytes.indices.dropLast() where bytes[index] == colon && bytes[index + 1] == colon {
            guard gap == nil else { throw .twoGaps }  // also refuses `:::`
            gap = index
        }
        var head: [UInt16] = []
        var tail: [UInt16] = []
        if let gap {
            head = try groups(bytes[..<gap], isLast: false)
            start = gap + 2
            tail = try groups(bytes[start...], isLast: true)
            guard head.count + tail.count <= 7 else { throw .wrongLength }
        } else {
            head = try groups(bytes[...], isLast: true)
            guard head.count == 8 else { throw .wrongLength }
        }
        let all = head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail
        let high = all[..<4].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        let low = all[4...].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        return IPAddress(high: high, low: low)
    }

    private static func groups(_ bytes: ArraySlice<UInt8>, isLast: Bool) throws(IPAddressError) -> [UInt16] {
        guard !bytes.isEmpty else { return [] }
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count <= 8 else { throw .wrongLength }
        var out: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if part.contains(UInt8(ascii: ".")) {
                guard isLast, index == parts.count - 1 else { throw .malformed }
                let ipv4 = try parseIPv4(part)
                out.append(UInt16(truncatingIfNeeded: ipv4 >> 16))
                out.append(UInt16(truncatingIfNeeded: ipv4))
                continue
            }
            guard (1...4).contains(part.count) else { throw .malformed }
            var group: UInt16 = 0
            for byte in part {
                guard let digit = hexadecimal(byte) else { throw .malformed }
                group = group << 4 | UInt16(digit)
            }
            out.append(group)
        }
        return out
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted decimal for IPv4, else the canonical form of RFC 5952 4.
    package var description: String {
        if isIPv4 {
            return [24, 16, 8, 0].map { String((low >> $0) & 0xff) }.joined(separator: ".")
        }
        let groups = [high >> 48, high >> 32, high >> 16, high, low >> 48, low >> 32, low >> 16, low].map {
            $0 & 0xffff
        }
        guard let zeros = IPAddress.longestZeroRun(groups) else {
            return groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        let head = groups[..<zeros.lowerBound].map { String($0, radix: 16) }.joined(separator: ":")
        let tail = groups[zeros.upperBound...].map { String($0, radix: 16) }.joined(separator: ":")
        return head + "::" + tail
    }

    /// The groups that `::` stands for: the longest run of two or more, the first of equals (RFC 5952 4.2).
    private static func longestZeroRun(_ groups: [UInt64]) -> Range<Int>? {
        var best: Range<Int>?
        var index = 0
        while index < groups.count {
            var end = index
            while end < groups.count, groups[end] == 0 { end += 1 }
            if end - index >= 2, end - index > (best?.count ?? 0) { best = index..<end }
            index = max(end, index + 1)
        }
        return best
    }
}
