/// One key of one section: what it takes and what it means.
struct KeyRule: Sendable {
    let name: String
    /// In lower case, as keys are compared.
    let lowered: String
    let kind: ValueKind
    /// What holds where the key is missing or empty, as it would be written; empty: see `meaning`.
    let standard: String
    /// The same as a value: it is read over and over.
    let standardValue: ParsedValue?
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
        lowered = name.lowercased()
        self.kind = kind
        self.standard = standard
        standardValue = standard.isEmpty ? nil : try? kind.parse(standard)  // a test reads every default
        self.meaning = meaning
        self.later = later
        self.example = example
        self.guidance = guidance
    }
}
