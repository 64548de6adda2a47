/// What the value of a key may be, and how its text becomes one.
enum ValueKind: Sendable, Equatable {
    case text
    /// A text that can be the first part of a path.
    case secret
    case boolean
    case word([String])
    case wordList([String])
    case port
    case portList
    case count(ClosedRange<Int>)
    case countOrAuto(ClosedRange<Int>)
    case size(ClosedRange<Int>)
    case duration(ClosedRange<Duration>)
    case lag
    case address
    case addressList
    case hostList
    case httpURL
    case stream
    case streamOrAll
    case streamList

    static let lagTime: ClosedRange<Duration> = .milliseconds(100)...(.seconds(3_600))
    static let lagBytes = 64 << 10...1 << 30
    /// Items of a list, so that a file of a megabyte does not become a node with a hundred thousand children.
    static let listItemsMax = 1_024
    static let secretBytesMax = 256

    /// - Parameter text: trimmed, not empty.
    /// - Throws: what is wrong, to be put behind the key's name.
    func parse(_ text: String) throws(ValueError) -> ParsedValue {
        switch self {
        case .text: return .text(text)
        case .secret: return .text(try ValueKind.secret(text))
        case .boolean: return .boolean(try ValueKind.boolean(text))
        case .word(let words): return .word(try ValueKind.word(text, of: words))
        case .wordList(let words):
            return .words(try ValueKind.list(text) { item throws(ValueError) in try ValueKind.word(item, of: words) })
        case .port: return .number(try ValueKind.number(text, in: 0...65_535))
        case .portList:
            return .numbers(
                try ValueKind.list(text) { item throws(ValueError) in
                    try ValueKind.number(item, in: 1...65_535)
                })
        case .count(let range): return .number(try ValueKind.number(text, in: range))
        case .countOrAuto(let range):
            return text.lowercased() == "auto" ? .auto : .number(try ValueKind.number(text, in: range))
        case .size(let range): return .number(try ValueKind.size(text, in: range))
        case .duration(let range): return .duration(try ValueKind.duration(text, in: range))
        case .lag: return try ValueKind.lag(text)
        case .address: return .address(try ValueKind.address(text))
        case .addressList:
            return .addresses(
                AddressList(
                    blocks: try ValueKind.list(text) { item throws(ValueError) in try ValueKind.block(item) }))
        case .hostList:
            return .texts(try ValueKind.list(text) { item throws(ValueError) in try HostName.parse(item) })
        case .httpURL: return .text(try ValueKind.httpURL(text))
        case .stream: return .stream(try ValueKind.stream(text))
        case .streamOrAll: return text.lowercased() == "all" ? .allStreams : .stream(try ValueKind.stream(text))
        case .streamList:
            return .streams(try ValueKind.list(text) { item throws(ValueError) in try ValueKind.stream(item) })
        }
    }

    private static func list<Item>(
        _ text: String, _ parse: (String) throws(ValueError) -> Item
    ) throws(ValueError) -> [Item] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= listItemsMax else {
            throw ValueError(message: "lists \(parts.count) items, and \(listItemsMax) are the most")
        }
        var items: [Item] = []
        for part in parts {
            let item = trimmed(part)
            guard !item.isEmpty else { throw ValueError(message: "has an empty item: a comma too many?") }
            do throws(ValueError) {
                items.append(try parse(item))
            } catch {
                guard !item.utf8.contains(where: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ";") }) else {
                    throw ValueError(message: "lists \(printable(item)): items are separated by commas")
                }
                throw error
            }
        }
        return items
    }

    /// The value itself is never part of a message: messages end in logs.
    private static func secret(_ text: String) throws(ValueError) -> String {
        guard text.utf8.count <= secretBytesMax else {
            throw ValueError(message: "is longer than \(secretBytesMax) bytes")
        }
        guard !text.utf8.contains(UInt8(ascii: "/")) else {
            throw ValueError(message: "holds a slash, and it is one part of a path: POST /<Secret>")
        }
        guard text != ".", text != "..", !StreamID.reservedApps.contains(text.lowercased()) else {
            throw ValueError(message: "is a part of a path with a meaning of its own: take another")
        }
        return text
    }

    private static func boolean(_ text: String) throws(ValueError) -> Bool {
        switch text.lowercased() {
        case "true", "on", "yes", "1": true
        case "false", "off", "no", "0": false
        default: throw ValueError(message: "is \(printable(text)): write True or False")
        }
    }

    private static func word(_ text: String, of words: [String]) throws(ValueError) -> String {
        let lowered = text.lowercased()
        if let word = words.first(where: { $0.lowercased() == lowered }) { return word }
        throw ValueError(message: "is \(printable(text))" + EditDistance.suggestion(for: text, among: words))
    }

    private static func number(_ text: String, in range: ClosedRange<Int>) throws(ValueError) -> Int {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), range.contains(number)
        else {
            let holdsComment = text.utf8.contains { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: "#") }
            throw ValueError(
                message: "is \(printable(text)): a number from \(range.lowerBound) to \(range.upperBound)"
                    + (holdsComment ? "; a comment needs a blank in front of it" : ""))
        }
        return number
    }

    private static func size(_ text: String, in range: ClosedRange<Int>) throws(ValueError) -> Int {
        let bytes = try SizeText.parse(text)
        guard range.contains(bytes) else {
            let (low, high) = (SizeText.format(range.lowerBound), SizeText.format(range.upperBound))
            throw ValueError(message: "is \(printable(text)): from \(low) to \(high)")
        }
        return bytes
    }

    private static func duration(_ text: String, in range: ClosedRange<Duration>) throws(ValueError) -> Duration {
        let duration = try DurationText.parse(text)
        guard range.contains(duration) else {
            let (low, high) = (DurationText.format(range.lowerBound), DurationText.format(range.upperBound))
            throw ValueError(message: "is \(printable(text)): from \(low) to \(high)")
        }
        return duration
    }

    /// `2s, 4M`, `2s` or `4M`. An item that ends as a duration does is one: `4m` is minutes, `4M` megabytes, the one
    /// place where case tells.
    private static func lag(_ text: String) throws(ValueError) -> ParsedValue {
        var time: Duration?
        var bytes: Int?
        let items = try list(text) { item throws(ValueError) in item }
        for item in items {
            if item.hasSuffix("s") || item.hasSuffix("S") || item.hasSuffix("m") || item.hasSuffix("h") {
                guard time == nil else {
                    throw ValueError(message: "has two durations: one and one size, as in 2s, 4M")
                }
                time = try duration(item, in: lagTime)
            } else {
                guard bytes == nil else {
                    throw ValueError(message: "has two sizes: one and one duration, as in 2s, 4M")
                }
                guard !item.utf8.allSatisfy({ (0x30...0x39).contains($0) }) || item.utf8.count > 4 else {
                    throw ValueError(message: "is \(printable(item)), which lacks its unit: write \(item)s or \(item)M")
                }
                bytes = try size(item, in: lagBytes)
            }
        }
        return .lag(time: time, bytes: bytes)
    }

    private static func address(_ text: String) throws(ValueError) -> IPAddress {
        var inner = text
        if text.hasPrefix("["), text.hasSuffix("]") { inner = String(text.dropFirst().dropLast()) }
        if text.lowercased() == "localhost" { return .loopbackIPv4 }  // old files may say so
        let colons = text.utf8.count { $0 == UInt8(ascii: ":") }
        guard colons != 1, !text.hasPrefix("[") || text.hasSuffix("]") else {
            throw ValueError(message: "is \(printable(text)): write the address alone; the port goes into Port")
        }
        do throws(IPAddressError) {
            return try IPAddress(parsing: inner)
        } catch {
            throw ValueError(message: "is \(printable(text)), which \(error)")
        }
    }

    private static func block(_ text: String) throws(ValueError) -> AddressBlock {
        do throws(IPAddressError) {
            return try AddressBlock(parsing: text)
        } catch {
            throw ValueError(message: "lists \(printable(text)), which \(error)")
        }
    }

    private static func stream(_ text: String) throws(ValueError) -> StreamID {
        do throws(StreamIDError) {
            return try StreamID(parsing: text)
        } catch {
            throw ValueError(message: "is \(printable(text)), which is no stream's name: \(error.explanation)")
        }
    }

    /// Only the form that reports need: a scheme, a host, and nothing that breaks a request line.
    private static func httpURL(_ text: String) throws(ValueError) -> String {
        let lowered = text.lowercased()
        let rest: Substring
        if lowered.hasPrefix("http://") {
            rest = text.dropFirst(7)
        } else if lowered.hasPrefix("https://") {
            rest = text.dropFirst(8)
        } else {
            throw ValueError(message: "is \(printable(text)): a URL such as http://10.0.0.5:50000/monitor")
        }
        let isClean = rest.unicodeScalars.allSatisfy { $0.isASCII && $0.value > 0x20 && $0.value != 0x7f }
        guard isClean, let first = rest.first, first != "/", first != ":" else {
            throw ValueError(message: "is \(printable(text)): a URL such as http://10.0.0.5:50000/monitor")
        }
        return text
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text = text.dropFirst() }
        while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
        return String(text)
    }
}
