/// One thing that is bounded: what it is, where the bound is changed, what shows that it was reached, and the test that
/// reaches it.
struct Limit {
    let name: String
    /// As operators read it.
    let value: String
    /// The key that changes it; nil where it is fixed.
    let key: String?
    /// What operators see of it: the client's answer, an event of the log, a field of the status line or of `.json`.
    let shown: String
    /// The constants behind it, as `Type.name`; empty where it is a key's default alone.
    let constants: [String]
    /// The name of the test that reaches it.
    let test: String

    init(
        _ name: String, _ value: String, key: String? = nil, _ shown: String, _ constants: [String] = [], test: String
    ) {
        self.name = name
        self.value = value
        self.key = key
        self.shown = shown
        self.constants = constants
        self.test = test
    }

    /// A line of the table that operators read.
    var line: String { "| \(name) | \(value) | \(key.map { "`\($0)`" } ?? "fixed") | \(shown) |" }

    /// Limits that belong together, under a heading of their own.
    struct Group {
        let name: String
        let limits: [Limit]
    }
}
