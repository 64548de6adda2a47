/// Which sections and keys count, by `RunMode` and `[dispatch] Protocol` as the first generation had it.
///
/// A named section always counts. An unnamed one that is written nowhere is not missed when named ones do its work.
struct SettingUsage {
    private let settings: SettingsReader
    /// Empty: not given, or not one of the three.
    private let runMode: String
    private let protocols: [String]

    init(settings: SettingsReader) {
        self.settings = settings
        runMode = settings.unnamed(Schema.app).word("RunMode")
        protocols = settings.unnamed(Schema.dispatch).words("Protocol")
    }

    func isActive(_ section: SectionSettings) -> Bool {
        guard runMode != "monitor" else {
            return section.rule.name == Schema.monitor.name || isAlwaysActive(section.rule)
        }
        if section.isNamed { return true }
        switch section.rule.name {
        // With no valid RunMode nothing can be called unused.
        case Schema.backstream.name: return runMode != "extra"
        case Schema.pushstream.name: return runMode != "normal"
        case Schema.custom.name: return protocols.contains("CUSTOM")
        case Schema.monitor.name: return false
        default: return true
        }
    }

    /// False while a missing or unknown `RunMode` leaves open whether the section counts.
    func isSurelyActive(_ section: SectionSettings) -> Bool {
        let isOneOfTwo = section.rule.name == Schema.backstream.name || section.rule.name == Schema.pushstream.name
        return isActive(section) && (section.isNamed || !isOneOfTwo || !runMode.isEmpty)
    }

    private func isAlwaysActive(_ rule: SectionRule) -> Bool {
        [Schema.app.name, Schema.log.name].contains(rule.name)
    }

    func whyInactive(_ section: SectionSettings) -> String {
        if runMode == "monitor" { return "RunMode = monitor only collects reports" }
        switch section.rule.name {
        case Schema.custom.name: return "[dispatch] Protocol does not hold CUSTOM"
        case Schema.monitor.name: return "it is for RunMode = monitor"
        default: return "RunMode = \(runMode) takes its stream by [\(runMode == "extra" ? "pushstream" : "backstream")]"
        }
    }

    /// Why a key of an active section does nothing; nil when it does something, empty when that needs no words.
    func whyUnused(_ setting: Setting, in section: SectionSettings) -> String? {
        // What decides it cannot be read, and that is told.
        let decides = setting.rule == "StartBytes" ? "Start" : "Protocol"
        if section.isMalformed(decides) { return nil }
        switch (section.rule.name, setting.rule) {
        case (Schema.backstream.name, "Secret"):
            return section.word("Protocol") == "HTTP" ? nil : "only HTTP can carry one, so anyone may push"
        case (Schema.backstream.name, "Interface"), (Schema.pushstream.name, "Interface"),
            (Schema.backstream.name, "Source"), (Schema.pushstream.name, "Source"):
            guard section.word("Protocol") == "UDP" else { return "only UDP has multicast" }
            return section.address("Bind")?.isMulticast == true ? nil : "it is for a multicast group in Bind"
        case (Schema.dispatch.name, "Protocol"): return nil
        case (Schema.dispatch.name, _):
            return whyUnusedDispatch(setting, in: section)
        case (Schema.authority.name, "Ips"):
            return section.boolean("Use") || section.isMalformed("Use") ? nil : "Use is not True"
        case (Schema.custom.name, "FilterIps"):
            if section.word("Protocol") == "TCP" { return nil }
            // Old files say in this way that no one is filtered.
            return setting.text == "0.0.0.0" ? "" : "it is for Protocol = TCP"
        case (Schema.custom.name, "StartBytes"):
            return section.word("Start") == "gop" ? nil : "it is for Start = gop"
        default: return nil
        }
    }

    private func whyUnusedDispatch(_ setting: Setting, in section: SectionSettings) -> String? {
        let words = section.words("Protocol")
        if section.isNamed && !section.isSet("Protocol") { return nil }
        if words.contains("TCP") || words.contains("UDP") {
            if setting.rule == "Interface", !words.contains("UDP") { return "only UDP has multicast" }
            return nil
        }
        let isPair = setting.rule == "Hosts" || setting.rule == "Ports"
        // The old form asked for both beside CUSTOM where the viewers' tier was TCP.
        if isPair, settings.unnamed(Schema.custom).word("Protocol") == "TCP" { return "" }
        return "Protocol holds neither TCP nor UDP"
    }

    /// Sections that this node cannot do without and that are written nowhere.
    var missing: [SectionRule] {
        func has(_ rules: SectionRule..., named: Bool) -> Bool {
            settings.sections.contains { section in
                section.isNamed == named && rules.contains { $0.name == section.rule.name }
            }
        }
        var rules: [SectionRule] = []
        switch runMode {
        case "normal", "extra":
            let own = runMode == "normal" ? Schema.backstream : Schema.pushstream
            if !has(own, named: false), !has(Schema.backstream, Schema.pushstream, named: true) { rules.append(own) }
            let asksForViewers = protocols.contains("CUSTOM") && !has(Schema.custom, named: false)
            // CUSTOM that is only the default is not missed when children or named doors are there.
            let isWritten = settings.unnamed(Schema.dispatch).isSet("Protocol")
            if asksForViewers, isWritten || !has(Schema.dispatch, named: true), !has(Schema.custom, named: true) {
                rules.append(Schema.custom)
            }
        case "monitor": if !has(Schema.monitor, named: false) { rules.append(Schema.monitor) }
        default: break
        }
        return rules.filter { !settings.attempted.contains($0.name) }
    }

    /// Which value asks for a missing section.
    func whyMissing(_ rule: SectionRule) -> (origin: Origin, reason: String) {
        let dispatch = settings.unnamed(Schema.dispatch)
        if rule.name == Schema.custom.name, dispatch.isSet("Protocol") {
            return (dispatch.origin(of: "Protocol"), "[dispatch] Protocol holds CUSTOM")
        }
        let origin = settings.unnamed(Schema.app).origin(of: "RunMode")
        if rule.name == Schema.custom.name { return (origin, "no other way out is written") }
        return (origin, "RunMode = \(runMode) " + (runMode == "monitor" ? "listens there" : "takes its stream there"))
    }
}
