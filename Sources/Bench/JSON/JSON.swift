/// A JSON text (RFC 8259) as a value, for the figures that commands hand to one another and to other programs.
///
/// ```swift
/// let report = try JSON(parsing: line)
/// let p99 = report["delayMs"]["p99"].number
/// print(JSON(members: [("name", "limit"), ("p99", JSON(p99))]).text)
/// ```
package enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    /// Members in their order.
    case object([Member])

    package struct Member: Equatable, Sendable {
        package let name: String
        package let value: JSON
    }

    /// A number; null for what is none, or not finite, which JSON has no word for.
    package init(_ number: Double?) {
        self = number.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
    }

    /// An object.
    package init(members: [(String, JSON)]) {
        self = .object(members.map { Member(name: $0.0, value: $0.1) })
    }

    /// A member of an object; null where there is none.
    package subscript(name: String) -> JSON {
        guard case .object(let members) = self else { return .null }
        return members.first { $0.name == name }?.value ?? .null
    }

    package var number: Double? {
        if case .number(let number) = self { number } else { nil }
    }

    package var bool: Bool? {
        if case .bool(let bool) = self { bool } else { nil }
    }

    package var string: String? {
        if case .string(let string) = self { string } else { nil }
    }

    package var elements: [JSON] {
        if case .array(let elements) = self { elements } else { [] }
    }
}

extension JSON: ExpressibleByStringLiteral {
    package init(stringLiteral: String) { self = .string(stringLiteral) }
}

extension JSON: ExpressibleByIntegerLiteral {
    package init(integerLiteral: Int) { self = .number(Double(integerLiteral)) }
}

extension JSON {
    /// One line, whatever it holds.
    package var text: String {
        var text = ""
        append(to: &text)
        return text
    }

    private func append(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let bool): text += bool ? "true" : "false"
        case .number(let number): text += JSON.text(of: number)
        case .string(let string): JSON.append(string, to: &text)
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                element.append(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                JSON.append(member.name, to: &text)
                text += ":"
                member.value.append(to: &text)
            }
            text += "}"
        }
    }

    /// Whole numbers without a point, others with the digits that they need.
    private static func text(of number: Double) -> String {
        guard number.isFinite else { return "null" }
        return Int64(exactly: number).map(String.init) ?? String(number)
    }

    private static func append(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\r": text += "\\r"
            case "\0"..."\u{1f}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
