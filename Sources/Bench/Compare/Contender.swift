/// A server that is compared: how it is started, and where it takes a stream and gives it.
package struct Contender: Equatable, Sendable {
    /// The ports that it is given; what it does not use stays closed.
    package struct Ports: Equatable, Sendable {
        package var publisher: UInt16
        package var ws: UInt16
        package var tcp: UInt16
        package var http: UInt16

        package init(publisher: UInt16, ws: UInt16, tcp: UInt16, http: UInt16) {
            self.publisher = publisher
            self.ws = ws
            self.tcp = tcp
            self.http = http
        }

        /// The text with `{in}`, `{ws}`, `{tcp}` and `{http}` replaced; any other brace stays.
        func filled(into text: String) -> String {
            let values = [("{in}", publisher), ("{ws}", ws), ("{tcp}", tcp), ("{http}", http)]
            var out = ""
            var rest = text[...]
            scan: while let next = rest.first {
                for (name, port) in values where rest.hasPrefix(name) {
                    out += String(port)
                    rest = rest.dropFirst(name.count)
                    continue scan
                }
                out.append(next)
                rest = rest.dropFirst()
            }
            return out
        }
    }

    package enum Kind: Equatable, Sendable {
        /// This program, as `tsbench limit`.
        case limit(LimitOptions.Policy)
        /// A tsrelay, by its path.
        case relay(path: String)
        /// A line for the shell with placeholders.
        case command(String)
    }

    package let name: String
    package let kind: Kind
    /// Where it is published to; with placeholders.
    package var publishURL = "tcp://127.0.0.1:{in}"
    /// Where it is watched, by tier; with placeholders. A tier that is not here is not served.
    package var watchURLs: [BenchCase.Tier: String] = [:]

    package init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
        switch kind {
        case .limit:
            watchURLs = [
                .ws: "ws://127.0.0.1:{ws}/", .tcp: "tcp://127.0.0.1:{tcp}", .http: "http://127.0.0.1:{http}/",
            ]
        case .relay:
            watchURLs = [
                .ws: "ws://127.0.0.1:{ws}/live/main", .tcp: "tcp://127.0.0.1:{tcp}",
                .http: "http://127.0.0.1:{ws}/live/main.ts",
            ]
        case .command(let line):
            if line.contains("{ws}") { watchURLs[.ws] = "ws://127.0.0.1:{ws}/" }
            if line.contains("{tcp}") { watchURLs[.tcp] = "tcp://127.0.0.1:{tcp}" }
            if line.contains("{http}") { watchURLs[.http] = "http://127.0.0.1:{http}/" }
        }
    }

    /// The words that start it.
    ///
    /// - Parameters:
    ///   - program: this program's path.
    ///   - file: where `configuration(for:)` was written to.
    func words(program: String, file: String, ports: Ports) -> [String] {
        switch kind {
        case .limit(let policy):
            [
                program, "limit", "--policy", policy.rawValue, "--publisher-port", String(ports.publisher),
                "--ws-port", String(ports.ws), "--tcp-port", String(ports.tcp), "--http-port", String(ports.http),
            ]
        case .relay(let path): [path, "--config", file]
        // The shell makes way, so that the process that is billed is the server.
        case .command(let line): ["/bin/sh", "-c", "exec " + ports.filled(into: line)]
        }
    }

    /// The configuration file that it reads; nil when it needs none.
    func configuration(for ports: Ports) -> String? {
        guard case .relay = kind else { return nil }
        return ports.filled(
            into: """
                [app]
                RunMode = normal
                [backstream]
                Protocol = TCP
                Bind = 127.0.0.1
                Port = {in}
                [dispatch]
                Protocol = CUSTOM
                [custom]
                Protocol = WEBSOCKET
                Bind = 127.0.0.1
                Port = {ws}
                [custom:tcp]
                Protocol = TCP
                Bind = 127.0.0.1
                Port = {tcp}

                """)
    }

    /// The ports that it must be listening on before it is measured.
    func listeningPorts(_ ports: Ports, tier: BenchCase.Tier) -> [UInt16] {
        let wanted = [publishURL, watchURLs[tier] ?? ""]
        let named = [("{in}", ports.publisher), ("{ws}", ports.ws), ("{tcp}", ports.tcp), ("{http}", ports.http)]
        return named.filter { name, _ in wanted.contains { $0.contains(name) && !$0.hasPrefix("udp:") } }.map(\.1)
    }
}
