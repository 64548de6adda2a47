/// The lines a node prints when it has started: how to push to it, how a parent feeds it, where to watch.
///
/// Each begins with `push:`, `parent:` or `watch:`, so that scripts can take them apart. A secret is never printed:
/// `<Secret>` stands in its place.
package enum PushHints {
    /// Addresses that are shown per door; a machine with containers has dozens.
    static let addressesMax = 4

    /// - Parameters:
    ///   - ingestPorts: the ports really bound, one for each of `configuration.ingests`.
    ///   - viewerPorts: the same for `configuration.viewers`.
    ///   - machineAddresses: the machine's own addresses as text; what is not an address, and link-local ones, are
    ///     passed over.
    package static func lines(
        configuration: NodeConfiguration, ingestPorts: [UInt16], viewerPorts: [UInt16], machineAddresses: [String]
    ) -> [String] {
        var lines: [String] = []
        for (ingest, port) in zip(configuration.ingests, ingestPorts) {
            let hosts = hosts(of: ingest.bind, machineAddresses)
            guard let host = hosts.first else { continue }
            if isLink(ingest), ingest.kind != .http {
                let way = ingest.kind == .tcp ? "TCP" : "UDP"
                lines.append("parent: Protocol = \(way), Hosts = \(host), Ports = \(port)")
            }
            lines.append("push: " + ffmpeg(to: url(ingest, host, port)))
        }
        for (viewer, port) in zip(configuration.viewers, viewerPorts) {
            for host in hosts(of: viewer.bind, machineAddresses) {
                lines += watch(viewer, host, port, configuration).map { "watch: " + $0 }
            }
        }
        return lines
    }

    /// A whole line that runs as it stands: a moving test picture with a tone, in what JSMpeg can play.
    static func ffmpeg(to url: String) -> String {
        "ffmpeg -re -f lavfi -i testsrc2=size=640x360:rate=25 -f lavfi -i sine=frequency=440:sample_rate=44100 "
            + "-c:v mpeg1video -b:v 1500k -g 25 -bf 0 -c:a mp2 -b:a 128k -muxdelay 0.001 -f mpegts '\(url)'"
    }

    private static func isLink(_ ingest: IngestConfiguration) -> Bool {
        ingest.section.hasPrefix(Schema.pushstream.name)
    }

    private static func url(_ ingest: IngestConfiguration, _ host: String, _ port: UInt16) -> String {
        switch ingest.kind {
        case .tcp: "tcp://\(host):\(port)"
        // Datagrams of whole packets; ffmpeg's own 1472 bytes work too, but are cut by some tunnels.
        case .udp: "udp://\(host):\(port)?pkt_size=1316"
        case .http: "http://\(host):\(port)/" + (ingest.secret == nil ? "" : "<Secret>")
        }
    }

    private static func watch(
        _ viewer: ViewerConfiguration, _ host: String, _ port: UInt16, _ configuration: NodeConfiguration
    ) -> [String] {
        guard viewer.tier == .webSocket else { return ["tcp://\(host):\(port)"] }
        var streams: [StreamID] = []
        switch viewer.streams {
        case .one(let stream): streams = [stream]
        case .all:
            for ingest in configuration.ingests where !streams.contains(ingest.stream) { streams.append(ingest.stream) }
        }
        return streams.flatMap { ["http://\(host):\(port)/\($0)", "http://\(host):\(port)/\($0).ts"] }
    }

    /// Where a bound address can be reached, as it stands in a URL; never empty.
    private static func hosts(of bind: IPAddress, _ machineAddresses: [String]) -> [String] {
        guard bind.isUnspecified else { return [bind.urlText] }
        var addresses: [IPAddress] = []
        for text in machineAddresses {
            guard let address = try? IPAddress(parsing: text), !address.isLoopback, !address.isLinkLocal,
                !address.isUnspecified, address.isIPv4 || !bind.isIPv4, !addresses.contains(address)
            else { continue }
            addresses.append(address)
        }
        guard !addresses.isEmpty else { return [bind.isIPv4 ? "127.0.0.1" : "[::1]"] }
        // IPv4 first: it is what people can type.
        let ordered = addresses.filter(\.isIPv4) + addresses.filter { !$0.isIPv4 }
        return ordered.prefix(addressesMax).map(\.urlText)
    }
}
