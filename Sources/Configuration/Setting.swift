/// One value as it was written, and what came of it.
struct Setting: Equatable {
    let rule: String
    let text: String
    let origin: Origin
    /// nil where the form is bad.
    let value: ParsedValue?
    /// What is wrong with the form, to be put behind the key's name.
    let problem: String?

    /// - Parameter text: empty counts as not given; the caller makes no setting of it.
    init(rule: KeyRule, text: String, origin: Origin) {
        self.rule = rule.name
        self.text = text
        self.origin = origin
        do throws(ValueError) {
            value = try rule.kind.parse(text)
            problem = nil
        } catch {
            value = nil
            problem = error.message
        }
    }
}
