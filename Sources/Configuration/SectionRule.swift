/// One kind of section: its name, what may stand behind the colon, and its keys.
struct SectionRule: Sendable {
    enum Label: Sendable, Equatable {
        /// Only `[name]`.
        case none
        /// `[name]` and `[name:word]`.
        case word
        /// `[name]` and `[name:app/name]`.
        case stream
    }

    let name: String
    let label: Label
    let meaning: String
    let keys: [KeyRule]
    /// Of the keys, for suggestions.
    let keyNames: [String]

    init(name: String, label: Label, meaning: String, keys: [KeyRule]) {
        self.name = name
        self.label = label
        self.meaning = meaning
        self.keys = keys
        keyNames = keys.map(\.name)
    }

    /// In any case.
    func key(_ name: String) -> KeyRule? {
        let lowered = name.lowercased()
        return keys.first { $0.lowered == lowered }
    }
}
