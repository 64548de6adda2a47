/// What `tsrelay check FILE...` has to say: everything wrong with each file, what each node will do, and with several
/// files how they hang together.
package struct CheckReport {
    package struct File: Sendable {
        package var name: String
        package var text: String

        package init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    /// In the order of the files, then of the lines.
    package private(set) var diagnostics: [Diagnostic] = []
    /// The explanation of every file without errors, then the tree.
    package private(set) var explanation: [String] = []

    /// - Parameters:
    ///   - environment: as for `ConfigurationFile.load`; it stands over each of the files.
    ///   - memory: says what bounds the memory of a node, a sentence each.
    package init(
        files: [File], environment: [String: String], memory: (NodeConfiguration) -> [String] = { _ in [] }
    ) {
        var nodes: [NodeTree.Node] = []
        var found: [String: [Diagnostic]] = [:]
        for file in files {
            let (configuration, diagnostics) = ConfigurationFile.load(
                text: file.text, fileName: file.name, environment: environment)
            // The environment is the same for all files, so what is said of it alone is said once.
            found[file.name, default: []] += diagnostics
            if let configuration { nodes.append(NodeTree.Node(fileName: file.name, configuration: configuration)) }
        }
        let tree = NodeTree(nodes: nodes)
        // A file with errors may be the one that listens, so children are judged only when all could be read.
        if files.count > 1, nodes.count == files.count {
            for diagnostic in CheckReport.missingChildren(tree) + CheckReport.rings(tree) {
                found[diagnostic.file, default: []].append(diagnostic)
            }
        }
        var seen: Set<String> = []
        for file in files {
            for diagnostic in found[file.name] ?? [] where seen.insert(diagnostic.description).inserted {
                diagnostics.append(diagnostic)
            }
        }
        for node in nodes {
            let lines = Explanation(node.configuration, memory: memory(node.configuration)).lines
            explanation += files.count > 1 ? [node.fileName + ":"] + lines.map { "  " + $0 } : lines
        }
        if nodes.count > 1 { explanation += ["The tree:"] + tree.drawing.map { "  " + $0 } }
    }

    /// 1 for errors, and with `isStrict` for warnings too; else 0.
    package func exitCode(isStrict: Bool) -> Int32 {
        diagnostics.contains { isStrict || $0.severity == .error } ? 1 : 0
    }

    private static func missingChildren(_ tree: NodeTree) -> [Diagnostic] {
        tree.edges.filter { $0.target == nil }.map { edge in
            Diagnostic(
                severity: .warning, file: tree.nodes[edge.parent].fileName, line: edge.line,
                message: "none of the given files listens for the child \(edge.text) of [\(edge.section)]"
                    + (tree.otherTransport(edge).map { "; " + $0 } ?? ""))
        }
    }

    private static func rings(_ tree: NodeTree) -> [Diagnostic] {
        // A node that feeds itself directly is told when its own file is read.
        tree.rings.filter { $0.count > 1 }.map { ring in
            let way = (ring + [ring[0]]).map { tree.nodes[$0].fileName }.joined(separator: " -> ")
            return Diagnostic(
                severity: .warning, file: tree.nodes[ring[0]].fileName, line: 0,
                message: "the nodes feed one another in a ring: \(way)")
        }
    }
}
