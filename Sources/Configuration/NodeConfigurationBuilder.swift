/// Makes a node's configuration of its settings: which sections count, what is missing, what does not fit together.
struct NodeConfigurationBuilder {
    private let settings: SettingsReader
    private let usage: SettingUsage
    private(set) var diagnostics: DiagnosticCollector
    private var configuration = NodeConfiguration()

    init(settings: SettingsReader, diagnostics: DiagnosticCollector) {
        self.settings = settings
        self.diagnostics = diagnostics
        usage = SettingUsage(settings: settings)
    }

    /// The configuration; worthless when `diagnostics` has errors afterwards.
    mutating func build() -> NodeConfiguration {
        buildApp()
        reportForms()
        reportMissingSections()
        for section in settings.sections where usage.isActive(section) {
            switch section.rule.name {
            case Schema.backstream.name, Schema.pushstream.name: buildIngest(section)
            case Schema.dispatch.name: buildDispatch(section)
            case Schema.custom.name: buildViewer(section)
            case Schema.monitor.name: _ = port(section)  // only whether it is there
            default: break  // not a door: read below, or above
            }
        }
        buildAuthority()
        buildStreams()
        buildRest()
        ConsistencyCheck(configuration: configuration, settings: settings, usage: usage).run(into: &diagnostics)
        return configuration
    }

    private mutating func buildApp() {
        let app = settings.unnamed(Schema.app)
        switch app.word("RunMode") {
        case "normal": configuration.app.runMode = .normal
        case "extra": configuration.app.runMode = .extra
        case "monitor":
            configuration.app.runMode = .monitor
            diagnostics.warning(
                app.origin(of: "RunMode"), "RunMode = monitor comes with a later version: such a node does not start")
        default:
            reportMissing("RunMode", in: app, "normal, extra or monitor")
        }
        configuration.app.name = app.text("Name") ?? ""
        configuration.app.monitorURL = app.text("Monitor") ?? ""
        configuration.app.threads = app.number("Threads")
        configuration.app.viewersMax = app.number("MaxViewers") ?? configuration.app.viewersMax
        configuration.app.bufferMemoryBytes = app.number("BufferMemory") ?? configuration.app.bufferMemoryBytes
    }

    /// Malformed values, keys that are not used, and keys without effect so far.
    private mutating func reportForms() {
        for section in settings.sections {
            let isActive = usage.isActive(section)
            if !isActive, section.saysSomething {
                diagnostics.warning(section.origin, "[\(section.title)] is not used: \(usage.whyInactive(section))")
            }
            for setting in section.ordered {
                let reason = isActive ? usage.whyUnused(setting, in: section) : nil
                if let problem = setting.problem {
                    let isUsed = isActive && reason == nil
                    diagnostics.add(isUsed ? .error : .warning, setting.origin, "\(setting.rule) \(problem)")
                } else if let reason {
                    if !reason.isEmpty { diagnostics.warning(setting.origin, "\(setting.rule) is not used: \(reason)") }
                } else if isActive, let later = section.rule.key(setting.rule)?.later {
                    diagnostics.warning(setting.origin, "\(setting.rule) has no effect yet: \(later)")
                }
            }
        }
    }

    private mutating func reportMissingSections() {
        for rule in usage.missing {
            let (origin, reason) = usage.whyMissing(rule)
            diagnostics.error(
                origin, "[\(rule.name)] is missing: add it with its Port, since \(reason)")
        }
    }

    /// Tells that a key is missing, unless there was an attempt at it that has been told.
    private mutating func reportMissing(_ key: String, in section: SectionSettings, _ remedy: String) {
        guard !section.isSet(key), !section.attempted.contains(key) else { return }
        var origin = section.origin(of: key)
        if origin == .file {
            guard !settings.attempted.contains(section.title) else { return }
            origin = .line(1)  // what is written nowhere is missing from the first line on
        }
        diagnostics.error(origin, "\(key) is missing in [\(section.title)]: \(remedy)")
    }

    private mutating func buildIngest(_ section: SectionSettings) {
        let kind: IngestConfiguration.Kind =
            switch section.word("Protocol") {
            case "TCP": .tcp
            case "UDP": .udp
            default: .http
            }
        guard let port = port(section) else { return }
        let bind = section.address("Bind") ?? .anyIPv4
        if bind.isMulticast, kind != .udp {
            diagnostics.error(
                section.origin(of: "Bind"),
                "Bind is a multicast group, and only UDP can listen there: write an address of this machine")
        }
        let source = bind.isMulticast ? section.address("Source") : nil
        if let source, source.isIPv4 != bind.isIPv4 || source.isMulticast || source.isUnspecified {
            diagnostics.error(
                section.origin(of: "Source"), "Source is not the address of a sender to the group \(bind)")
        }
        configuration.ingests.append(
            IngestConfiguration(
                section: section.title, line: section.line, kind: kind, bind: bind, port: port,
                stream: section.stream("Stream") ?? .main, secret: kind == .http ? section.text("Secret") : nil,
                interface: section.text("Interface") ?? "", source: source))
    }

    private mutating func buildViewer(_ section: SectionSettings) {
        let tier: ViewerConfiguration.Tier = section.word("Protocol") == "TCP" ? .tcp : .webSocket
        guard let port = port(section) else { return }
        let bind = section.address("Bind") ?? .anyIPv4
        if bind.isMulticast {
            diagnostics.error(
                section.origin(of: "Bind"),
                "Bind is a multicast group, and only UDP can listen there: write an address of this machine")
        }
        let point: StartPolicy.Point =
            switch section.word("Start") {
            case "live": .live
            case "raw": .raw
            default: .gop
            }
        let bytesMax = section.number("StartBytes") ?? (tier == .webSocket ? 400 << 10 : nil)
        configuration.viewers.append(
            ViewerConfiguration(
                section: section.title, line: section.line, tier: tier, bind: bind, port: port,
                filter: tier == .tcp ? filter(section) : nil, start: StartPolicy(point: point, bytesMax: bytesMax),
                lag: section.lag("MaxLag"), lagPolicy: section.word("LagPolicy") == "kick" ? .kick : .skip,
                viewersMax: section.number("MaxViewers"), streams: streams(section, tier: tier)))
    }

    /// `0.0.0.0` filters no one; it is how old files say that.
    private func filter(_ section: SectionSettings) -> AddressList? {
        guard let written = section.addresses("FilterIps") else { return nil }
        let blocks = written.blocks.filter { !($0.prefixBits == 128 && $0.base.isUnspecified) }
        return blocks.isEmpty ? nil : AddressList(blocks: blocks)
    }

    private mutating func streams(
        _ section: SectionSettings, tier: ViewerConfiguration.Tier
    ) -> ViewerConfiguration.Streams {
        if case .allStreams = section.value("Stream"), tier == .tcp {
            diagnostics.error(
                section.origin(of: "Stream"), "Stream is all, but a TCP viewer cannot say which it wants: name one")
        }
        if let stream = section.stream("Stream") { return .one(stream) }
        return tier == .webSocket ? .all : .one(.main)
    }

    private mutating func buildDispatch(_ section: SectionSettings) {
        let words = section.words("Protocol")
        if section.isNamed {
            guard section.isSet("Protocol") else {
                reportMissing("Protocol", in: section, "TCP or UDP")
                return
            }
            if words.contains("CUSTOM") {
                diagnostics.error(
                    section.origin(of: "Protocol"),
                    "CUSTOM belongs in [dispatch]; [\(section.title)] takes TCP or UDP")
            }
        }
        let kinds = Set(words.filter { $0 != "CUSTOM" })
        guard let kind = kinds.first else { return }
        guard kinds.count == 1 else {
            diagnostics.error(
                section.origin(of: "Protocol"),
                "Protocol has both TCP and UDP: give one of them a section of its own, [dispatch:name]")
            return
        }
        guard let children = children(section) else { return }
        let streams = section.streams("Streams")
        if streams.count > 1 {
            diagnostics.warning(
                section.origin(of: "Streams"), "Streams beyond the first, \(streams[0]), have no effect yet")
        }
        configuration.dispatches.append(
            DispatchConfiguration(
                section: section.title, line: section.line, kind: kind == "TCP" ? .tcp : .udp, children: children,
                lag: section.lag("MaxLag"), interface: section.text("Interface") ?? "", secret: section.text("Secret"),
                stream: streams.first ?? .main))
    }

    private mutating func children(_ section: SectionSettings) -> [DispatchConfiguration.Child]? {
        for (key, example) in [("Hosts", "10.0.0.2, 10.0.0.3"), ("Ports", "55001, 55001")] where !section.isSet(key) {
            reportMissing(key, in: section, "its children, such as \(key) = \(example)")
        }
        let hosts = section.texts("Hosts")
        let ports = section.numbers("Ports").compactMap { UInt16(exactly: $0) }
        // A list that is malformed or missing has been told and reads as empty here.
        guard !hosts.isEmpty, !ports.isEmpty else { return nil }
        guard hosts.count == ports.count else {
            diagnostics.error(
                section.origin(of: "Ports"),
                "Hosts lists \(hosts.count) and Ports \(ports.count): they go in pairs, one port for each host")
            return nil
        }
        return zip(hosts, ports).map { DispatchConfiguration.Child(host: $0, port: $1) }
    }

    private mutating func buildAuthority() {
        let authority = settings.unnamed(Schema.authority)
        guard authority.boolean("Use"), let list = authority.addresses("Ips"), !list.isEmpty else { return }
        configuration.authority = list
        for block in list.blocks where block.prefixBits == 128 && block.base.isUnspecified {
            diagnostics.warning(
                authority.origin(of: "Ips"),
                "Ips lists \(block), which no sender has: to let everyone in leave Ips empty")
        }
    }

    private mutating func buildStreams() {
        configuration.streamDefaults = StreamPolicy(settings.unnamed(Schema.stream), over: StreamPolicy())
        for section in settings.sections where section.rule.name == Schema.stream.name && section.isNamed {
            guard let stream = try? StreamID(parsing: section.label) else { continue }  // told when it was read
            configuration.streams[stream] = StreamPolicy(section, over: configuration.streamDefaults)
        }
    }

    private mutating func buildRest() {
        let log = settings.unnamed(Schema.log)
        switch log.word("Level") {
        case "debug": configuration.log.level = .debug
        case "warn": configuration.log.level = .warn
        case "error": configuration.log.level = .error
        default: configuration.log.level = .info
        }
        if log.word("Format") == "json" { configuration.log.format = .json }
        if let file = log.text("File"), file.lowercased() != "stderr" { configuration.log.file = file }
        configuration.player.script = settings.unnamed(Schema.player).text("Script")
    }

    /// The section's port; when there is none, that is told.
    private mutating func port(_ section: SectionSettings) -> UInt16? {
        guard section.isSet("Port") else {
            if usage.isSurelyActive(section) {
                let example = section.rule.key("Port")?.example ?? ""
                reportMissing(
                    "Port", in: section,
                    "write one, such as \(example.isEmpty ? "50000" : example), or 0 for any free one")
            }
            return nil
        }
        return section.number("Port").flatMap { UInt16(exactly: $0) }
    }
}
