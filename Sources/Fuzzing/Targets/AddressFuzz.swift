import Configuration
import LoopIO

/// Addresses and CIDR blocks as text, a list of them by commas.
///
/// What is read, written, and read again is the same; the kernel's reader understands the same address.
enum AddressFuzz {
    static let target = FuzzTarget(
        name: "addresses", reads: "addresses and CIDR blocks, separated by commas",
        covers: ["IPAddress", "AddressBlock", "AddressList", "SocketAddress"], bytesMax: 128
    ) { input throws(FuzzFinding) in
        var blocks: [AddressBlock] = []
        for part in [UInt8](copying: input).split(separator: UInt8(ascii: ",")) {
            let text = String(decoding: part, as: UTF8.self)
            try checkAddress(text)
            guard let block = try? AddressBlock(parsing: text) else { continue }
            try require((0...128).contains(block.prefixBits), "\(block.prefixBits) bits")
            try require((try? AddressBlock(parsing: block.description)) == block, "\(block) reads differently")
            // A block of all IPv6 addresses holds no IPv4 address, though its base may look like one.
            try require(block.contains(block.base) || block.base.isIPv4 != block.isIPv4, "\(block) without its base")
            blocks.append(block)
        }
        let list = AddressList(blocks: blocks)
        let again = try? AddressList(parsing: blocks.map(\.description))
        try require(!blocks.isEmpty || list == AddressList(), "an empty list that is none")
        let texts = list.description.split(separator: ",").count
        try require(texts == blocks.count, "\(list) lists \(texts) blocks")
        try require(again == list && list.isEmpty == blocks.isEmpty, "a list reads differently")
        let holdsLoopback = blocks.contains { $0.contains(.loopbackIPv4) || $0.base.isLoopback }
        try require(list.holdsLoopback || !holdsLoopback, "a list that forgets this machine")
        for block in blocks where block.contains(block.base) {
            try require(list.contains(block.base), "a list without \(block)")
        }
    }

    /// What the kernel's reader takes, an interface's name too, is written as it reads.
    private static func checkSocket(_ text: String) throws(FuzzFinding) {
        guard let socket = try? SocketAddress(parsing: text, port: 7) else { return }
        let again = try? SocketAddress(parsing: socket.hostDescription, port: 7)
        try require(again == socket, "\(socket) reads differently")
        try require(socket.description.hasSuffix(socket.isIPv4 ? ":7" : "]:7"), "\(socket) without its port")
    }

    private static func checkAddress(_ text: String) throws(FuzzFinding) {
        try checkSocket(text)
        guard let address = try? IPAddress(parsing: text) else { return }
        try require((try? IPAddress(parsing: address.description)) == address, "\(address) reads differently")
        guard let socket = try? SocketAddress(parsing: text, port: 1) else {
            throw FuzzFinding("\(text) is no address to the kernel")
        }
        let isSame = socket.bytes.high == address.high && socket.bytes.low == address.low
        try require(isSame, "\(text) is \(address) here and \(socket) there")
        try require(socket.isIPv4 == address.isIPv4 && socket.isLoopback == address.isLoopback, "kinds of \(text)")
        try require(socket.isUnspecified == address.isUnspecified, "\(text) is every address, or not")
        try require(socket.isMulticast == address.isMulticast, "\(text) is a group, or not")
        try require(address.urlText.hasPrefix("[") != address.isIPv4, "\(text) in a URL")
        try require(!address.isLinkLocal || !address.isLoopback, "\(text) is of this wire and of this machine")
    }
}
