extension StreamPolicy {
    /// Reads `[stream]` or `[stream:app/name]`; keys that the section does not set stay as they are in `base`.
    init(_ section: SectionSettings, over base: StreamPolicy) {
        self = base
        if section.isSet("FlushDelay"), let delay = section.duration("FlushDelay") { flushDelay = delay }
        if section.isSet("Hold"), let hold = section.duration("Hold") { self.hold = hold }
        if section.isSet("Grace"), let grace = section.duration("Grace") { self.grace = grace }
        if section.isSet("GopBytes"), let bytes = section.number("GopBytes") { gopBytes = bytes }
        if section.isSet("Takeover") {
            switch section.word("Takeover") {
            case "takeover": takeover = .takeover
            case "reject": takeover = .reject
            default: takeover = .auto
            }
        }
        if section.isSet("Gate") {
            switch section.word("Gate") {
            case "on": gate = .on
            case "off": gate = .off
            default: gate = .auto
            }
        }
    }
}
