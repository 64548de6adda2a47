/// Configuration files as the tests write them: every port free, everything on loopback.
enum NodeFile {
    static let head = "[app]\nRunMode = normal\nName = test\n"

    /// A first node: the ways in that are named, viewers by WebSocket, HTTP and TCP.
    ///
    /// - Parameters:
    ///   - ways: of `TCP`, `UDP`, `HTTP`.
    ///   - children: ports of children on loopback, fed over `childProtocol`.
    ///   - more: sections that are added as they stand.
    static func first(
        _ ways: [String] = ["TCP"], secret: String? = nil, children: [Int] = [], childProtocol: String = "TCP",
        more: String = ""
    ) -> String {
        var text = head
        for (number, way) in ways.enumerated() {
            text += "[backstream\(number == 0 ? "" : ":" + way.lowercased())]\nProtocol = \(way)\n" + anyPort
            if let secret, way == "HTTP" { text += "Secret = \(secret)\n" }
        }
        return text + dispatch(children, childProtocol) + viewers + more
    }

    /// How many listeners `first` opens.
    static func listeners(_ ways: Int = 1) -> Int { ways + 2 }

    /// A node further down: takes a parent's stream, has viewers of its own.
    static func extra(
        _ way: String = "TCP", port: Int = 0, children: [Int] = [], childProtocol: String = "TCP", more: String = ""
    ) -> String {
        "[app]\nRunMode = extra\n[pushstream]\nProtocol = \(way)\nBind = 127.0.0.1\nPort = \(port)\n"
            + dispatch(children, childProtocol) + viewers + more
    }

    static let anyPort = "Bind = 127.0.0.1\nPort = 0\n"

    private static let viewers =
        "[custom]\nProtocol = WEBSOCKET\n" + anyPort + "[custom:tcp]\nProtocol = TCP\n" + anyPort

    private static func dispatch(_ children: [Int], _ childProtocol: String) -> String {
        guard !children.isEmpty else { return "[dispatch]\nProtocol = CUSTOM\n" }
        let hosts = children.map { _ in "127.0.0.1" }.joined(separator: ", ")
        let ports = children.map(String.init).joined(separator: ", ")
        return "[dispatch]\nProtocol = \(childProtocol), CUSTOM\nHosts = \(hosts)\nPorts = \(ports)\n"
    }
}
