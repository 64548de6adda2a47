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
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix(prefix) {
            let origin = Origin.environment(printable(name))
            guard let (rule, key, label) = resolve(name, in: sections) else {
                let nearest = EditDistance.nearest(to: name, among: names(of: sections))
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

    private static func resolve(
        _ name: String, in sections: [SectionSettings]
    ) -> (rule: SectionRule, key: KeyRule, label: String)? {
        let written = sections.map { (rule: $0.rule, label: $0.label) }
        for (rule, label) in written + Schema.sections.map({ (rule: $0, label: "") }) {
            for key in rule.keys where name.uppercased() == variable(rule.name, label, key.name) {
                return (rule, key, label)
            }
        }
        return nil
    }

    private static func names(of sections: [SectionSettings]) -> [String] {
        let written = sections.filter(\.isNamed).map { (rule: $0.rule, label: $0.label) }
        return (written + Schema.sections.map { (rule: $0, label: "") }).flatMap { rule, label in
            rule.keys.map { variable(rule.name, label, $0.name) }
        }
    }

    static func variable(_ section: String, _ label: String, _ key: String = "") -> String {
        let parts = [section, label, key].filter { !$0.isEmpty }
        let joined = parts.joined(separator: "_").uppercased()
        return prefix + String(joined.map { ":.-/".contains($0) ? "_" : $0 })
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while let first = text.first, first.isWhitespace { text = text.dropFirst() }
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return String(text)
    }
}
