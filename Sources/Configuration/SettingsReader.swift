/// Brings a file and the environment under the schema: which sections and keys there are, and whether they may be.
struct SettingsReader {
    private(set) var sections: [SectionSettings] = []
    /// Names of sections that an unknown one was probably meant for.
    private(set) var attempted: Set<String> = []

    /// Sections that one file may hold; a tree node needs a handful.
    static let sectionsMax = 1_024

    init(text: String, environment: [String: String], diagnostics: inout DiagnosticCollector) {
        let document = INIDocument(parsing: text)
        for error in document.errors {
            diagnostics.error(error.line > 0 ? .line(error.line) : .file, error.message)
        }
        // A file that is something else altogether has been told enough.
        if document.sections.isEmpty, !document.errors.isEmpty { attempted = Set(Schema.sections.map(\.name)) }
        if document.sections.count > SettingsReader.sectionsMax {
            diagnostics.error(.file, "has more than \(SettingsReader.sectionsMax) sections: the rest is not read")
        }
        for section in document.sections.prefix(SettingsReader.sectionsMax) {
            read(section, diagnostics: &diagnostics)
        }
        EnvironmentOverride.apply(environment, to: &sections, diagnostics: &diagnostics)
    }

    /// The unnamed section, whether it is written or not.
    func unnamed(_ rule: SectionRule) -> SectionSettings {
        sections.first { $0.rule.name == rule.name && !$0.isNamed } ?? SectionSettings(rule: rule)
    }

    private mutating func read(_ section: INIDocument.Section, diagnostics: inout DiagnosticCollector) {
        guard var settings = resolve(section, diagnostics: &diagnostics) else { return }
        let twin = sections.first { other in
            guard other.rule.name == settings.rule.name else { return false }
            // Names of streams differ by case; other names differ only to the eye.
            return settings.rule.label == .stream
                ? other.label == settings.label : other.label.lowercased() == settings.label.lowercased()
        }
        if let twin {
            diagnostics.error(
                .line(section.line),
                "[\(settings.title)] is there already, in line \(twin.line): put its keys there"
                    + (settings.rule.label == .word ? ", or give it a name of its own" : ""))
            return
        }
        var lines: [String: Int] = [:]
        for entry in section.entries {
            guard let key = settings.rule.key(entry.key) else {
                let nearest = attempt(entry.key, in: &settings)
                diagnostics.error(.line(entry.line), SettingsReader.unknownKey(entry.key, nearest, in: settings))
                continue
            }
            if let first = lines[key.name] {
                diagnostics.error(
                    .line(entry.line), "\(key.name) is there already, in line \(first): take one of them away")
                continue
            }
            lines[key.name] = entry.line
            settings.set(key, text: entry.value, origin: .line(entry.line))
        }
        for name in section.brokenKeys { _ = attempt(name, in: &settings) }  // told with the line's error
        sections.append(settings)
    }

    /// - Returns: the key that was probably meant, if there is one.
    private func attempt(_ name: String, in settings: inout SectionSettings) -> String? {
        guard let nearest = EditDistance.nearest(to: name, among: settings.rule.keyNames) else { return nil }
        if let key = settings.rule.key(nearest) { settings.attempt(key) }
        return nearest
    }

    private mutating func resolve(
        _ section: INIDocument.Section, diagnostics: inout DiagnosticCollector
    ) -> SectionSettings? {
        let origin = Origin.line(section.line)
        let parts = section.name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = SettingsReader.trimmed(parts[0])
        guard !section.name.isEmpty else { return nil }  // told when its line was read
        guard let rule = Schema.section(name) else {
            let names = Schema.sections.map(\.name)
            let nearest = EditDistance.nearest(to: name, among: names)
            if let nearest { attempted.insert(nearest) }
            diagnostics.error(
                origin, "unknown section [\(printable(name))]" + EditDistance.suggestion(nearest, among: names))
            return nil
        }
        guard parts.count == 2 else { return SectionSettings(rule: rule, origin: origin) }
        let label = SettingsReader.trimmed(parts[1])
        switch rule.label {
        case .none:
            diagnostics.error(origin, "[\(rule.name)] is there once and takes no name: write [\(rule.name)]")
            return nil
        case .word:
            guard SettingsReader.isWord(label) else {
                diagnostics.error(
                    origin,
                    "the name of [\(rule.name):\(printable(label))] must be 1 to 64 letters, digits, dots, underscores "
                        + "or hyphens")
                return nil
            }
        case .stream:
            do throws(StreamIDError) {
                _ = try StreamID(parsing: label)  // only whether it is one
            } catch {
                diagnostics.error(
                    origin, "[\(rule.name):\(printable(label))] names no stream: \(error.explanation)")
                return nil
            }
        }
        return SectionSettings(rule: rule, label: label, origin: origin)
    }

    private static func unknownKey(_ name: String, _ nearest: String?, in section: SectionSettings) -> String {
        let start = "unknown key \(printable(name)) in [\(section.title)]"
        if nearest == nil {
            let homes = Schema.sections.filter { $0.key(name) != nil }.map { "[\($0.name)]" }
            if !homes.isEmpty { return start + "; it belongs in " + homes.joined(separator: ", ") }
        }
        return start + EditDistance.suggestion(nearest, among: section.rule.keyNames)
    }

    private static func isWord(_ text: String) -> Bool {
        guard (1...64).contains(text.utf8.count) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
            default: false
            }
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text = text.dropFirst() }
        while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
        return String(text)
    }
}
