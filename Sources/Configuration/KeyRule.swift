/// One key of one section: what it takes and what it means.
struct KeyRule: Sendable {
    let name: String
    let kind: ValueKind
    /// What holds where the key is missing or empty, as it would be written; empty: see `meaning`.
    let standard: String
    /// One or two sentences, for the reference and for messages.
    let meaning: String
    /// Why the key has no effect so far; nil: it works.
    let later: String?
    /// What the commented reference shows in place of an empty default.
    let example: String
    /// Lines of at most 106 characters that the reference adds as they stand: a table.
    let guidance: [String]

    init(
        _ name: String, _ kind: ValueKind, standard: String = "", example: String = "", later: String? = nil,
        _ meaning: String, guidance: [String] = []
    ) {
        self.name = name
        self.kind = kind
        self.standard = standard
        self.meaning = meaning
        self.later = later
        self.example = example
        self.guidance = guidance
    }
}
