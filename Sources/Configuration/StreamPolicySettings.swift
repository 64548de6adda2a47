extension StreamPolicy {
    /// Reads `[stream]` or `[stream:app/name]`; keys that the section does not set stay as they are in `base`.
    init(_ section: SectionSettings, over base: StreamPolicy) {
        self = base
        if section.isSet("FlushDelay") { flushDelay = section.duration("FlushDelay") ?? base.flushDelay }
        if section.isSet("Hold") { hold = section.duration("Hold") ?? base.hold }
        if section.isSet("Grace") { grace = section.duration("Grace") ?? base.grace }
        if section.isSet("GopBytes") { gopBytes = section.number("GopBytes") ?? base.gopBytes }
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
