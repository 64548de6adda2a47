/// What `tsrelay check FILE...` has to say: everything wrong with each file, what each node will do, and with several
/// files how they hang together.
///
/// ```swift
/// let report = CheckReport(files: [.init(name: "node.ini", text: text)], environment: [:])
/// for diagnostic in report.diagnostics { print(diagnostic) }
/// for line in report.explanation { print(line) }
/// ```
package struct CheckReport {
    package struct File: Sendable {
        package var name: String
        package var text: String
        /// Why the file could not be read; nil: it was.
        package var unreadable: String?

        package init(name: String, text: String, unreadable: String? = nil) {
            self.name = name
            self.text = text
            self.unreadable = unreadable
        }
    }

    /// In the order of the files, then of the lines.
    package private(set) var diagnostics: [Diagnostic] = []
    /// The files without errors, and how they hang together.
    package let tree: NodeTree
    /// What each node of `tree` will do, a line each.
    package let explanations: [[String]]
    private let isOneFile: Bool

    /// - Parameters:
    ///   - environment: as for `ConfigurationFile.load`; it stands over each of the files.
    ///   - memory: says what bounds the memory of a node, a sentence each.
    package init(
        files: [File], environment: [String: String], memory: (NodeConfiguration) -> [String] = { _ in [] }
    ) {
        var nodes: [NodeTree.Node] = []
        var found: [String: [Diagnostic]] = [:]
        for file in files {
            if let reason = file.unreadable {
                found[file.name] = [Diagnostic(severity: .error, file: file.name, line: 0, message: reason)]
                continue
            }
            let (configuration, diagnostics) = ConfigurationFile.load(
                text: file.text, fileName: file.name, environment: environment)
            // The environment is the same for all files, so what is said of it alone is said once.
            found[file.name, default: []] += diagnostics
            if let configuration { nodes.append(NodeTree.Node(fileName: file.name, configuration: configuration)) }
        }
        tree = NodeTree(nodes: nodes)
        explanations = nodes.map { Explanation($0.configuration, memory: memory($0.configuration)).lines }
        isOneFile = files.count == 1
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
    }

    /// The explanation of every file without errors, then the tree.
    package var explanation: [String] {
        guard !isOneFile else { return explanations.first ?? [] }
        var lines: [String] = []
        for (node, explanation) in zip(tree.nodes, explanations) {
            lines += [shown(path: node.fileName) + ":"] + explanation.map { "  " + $0 }
        }
        if tree.nodes.count > 1 { lines += ["The tree:"] + tree.drawing.map { "  " + $0 } }
        return lines
    }

    /// The tree as an SVG picture; of one file too.
    package var picture: String { TreePicture(tree).svg }

    package func count(_ severity: Diagnostic.Severity) -> Int { diagnostics.count { $0.severity == severity } }

    /// 1 for errors, and with `isStrict` for warnings too; else 0.
    package func exitCode(isStrict: Bool) -> Int32 {
        diagnostics.contains { isStrict || $0.severity == .error } ? 1 : 0
    }

    private static func missingChildren(_ tree: NodeTree) -> [Diagnostic] {
        tree.edges.filter { $0.target == nil }.map { edge in
            Diagnostic(
                severity: .warning, file: tree.nodes[edge.parent].fileName, line: edge.line,
                message: "none of the given files listens for the child \(edge.text) of [\(edge.section)]"
                    + (tree.otherTransport(edge).map { "; " + $0 } ?? ": correct Hosts and Ports, or check its file too")
            )
        }
    }

    private static func rings(_ tree: NodeTree) -> [Diagnostic] {
        // A node that feeds itself directly is told when its own file is read.
        tree.rings.filter { $0.count > 1 }.map { ring in
            let way = (ring + [ring[0]]).map { shown(path: tree.nodes[$0].fileName) }.joined(separator: " -> ")
            let edge = tree.edges.first { $0.parent == ring[0] && $0.target == ring[1] }
            return Diagnostic(
                severity: .warning, file: tree.nodes[ring[0]].fileName, line: edge?.line ?? 0,
                message: "the nodes feed one another in a ring, \(way): take one of these children out")
        }
    }
}
