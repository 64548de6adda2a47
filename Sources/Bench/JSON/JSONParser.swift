/// Why a text is no JSON.
package enum JSONError: Error, Equatable, Sendable {
    /// Something else must stand at this byte.
    case unexpected(offset: Int)
    /// The text ends too early.
    case short
    /// Values lie in one another more than `JSONParser.depthMax` deep.
    case tooDeep
}

extension JSON {
    /// Reads a whole text: one value and blanks around it.
    package init(parsing text: String) throws(JSONError) {
        var parser = JSONParser(bytes: Array(text.utf8))
        self = try parser.document()
    }
}

/// Reads JSON (RFC 8259) from UTF-8.
struct JSONParser {
    static let depthMax = 32

    private let bytes: [UInt8]
    private var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSONError) -> JSON {
        let value = try value(depth: 0)
        skipBlanks()
        guard at == bytes.count else { throw .unexpected(offset: at) }
        return value
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSON {
        guard depth < JSONParser.depthMax else { throw .tooDeep }
        skipBlanks()
        switch try peek() {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSON {
        at += 1
        var members: [JSON.Member] = []
        skipBlanks()
        if try takes("}") { return .object(members) }
        while true {
            skipBlanks()
            guard try peek() == UInt8(ascii: "\"") else { throw .unexpected(offset: at) }
            let name = try string()
            skipBlanks()
            guard try takes(":") else { throw .unexpected(offset: at) }
            members.append(JSON.Member(name: name, value: try value(depth: depth + 1)))
            skipBlanks()
            if try takes("}") { return .object(members) }
            guard try takes(",") else { throw .unexpected(offset: at) }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSON {
        at += 1
        var elements: [JSON] = []
        skipBlanks()
        if try takes("]") { return .array(elements) }
        while true {
            elements.append(try value(depth: depth + 1))
            skipBlanks()
            if try takes("]") { return .array(elements) }
            guard try takes(",") else { throw .unexpected(offset: at) }
        }
    }

    private mutating func string() throws(JSONError) -> String {
        at += 1
        var content: [UInt8] = []
        while true {
            let byte = try peek()
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                at += 1
                content += try escaped()
            case 0..<0x20: throw .unexpected(offset: at)
            default:
                content.append(byte)
                at += 1
            }
        }
    }

    /// What stands behind a backslash, as UTF-8.
    private mutating func escaped() throws(JSONError) -> [UInt8] {
        let byte = try peek()
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            var units = [try unit()]
            // The second half of a surrogate pair; a half alone becomes U+FFFD.
            if 0xd800...0xdbff ~= units[0], at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"),
                bytes[at + 1] == UInt8(ascii: "u")
            {
                at += 2
                units.append(try unit())
            }
            return Array(String(decoding: units, as: UTF16.self).utf8)
        default: throw .unexpected(offset: at - 1)
        }
    }

    private mutating func unit() throws(JSONError) -> UInt16 {
        guard at + 4 <= bytes.count else { throw .short }
        let digits = bytes[at..<at + 4]
        let isHex = digits.allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
        guard isHex, let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16) else {
            throw .unexpected(offset: at)
        }
        at += 4
        return unit
    }

    private mutating func number() throws(JSONError) -> JSON {
        let start = at
        while at < bytes.count, JSONParser.isInNumber(bytes[at]) { at += 1 }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        // Double takes more forms than JSON has; a plus sign or a point in front, and a point at the end, are not its.
        guard let first = text.utf8.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "."), !text.hasSuffix("."),
            let number = Double(text), number.isFinite
        else { throw .unexpected(offset: start) }
        return .number(number)
    }

    private static func isInNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        let text = Array("\(word)".utf8)
        guard at + text.count <= bytes.count else { throw .short }
        guard Array(bytes[at..<at + text.count]) == text else { throw .unexpected(offset: at) }
        at += text.count
        return value
    }

    private mutating func takes(_ scalar: UnicodeScalar) throws(JSONError) -> Bool {
        guard try peek() == UInt8(ascii: scalar) else { return false }
        at += 1
        return true
    }

    private func peek() throws(JSONError) -> UInt8 {
        guard at < bytes.count else { throw .short }
        return bytes[at]
    }

    private mutating func skipBlanks() {
        while at < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[at]) { at += 1 }
    }
}
