/// The field lines of a head, in order; names in lower case, values without the blanks around them.
///
/// Bytes of a value that are not UTF-8 read as U+FFFD.
package struct HeaderFields: Equatable, Sendable {
    package struct Field: Equatable, Sendable {
        /// A token in lower case.
        package let name: String
        package let value: String
    }

    package private(set) var fields: [Field] = []

    package init() {}

    package var count: Int { fields.count }

    /// The value of the first line with this name, in any case of letters.
    package func first(_ name: String) -> String? {
        let wanted = ByteClass.lowercased(name)
        return fields.first { $0.name == wanted }?.value
    }

    /// The values of all lines with this name, in order.
    package func values(of name: String) -> [String] {
        let wanted = ByteClass.lowercased(name)
        return fields.filter { $0.name == wanted }.map(\.value)
    }

    /// The elements of a comma-separated list over all lines with this name, trimmed, empty ones left out
    /// (RFC 9110 5.6.1). Quoted strings are not told apart: for lists of tokens only.
    package func elements(of name: String) -> [String] {
        values(of: name).flatMap { value in
            value.utf8.split(separator: UInt8(ascii: ","))
                .map { HeaderFields.trimmed($0) }
                .filter { !$0.isEmpty }
        }
    }

    /// Whether the list under this name has the token, in any case of letters.
    package func contains(_ token: String, in name: String) -> Bool {
        let wanted = ByteClass.lowercased(token)
        return elements(of: name).contains { ByteClass.lowercased($0) == wanted }
    }

    mutating func append(_ field: Field) { fields.append(field) }

    static func trimmed(_ text: some BidirectionalCollection<UInt8>) -> String {
        let start = text.firstIndex { !ByteClass.isBlank($0) } ?? text.endIndex
        let last = text.lastIndex { !ByteClass.isBlank($0) }
        guard let last else { return "" }
        return String(decoding: text[start...last], as: UTF8.self)
    }
}

extension HeaderFields.Field {
    /// Reads one field line (RFC 9112 5), given without its CR LF and free of control characters.
    ///
    /// - Parameter offset: where the line stands, for errors.
    /// - Throws: `.foldedLine`, `.missingColon`, `.badFieldName` (a blank before the colon is one).
    init(parsing line: [UInt8], offset: Int) throws(HTTPError) {
        if let first = line.first, ByteClass.isBlank(first) { throw HTTPError(.foldedLine, offset: offset) }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw HTTPError(.missingColon, offset: offset) }
        if let bad = line[..<colon].firstIndex(where: { !ByteClass.isToken($0) }) {
            throw HTTPError(.badFieldName, offset: offset + bad)
        }
        guard colon > 0 else { throw HTTPError(.badFieldName, offset: offset) }
        name = String(decoding: line[..<colon].map { ByteClass.lowercased($0) }, as: UTF8.self)
        value = HeaderFields.trimmed(line[(colon + 1)...])
    }
}
