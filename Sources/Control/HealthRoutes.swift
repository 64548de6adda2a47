import HTTP1
package import HTTPServer
package import Streaming

/// `GET /healthz`: the process works. `GET /readyz`: it has a live stream.
package struct HealthRoutes {
    private let registry: StreamRegistry

    package init(registry: StreamRegistry) { self.registry = registry }

    /// Answers if the request is for one of its routes.
    ///
    /// - Returns: false when it is not, and nothing was done.
    package func answer(_ exchange: HTTPExchange) -> Bool {
        let request = exchange.request
        guard request.segments == ["healthz"] || request.segments == ["readyz"] else { return false }
        guard request.method == .get || request.method == .head else {
            exchange.respond(.methodNotAllowed, fields: [("Allow", "GET, HEAD")], text: "only GET\n")
            return true
        }
        if request.segments == ["healthz"] {
            exchange.respond(.ok, text: "ok\n")
        } else if registry.hasLiveStream {
            exchange.respond(.ok, text: "ready\n")
        } else {
            exchange.respond(.unavailable, text: "no live stream\n")
        }
        return true
    }
}
