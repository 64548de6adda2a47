/// How several nodes hang together: whose child is whose, by host and port.
///
/// A file does not say which machine it runs on. So a child is matched by transport and port, then by the bound
/// address or the node's `Name` where these tell; among equals the first file that is no one's child yet is taken.
package struct NodeTree {
    package struct Node {
        package var fileName: String
        package var configuration: NodeConfiguration
    }

    package struct Edge {
        /// Index of the parent among the nodes.
        package var parent: Int
        package var section: String
        package var line: Int
        package var kind: DispatchConfiguration.Kind
        package var child: DispatchConfiguration.Child
        /// Index of the node that listens there; nil: none of the given ones.
        package var target: Int?

        var text: String { (kind == .tcp ? "TCP " : "UDP ") + PortText.join(child.host, child.port) }
    }

    package let nodes: [Node]
    package private(set) var edges: [Edge] = []
    /// The nodes' files as drawings name them: without the folder that all share.
    let labels: [String]

    init(nodes: [Node]) {
        self.nodes = nodes
        labels = NodeTree.labels(nodes.map(\.fileName))
        var places: [String: Int] = [:]
        for (index, node) in nodes.enumerated() {
            for dispatch in node.configuration.dispatches {
                for child in dispatch.children {
                    var edge = Edge(
                        parent: index, section: dispatch.section, line: dispatch.line, kind: dispatch.kind, child: child
                    )
                    edge.target = places[edge.text] ?? match(edge, taken: Set(places.values))
                    if let target = edge.target { places[edge.text] = target }
                    edges.append(edge)
                }
            }
        }
    }

    /// What listens on the child's port by another transport, for the message.
    func otherTransport(_ edge: Edge) -> String? {
        for node in nodes {
            for ingest in node.configuration.ingests where ingest.port == edge.child.port {
                let name =
                    switch ingest.kind {
                    case .tcp: "TCP"
                    case .udp: "UDP"
                    case .http: "HTTP"
                    }
                return "[\(ingest.section)] of \(shown(path: node.fileName)) takes \(name) on that port"
            }
        }
        return nil
    }

    /// The nodes that no other one feeds; when all are in a ring, the first.
    var roots: [Int] {
        let fed = Set(edges.filter { $0.target != $0.parent }.compactMap(\.target))
        let roots = nodes.indices.filter { !fed.contains($0) }
        return roots.isEmpty && !nodes.isEmpty ? [0] : roots
    }

    /// Nodes that would get their own stream back, each with the way it takes.
    var rings: [[Int]] {
        var rings: [[Int]] = []
        var done: Set<Int> = []
        func walk(_ node: Int, _ path: [Int]) {
            if let start = path.firstIndex(of: node) {
                rings.append(Array(path[start...]))
                return
            }
            guard done.insert(node).inserted else { return }
            for edge in edges where edge.parent == node {
                if let target = edge.target { walk(target, path + [node]) }
            }
        }
        for node in nodes.indices { walk(node, []) }
        return rings
    }

    /// The tree as text, one node a line.
    var drawing: [String] {
        var lines: [String] = []
        var drawn: Set<Int> = []
        for root in roots { draw(root, label: "", indent: "", into: &lines, drawn: &drawn) }
        return lines
    }

    private func draw(_ node: Int, label: String, indent: String, into lines: inout [String], drawn: inout Set<Int>) {
        let viewers = nodes[node].configuration.viewers.map(\.text)
        let doors = viewers.isEmpty ? "" : "  viewers: " + viewers.joined(separator: ", ")
        guard drawn.insert(node).inserted else {
            lines.append(label + labels[node] + "  (as above)")
            return
        }
        lines.append(label + labels[node] + doors)
        let children = edges.filter { $0.parent == node }
        for (index, edge) in children.enumerated() {
            let isLast = index == children.count - 1
            let branch = indent + (isLast ? "└─ " : "├─ ") + edge.text + "  "
            if let target = edge.target {
                draw(
                    target, label: branch, indent: indent + (isLast ? "   " : "│  "), into: &lines, drawn: &drawn)
            } else {
                lines.append(branch + "(not among these files)")
            }
        }
    }

    private static func labels(_ names: [String]) -> [String] {
        let paths = names.map { $0.split(separator: "/", omittingEmptySubsequences: false) }
        guard var folder = paths.first?.dropLast() else { return [] }
        for path in paths {
            folder = folder.prefix(zip(folder, path.dropLast()).prefix { $0 == $1 }.count)
        }
        return paths.map { shown(path: $0.dropFirst(folder.count).joined(separator: "/")) }
    }

    private func match(_ edge: Edge, taken: Set<Int>) -> Int? {
        let address =
            edge.child.host.lowercased() == "localhost" ? .loopbackIPv4 : try? IPAddress(parsing: edge.child.host)
        var best: (node: Int, rank: Int)?
        for (index, node) in nodes.enumerated() {
            for ingest in node.configuration.ingests {
                guard let sure = fit(ingest, of: node, edge, address) else { continue }
                let rank = sure * 4 + (taken.contains(index) ? 0 : 2) + (index == edge.parent ? 0 : 1)
                if rank > best?.rank ?? -1 { best = (index, rank) }
            }
        }
        return best?.node
    }

    /// How sure it is that the child is this way in: nil not at all, 0 by port alone, 1 by address or name too.
    private func fit(_ ingest: IngestConfiguration, of node: Node, _ edge: Edge, _ address: IPAddress?) -> Int? {
        guard ingest.kind != .http, (ingest.kind == .udp) == (edge.kind == .udp), ingest.port == edge.child.port else {
            return nil
        }
        let name = node.configuration.app.name.lowercased()
        if !name.isEmpty, name == edge.child.host.lowercased() { return 1 }
        guard let address else { return 0 }
        if ingest.bind.isUnspecified { return ingest.bind.isIPv4 && !address.isIPv4 ? nil : 0 }
        return ingest.bind == address ? 1 : nil
    }
}
