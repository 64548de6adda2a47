/// A host as a list of children names it: an address, or a name that DNS can be asked for.
enum HostName {
    /// Longest name (RFC 1035 2.3.4); libuv must not be asked for a longer one.
    static let bytesMax = 253

    /// Checks the form; an IPv6 address may stand in brackets, which are taken off.
    static func parse(_ text: String) throws(ValueError) -> String {
        if let remedy = remedy(for: text) { throw ValueError(message: "names \(printable(text)): \(remedy)") }
        var inner = text
        if text.hasPrefix("["), text.hasSuffix("]") { inner = String(text.dropFirst().dropLast()) }
        let looksLikeAddress =
            inner.utf8.contains(UInt8(ascii: ":"))
            || inner.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
        if looksLikeAddress || inner.utf8.count != text.utf8.count {
            do throws(IPAddressError) {
                return try IPAddress(parsing: inner).description
            } catch {
                throw ValueError(message: "names \(printable(text)), which \(error)")
            }
        }
        guard inner.utf8.count <= bytesMax else {
            throw ValueError(message: "names a host of \(inner.utf8.count) bytes, and \(bytesMax) is the longest")
        }
        let labels = inner.split(separator: ".", omittingEmptySubsequences: false)
        // A final dot, the root of DNS, is allowed.
        let checked = labels.last == "" && labels.count > 1 ? labels.dropLast() : labels[...]
        for label in checked where !isLabel(label) {
            throw ValueError(message: "names \(printable(text)), which is neither an address nor a host name")
        }
        return inner
    }

    /// What to do about a text that holds more than a host; nil: nothing of the kind.
    private static func remedy(for text: String) -> String? {
        if text.utf8.contains(UInt8(ascii: "/")) { return "write the host alone, without a scheme and a path" }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let hasPort = parts.count == 2 || text.hasPrefix("[") && !text.hasSuffix("]")
        return hasPort ? "write the host alone; its port goes into Ports" : nil
    }

    /// Letters, digits, hyphens and (seen in real networks) underscores, 1 to 63 of them.
    private static func isLabel(_ label: Substring) -> Bool {
        let bytes = label.utf8
        guard (1...63).contains(bytes.count), bytes.first != 0x2d, bytes.last != 0x2d else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: true
            default: false
            }
        }
    }
}
