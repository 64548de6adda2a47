/// One section with its values in their types; what is missing or malformed reads as its default.
struct SectionSettings {
    let rule: SectionRule
    /// What stands behind the colon; empty for the unnamed section.
    let label: String
    /// Where the section begins; `.file` when it is written nowhere.
    let origin: Origin
    private(set) var settings: [String: Setting] = [:]
    /// Keys that are written without a value.
    private var emptied: [String: Origin] = [:]
    /// Keys that something unreadable was probably meant for; that is told, so that they are not called missing too.
    private(set) var attempted: Set<String> = []

    init(rule: SectionRule, label: String = "", origin: Origin = .file) {
        self.rule = rule
        self.label = label
        self.origin = origin
    }

    /// `backstream` or `backstream:east`.
    var title: String { label.isEmpty ? rule.name : rule.name + ":" + label }

    var isNamed: Bool { !label.isEmpty }

    /// The line for the log and the explanation; 0 when there is none.
    var line: Int {
        switch origin {
        case .line(let line): line
        case .environment, .file: 0
        }
    }

    /// What is written, in the order of the table.
    var ordered: [Setting] { rule.keys.compactMap { settings[$0.name] } }

    /// Puts a value in place, over an older one; an empty text takes it away.
    mutating func set(_ key: KeyRule, text: String, origin: Origin) {
        settings[key.name] = text.isEmpty ? nil : Setting(rule: key, text: text, origin: origin)
        emptied[key.name] = text.isEmpty ? origin : nil
    }

    /// Somebody tried to write this key, and was told what is wrong with the line.
    mutating func attempt(_ key: KeyRule) { attempted.insert(key.name) }

    /// Whether a value other than the default is written; old files carry whole sections of defaults.
    var saysSomething: Bool {
        settings.values.contains { setting in
            setting.text.lowercased() != rule.key(setting.rule)?.standard.lowercased()
        }
    }

    /// Whether the key has a text, be it well formed or not.
    func isSet(_ key: String) -> Bool { settings[key] != nil }

    /// Whether something is written that cannot be read.
    func isMalformed(_ key: String) -> Bool { settings[key].map { $0.value == nil } ?? false }

    func origin(of key: String) -> Origin { settings[key]?.origin ?? emptied[key] ?? origin }

    /// The written value, else the default; nil where there is neither.
    func value(_ key: String) -> ParsedValue? {
        if let value = settings[key]?.value { return value }
        return rule.keys.first { $0.name == key }?.standardValue
    }

    func word(_ key: String) -> String {
        if case .word(let word) = value(key) { word } else { "" }
    }

    func words(_ key: String) -> [String] {
        if case .words(let words) = value(key) { words } else { [] }
    }

    func text(_ key: String) -> String? {
        if case .text(let text) = value(key) { text } else { nil }
    }

    func texts(_ key: String) -> [String] {
        if case .texts(let texts) = value(key) { texts } else { [] }
    }

    func boolean(_ key: String) -> Bool {
        if case .boolean(let boolean) = value(key) { boolean } else { false }
    }

    func number(_ key: String) -> Int? {
        if case .number(let number) = value(key) { number } else { nil }
    }

    func numbers(_ key: String) -> [Int] {
        if case .numbers(let numbers) = value(key) { numbers } else { [] }
    }

    func duration(_ key: String) -> Duration? {
        if case .duration(let duration) = value(key) { duration } else { nil }
    }

    func address(_ key: String) -> IPAddress? {
        if case .address(let address) = value(key) { address } else { nil }
    }

    func addresses(_ key: String) -> AddressList? {
        if case .addresses(let addresses) = value(key) { addresses } else { nil }
    }

    func stream(_ key: String) -> StreamID? {
        if case .stream(let stream) = value(key) { stream } else { nil }
    }

    func streams(_ key: String) -> [StreamID] {
        if case .streams(let streams) = value(key) { streams } else { [] }
    }

    func lag(_ key: String) -> LagLimit {
        var limit = LagLimit()
        if case .lag(let time, let bytes) = value(key) {
            limit.time = time ?? limit.time
            limit.bytes = bytes ?? limit.bytes
        }
        return limit
    }
}
