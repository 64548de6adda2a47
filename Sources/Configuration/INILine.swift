/// What one line of an INI file says.
enum INILine: Equatable {
    case nothing
    case section(String)
    case entry(key: String, value: String)

    /// - Parameter bytes: the line without its end, in UTF-8, without control characters but tabs.
    init(parsing bytes: ArraySlice<UInt8>) throws(INILineError) {
        let line = INILine.trim(bytes)
        guard let first = line.first, !INILine.startsComment(first) else {
            self = .nothing
            return
        }
        if first == UInt8(ascii: "[") {
            self = .section(try INILine.section(line.dropFirst()))
            return
        }
        guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { throw .neither(key: INILine.word(line)) }
        let key = INILine.trim(line[..<equals])
        guard !INILine.holdsComment(key) else { throw .neither(key: nil) }
        guard !key.isEmpty else { throw .noKey }
        self = .entry(key: INILine.text(key), value: try INILine.value(line[(equals + 1)...]))
    }

    private static func section(_ rest: ArraySlice<UInt8>) throws(INILineError) -> String {
        guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else {
            let name = trim(rest.prefix { !startsComment($0) })
            guard !name.isEmpty else { throw .noSectionName }
            throw .sectionNotClosed(text(name))
        }
        let name = trim(rest[..<end])
        guard !name.isEmpty else { throw .noSectionName }
        let after = trim(rest[(end + 1)...])
        guard after.first.map(startsComment) ?? true else { throw .textBehindSection(text(name)) }
        return text(name)
    }

    /// Whether a name, key or value held bytes that are no UTF-8: the decoder put U+FFFD in their place. In comments
    /// they hurt nobody, and old files have them there.
    var isRepaired: Bool {
        switch self {
        case .nothing: false
        case .section(let name): name.unicodeScalars.contains("\u{fffd}")
        case .entry(let key, let value): (key + value).unicodeScalars.contains("\u{fffd}")
        }
    }

    /// What stands where a key would, in a line that cannot be read.
    static func key(of row: ArraySlice<UInt8>) -> String? {
        let line = trim(row.prefix(INIDocument.lineBytesMax))
        guard let first = line.first, first != UInt8(ascii: "[") else { return nil }
        if let equals = line.firstIndex(of: UInt8(ascii: "=")) { return text(trim(line[..<equals])) }
        return word(line)
    }

    /// The letters in front of a colon or a blank, as in `Port: 1`; nil where nothing else follows them.
    private static func word(_ line: ArraySlice<UInt8>) -> String? {
        let word = line.prefix { (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) }
        guard !word.isEmpty, word.count < line.count, let next = line[word.endIndex...].first else { return nil }
        return next == UInt8(ascii: ":") || isBlank(next) ? text(word) : nil
    }

    /// Takes comments and quotes off. A quote opens at the start of the value and behind a comma.
    private static func value(_ bytes: ArraySlice<UInt8>) throws(INILineError) -> String {
        var out: [UInt8] = []
        var index = bytes.startIndex
        var startsItem = true
        var bytesToKeep = 0  // blanks at the end are kept up to here: they stood in quotes
        scan: while index < bytes.endIndex {
            let byte = bytes[index]
            let isBehindBlank = index > bytes.startIndex && isBlank(bytes[index - 1])
            switch byte {
            case UInt8(ascii: "#") where isBehindBlank, UInt8(ascii: ";") where isBehindBlank:
                break scan
            case UInt8(ascii: "\"") where startsItem:
                guard let end = bytes[(index + 1)...].firstIndex(of: UInt8(ascii: "\"")) else { throw .quoteNotClosed }
                while let last = out.last, isBlank(last), out.count > bytesToKeep { out.removeLast() }
                out.append(contentsOf: bytes[(index + 1)..<end])
                bytesToKeep = out.count
                index = try endOfQuoted(bytes, from: end + 1)
                startsItem = false
                continue
            case UInt8(ascii: ","):
                startsItem = true
                out.append(byte)
            default:
                if !isBlank(byte) { startsItem = false }
                if !(out.isEmpty && isBlank(byte)) { out.append(byte) }
            }
            index += 1
        }
        while let last = out.last, isBlank(last), out.count > bytesToKeep { out.removeLast() }
        return text(out[...])
    }

    /// Behind a closing quote only a comma, a comment or the end may come; gives where it stands.
    private static func endOfQuoted(_ bytes: ArraySlice<UInt8>, from start: Int) throws(INILineError) -> Int {
        let rest = trim(bytes[start...])
        guard let first = rest.first else { return bytes.endIndex }
        if first == UInt8(ascii: ",") { return rest.startIndex }
        guard startsComment(first), rest.startIndex > start else { throw .textBehindQuote }
        return bytes.endIndex
    }

    /// Whether a comment began in front of the `=`, which then is part of it.
    private static func holdsComment(_ key: ArraySlice<UInt8>) -> Bool {
        key.indices.dropFirst().contains { startsComment(key[$0]) && isBlank(key[$0 - 1]) }
    }

    private static func startsComment(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";") }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    private static func trim(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes
        while let first = bytes.first, isBlank(first) { bytes = bytes.dropFirst() }
        while let last = bytes.last, isBlank(last) { bytes = bytes.dropLast() }
        return bytes
    }

    /// The bytes came out of a String and are cut at ASCII alone, so nothing needs repair here.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
