import Configuration
import Telemetry

/// What `check --json` prints: one object with what is wrong, what each node does, and who feeds whom.
///
/// A secret stands in it no more than in the text; `"secret":true` says that there is one.
enum CheckDocument {
    static func text(of report: CheckReport, exitCode: Int32) -> String {
        var json = JSONWriter()
        json.object {
            $0.field("ok", exitCode == 0)
            $0.field("errors", report.count(.error))
            $0.field("warnings", report.count(.warning))
            $0.array("diagnostics", report.diagnostics) { json, diagnostic in
                json.field("severity", diagnostic.severity == .error ? "error" : "warning")
                json.field("file", diagnostic.file)
                if diagnostic.line > 0 { json.field("line", diagnostic.line) } else { json.null("line") }
                json.field("message", diagnostic.message)
            }
            $0.array("nodes", report.tree.nodes.indices) { json, index in node(index, of: report, into: &json) }
        }
        return json.text
    }

    private static func node(_ index: Int, of report: CheckReport, into json: inout JSONWriter) {
        let node = report.tree.nodes[index]
        let configuration = node.configuration
        json.field("file", node.fileName)
        json.field("name", configuration.app.name)
        json.field("runMode", word(configuration.app.runMode))
        json.array("ingests", configuration.ingests) { json, ingest in
            json.field("section", ingest.section)
            json.field("protocol", word(ingest.kind))
            json.field("bind", ingest.bind.description)
            json.field("port", ingest.port)
            json.field("stream", ingest.stream.description)
            json.field("secret", ingest.secret != nil)
        }
        json.strings("senders", configuration.authority.map { $0.blocks.map(\.description) } ?? [])
        json.array("viewers", configuration.viewers) { json, viewer in
            json.field("section", viewer.section)
            json.field("protocol", viewer.tier == .webSocket ? "WEBSOCKET" : "TCP")
            json.field("bind", viewer.bind.description)
            json.field("port", viewer.port)
            if case .one(let stream) = viewer.streams {
                json.field("stream", stream.description)
            } else {
                json.null("stream")
            }
        }
        json.array("children", report.tree.edges.filter { $0.parent == index }) { json, edge in
            json.field("section", edge.section)
            json.field("protocol", edge.kind == .tcp ? "TCP" : "UDP")
            json.field("host", edge.child.host)
            json.field("port", edge.child.port)
            if let target = edge.target {
                json.field("file", report.tree.nodes[target].fileName)
            } else {
                json.null("file")
            }
        }
        json.strings("explanation", report.explanations[index])
    }

    private static func word(_ mode: AppConfiguration.RunMode) -> String {
        switch mode {
        case .normal: "normal"
        case .extra: "extra"
        case .monitor: "monitor"
        }
    }

    private static func word(_ kind: IngestConfiguration.Kind) -> String {
        switch kind {
        case .tcp: "TCP"
        case .udp: "UDP"
        case .http: "HTTP"
        }
    }
}
