/// What only shows when all sections are seen together.
struct ConsistencyCheck {
    let configuration: NodeConfiguration
    let settings: SettingsReader
    let usage: SettingUsage

    func run(into diagnostics: inout DiagnosticCollector) {
        checkPorts(&diagnostics)
        checkSenders(&diagnostics)
        checkFilters(&diagnostics)
        checkChildren(&diagnostics)
        checkStreams(&diagnostics)
        checkMemory(&diagnostics)
        checkLimits(&diagnostics)
    }

    private func origin(_ section: String, _ key: String) -> Origin {
        settings.sections.first { $0.title == section }?.origin(of: key) ?? .file
    }

    private func checkPorts(_ diagnostics: inout DiagnosticCollector) {
        let doors =
            configuration.ingests.map {
                ListeningPort(section: $0.section, isUDP: $0.kind == .udp, address: $0.bind, port: $0.port)
            }
            + configuration.viewers.map {
                ListeningPort(section: $0.section, isUDP: false, address: $0.bind, port: $0.port)
            }
        // In the file's order, so that the later of two is the one that is told.
        let ordered = settings.sections.compactMap { section in doors.first { $0.section == section.title } }
        for (index, door) in ordered.enumerated() {
            guard let first = ordered[..<index].first(where: { $0.clashes(with: door) }) else { continue }
            diagnostics.error(
                origin(door.section, "Port"),
                "Port \(door.port) is used twice: [\(first.section)] listens there too, by \(door.transportName); "
                    + "give one of them another")
        }
    }

    private func checkSenders(_ diagnostics: inout DiagnosticCollector) {
        let authority = settings.unnamed(Schema.authority)
        // What cannot be read is told, and may have been meant to close the door.
        let isMeant = authority.isMalformed("Use") || authority.boolean("Use") && authority.isMalformed("Ips")
        guard configuration.authority == nil, !isMeant else { return }
        for ingest in configuration.ingests where ingest.secret == nil && !ingest.bind.isLoopback {
            let section = settings.sections.first { $0.title == ingest.section }
            if let section, section.isMalformed("Bind") || ingest.kind == .http && section.isMalformed("Secret") {
                continue
            }
            let remedy =
                ingest.kind == .http
                ? "set Secret, or Use and Ips in [authority]" : "set Use and Ips in [authority]"
            diagnostics.warning(
                origin(ingest.section, "Port"),
                "[\(ingest.section)] is open: anyone who reaches its port may send; \(remedy), or Bind = 127.0.0.1")
        }
    }

    private func checkFilters(_ diagnostics: inout DiagnosticCollector) {
        for viewer in configuration.viewers where viewer.filter?.holdsLoopback ?? false {
            diagnostics.warning(
                origin(viewer.section, "FilterIps"),
                "FilterIps refuses viewers on this machine itself: take this machine's address out, where they should watch"
            )
        }
    }

    private func checkChildren(_ diagnostics: inout DiagnosticCollector) {
        var seen: [(kind: DispatchConfiguration.Kind, child: DispatchConfiguration.Child)] = []
        for dispatch in configuration.dispatches {
            for child in dispatch.children {
                let name = PortText.join(child.host, child.port)
                if seen.contains(where: { $0.kind == dispatch.kind && $0.child == child }) {
                    diagnostics.warning(
                        origin(dispatch.section, "Hosts"),
                        "the child \(name) is listed twice, and takes one of two senders: take one of them away")
                }
                seen.append((dispatch.kind, child))
                if let own = configuration.ingests.first(where: { feeds($0, dispatch.kind, child) }) {
                    diagnostics.warning(
                        origin(dispatch.section, "Hosts"),
                        "the child \(name) is this node's own [\(own.section)]: it would feed itself; take it out of Hosts"
                    )
                }
            }
        }
    }

    /// Whether the child is this very node, as far as loopback addresses tell.
    private func feeds(
        _ ingest: IngestConfiguration, _ kind: DispatchConfiguration.Kind, _ child: DispatchConfiguration.Child
    ) -> Bool {
        guard ingest.port == child.port, ingest.kind != .http, (ingest.kind == .udp) == (kind == .udp) else {
            return false
        }
        let isLocalName = child.host.lowercased() == "localhost"
        guard let address = isLocalName ? .loopbackIPv4 : try? IPAddress(parsing: child.host) else { return false }
        return address == ingest.bind || address.isLoopback && ingest.bind.isUnspecified
    }

    /// An HTTP push names its stream; by TCP and UDP only the configured ones can come.
    private func checkStreams(_ diagnostics: inout DiagnosticCollector) {
        guard !configuration.ingests.isEmpty, configuration.ingests.allSatisfy({ $0.kind != .http }) else { return }
        let fed = Set(configuration.ingests.map(\.stream))
        for viewer in configuration.viewers {
            guard case .one(let stream) = viewer.streams, !fed.contains(stream) else { continue }
            diagnostics.warning(
                origin(viewer.section, "Stream"),
                "[\(viewer.section)] serves \(stream), which no way in feeds: write Stream = \(stream) in one")
        }
        for dispatch in configuration.dispatches where !fed.contains(dispatch.stream) {
            diagnostics.warning(
                origin(dispatch.section, "Streams"),
                "[\(dispatch.section)] sends \(dispatch.stream), which no way in feeds: write Stream = \(dispatch.stream) in one"
            )
        }
    }

    private func checkMemory(_ diagnostics: inout DiagnosticCollector) {
        let largest = ([configuration.streamDefaults] + configuration.streams.values).map(\.gopBytes).max() ?? 0
        guard largest > configuration.app.bufferMemoryBytes else { return }
        diagnostics.warning(
            origin("app", "BufferMemory"),
            "BufferMemory \(SizeText.format(configuration.app.bufferMemoryBytes)) is smaller than one stream's GopBytes "
                + SizeText.format(largest) + ": raise it, or lower GopBytes")
    }

    /// A door's own limit that the node's comes before.
    private func checkLimits(_ diagnostics: inout DiagnosticCollector) {
        let nodeMax = configuration.app.viewersMax
        for viewer in configuration.viewers {
            guard let viewersMax = viewer.viewersMax, viewersMax > nodeMax else { continue }
            diagnostics.warning(
                origin(viewer.section, "MaxViewers"),
                "MaxViewers \(viewersMax) is more than the node's, \(nodeMax), which comes first: raise [app] MaxViewers"
            )
        }
    }
}
