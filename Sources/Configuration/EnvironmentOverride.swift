/// Values from the environment: `TSRELAY_<SECTION>_<KEY>`, with `:` `.` `-` and `/` of the section as `_`.
///
/// They stand over the file's. A named section must be in the file, since its name cannot be read back out of a
/// variable; an unnamed one need not.
enum EnvironmentOverride {
    static let prefix = "TSRELAY_"
    /// Longest value that is taken, in bytes.
    static let valueBytesMax = INIDocument.lineBytesMax

    static func apply(
        _ environment: [String: String], to sections: inout [SectionSettings],
        diagnostics: inout DiagnosticCollector
    ) {
        let ours = environment.filter { $0.key.hasPrefix(prefix) }.sorted { $0.key < $1.key }
        guard !ours.isEmpty else { return }
        let named = variables(of: sections.filter(\.isNamed).map { (rule: $0.rule, label: $0.label) })
        for (name, text) in ours {
            let origin = Origin.environment(printable(name))
            let wanted = uppercased(name)
            guard let (_, rule, key, label) = unnamed[wanted] ?? named.first(where: { $0.name == wanted }) else {
                let nearest = EditDistance.nearest(to: name, among: named.map(\.name) + unnamedNames)
                diagnostics.warning(
                    origin, "names no key and is not used" + (nearest.map { "; did you mean \($0)?" } ?? ""))
                continue
            }
            let value = trimmed(text)
            guard value.utf8.count <= valueBytesMax, value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
                diagnostics.error(origin, "is longer than \(valueBytesMax) bytes or holds a control character")
                continue
            }
            if label.isEmpty, !sections.contains(where: { $0.rule.name == rule.name && !$0.isNamed }) {
                sections.append(SectionSettings(rule: rule, origin: origin))
            }
            for index in sections.indices where sections[index].rule.name == rule.name {
                guard variable(rule.name, sections[index].label) == variable(rule.name, label) else { continue }
                sections[index].set(key, text: value, origin: origin)
            }
        }
    }

    private typealias Variable = (name: String, rule: SectionRule, key: KeyRule, label: String)

    private static func variables(of sections: [(rule: SectionRule, label: String)]) -> [Variable] {
        sections.flatMap { rule, label in
            rule.keys.map { (variable(rule.name, label, $0.name), rule, $0, label) }
        }
    }

    /// Those of the unnamed sections, which are the same for every file.
    private static let unnamed: [String: Variable] = {
        let all = variables(of: Schema.sections.map { (rule: $0, label: "") })
        return Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
    }()

    /// In the order of the schema.
    private static let unnamedNames = variables(of: Schema.sections.map { (rule: $0, label: "") }).map(\.name)

    static func variable(_ section: String, _ label: String, _ key: String = "") -> String {
        let parts = [section, label, key].filter { !$0.isEmpty }
        let joined = uppercased(parts.joined(separator: "_")).utf8.map { byte in
            switch byte {
            case UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "/"): UInt8(ascii: "_")
            default: byte
            }
        }
        return prefix + String(decoding: joined, as: UTF8.self)
    }

    /// ASCII letters alone: sections and keys have no others.
    private static func uppercased(_ text: String) -> String {
        String(decoding: text.utf8.map { (0x61...0x7a).contains($0) ? $0 - 0x20 : $0 }, as: UTF8.self)
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while let first = text.first, first.isWhitespace { text = text.dropFirst() }
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return String(text)
    }
}
