/// What a node with this configuration will do, in plain words.
package struct Explanation {
    /// Ways in, viewers, children, limits; one line each, parts indented.
    package private(set) var lines: [String] = []

    /// - Parameter memory: what its memory is bounded by, for the lines about limits; those who know segments say it.
    package init(_ configuration: NodeConfiguration, memory: [String] = []) {
        let app = configuration.app
        guard app.runMode != .monitor else {
            lines = ["This node collects reports of other nodes: that comes with a later version."]
            return
        }
        if !app.name.isEmpty { lines.append("The node is called \(printable(app.name)).") }
        lines.append("It takes:")
        lines += configuration.ingests.map { "  " + Explanation.ingest($0) }
        lines.append("  " + Explanation.senders(configuration))
        if configuration.viewers.isEmpty {
            lines.append("It serves no viewers itself.")
        } else {
            lines.append("It serves viewers:")
            for viewer in configuration.viewers { lines += Explanation.viewer(viewer, in: configuration) }
        }
        if !configuration.dispatches.isEmpty {
            lines.append("It feeds children:")
            lines += configuration.dispatches.map { "  " + Explanation.dispatch($0) }
        }
        lines.append("Streams:")
        lines.append("  " + Explanation.policy(configuration.streamDefaults))
        for (stream, policy) in configuration.streams.sorted(by: { $0.key.description < $1.key.description }) {
            lines.append("  \(stream): " + Explanation.policy(policy))
        }
        lines.append("Limits:")
        lines.append(
            "  \(app.viewersMax) viewers, \(SizeText.format(app.bufferMemoryBytes)) of buffered streams, "
                + Explanation.threads(app.threads))
        lines += memory.map { "  " + $0 }
        lines.append(
            "It logs \(Explanation.level(configuration.log.level)) to "
                + (configuration.log.file.map(shown) ?? "stderr")
                + (configuration.log.format == .json ? ", as JSON." : "."))
    }

    private static func threads(_ number: Int?) -> String {
        number.map { $0 == 1 ? "one thread" : "\($0) threads" } ?? "a thread for each available core"
    }

    private static func ingest(_ ingest: IngestConfiguration) -> String {
        let how =
            switch ingest.kind {
            case .tcp: "a TCP connection"
            case .udp: "UDP datagrams"
            case .http: "an HTTP push (POST or PUT), or the stream that its path names,"
            }
        let proof = ingest.kind != .http ? "" : ingest.secret == nil ? ", no secret asked" : ", with the secret"
        return "\(ingest.stream) by \(how) on \(place(ingest.bind, ingest.port))\(proof) [\(ingest.section)]"
    }

    private static func senders(_ configuration: NodeConfiguration) -> String {
        guard let authority = configuration.authority else { return "from any address" }
        return "from these addresses alone: \(authority)"
    }

    private static func viewer(_ viewer: ViewerConfiguration, in configuration: NodeConfiguration) -> [String] {
        let what =
            switch viewer.streams {
            case .all: "all streams"
            case .one(let stream): stream.description
            }
        let how = viewer.tier == .webSocket ? "WebSocket and HTTP" : "plain TCP"
        var lines = ["  \(what) by \(how) on \(place(viewer.bind, viewer.port)) [\(viewer.section)]"]
        lines.append("    " + start(viewer.start, in: configuration))
        let fate = viewer.lagPolicy == .skip ? "skips whole pictures" : "is closed"
        lines.append("    one that is more than \(lag(viewer.lag)) behind \(fate)")
        if let viewersMax = viewer.viewersMax { lines.append("    at most \(viewersMax) at once") }
        if let filter = viewer.filter { lines.append("    refused: \(filter)") }
        return lines
    }

    private static func start(_ start: StartPolicy, in configuration: NodeConfiguration) -> String {
        switch start.point {
        case .gop:
            let bytes = SizeText.format(start.bytesMax ?? configuration.streamDefaults.gopBytes)
            return "each starts at once, at the last picture that decoding can start at, at most \(bytes) back"
        case .live: return "each starts at the next picture that decoding can start at"
        case .raw: return "each starts at the next packet"
        }
    }

    private static func dispatch(_ dispatch: DispatchConfiguration) -> String {
        let how = dispatch.kind == .tcp ? "TCP" : "UDP"
        let children = dispatch.children.map { PortText.join($0.host, $0.port) }.joined(separator: ", ")
        return "\(dispatch.stream) by \(how) to \(children); one more than \(lag(dispatch.lag)) behind skips whole "
            + "pictures [\(dispatch.section)]"
    }

    private static func policy(_ policy: StreamPolicy) -> String {
        let second =
            switch policy.takeover {
            case .auto:
                "a second sender is refused while the first one sends, unless it proves the secret or is the same host"
            case .takeover: "a second sender takes over"
            case .reject: "a second sender is refused"
            }
        let gate =
            switch policy.gate {
            case .auto: "damaged pictures are kept from browsers where they can occur"
            case .on: "damaged pictures are dropped"
            case .off: "damaged pictures go out as they came"
            }
        return "viewers stay \(DurationText.format(policy.grace)) when the sender is gone; \(second); \(gate)"
    }

    private static func lag(_ lag: LagLimit) -> String {
        "\(DurationText.format(lag.time)) or \(SizeText.format(lag.bytes))"
    }

    private static func level(_ level: LogConfiguration.Level) -> String {
        switch level {
        case .debug: "everything"
        case .info: "info and above"
        case .warn: "warnings and errors"
        case .error: "errors"
        }
    }

    private static func place(_ bind: IPAddress, _ port: UInt16) -> String {
        let address = bind.isUnspecified ? (bind.isIPv4 ? "all IPv4 addresses" : "all addresses") : bind.description
        let limit = bind.isLoopback ? " (this machine alone)" : ""
        return "\(address), " + (port == 0 ? "any free port" : "port \(port)") + limit
    }
}
