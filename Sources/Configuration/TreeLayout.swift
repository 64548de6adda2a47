/// Where the boxes of a tree's picture stand: from left to right who sends, the nodes, and who watches; a box in the
/// middle of what it feeds.
struct TreeLayout {
    enum Kind: Equatable { case sender, node, viewers, missing }

    struct Box: Equatable {
        var kind: Kind
        /// The first is its title.
        var lines: [String]
        var column: Int
        /// Counted in half rows, so that a box can stand between two.
        var halfRow = 0
    }

    /// From a box to one that it feeds, by their indices.
    struct Arrow: Equatable {
        var from: Int
        var to: Int
        /// To a box that has its place already, under another parent.
        var isSecond: Bool
    }

    /// Lines of addresses in one box; a node with dozens of doors is no picture.
    static let linesMax = 6

    private(set) var boxes: [Box] = []
    private(set) var arrows: [Arrow] = []
    private let tree: NodeTree
    private var placed: [Int: Int] = [:]
    private var rows = 0

    init(_ tree: NodeTree) {
        self.tree = tree
        let roots = tree.roots
        // Senders have a column where there is one of them.
        let column = roots.contains { sender(of: $0) != nil } ? 1 : 0
        for root in roots {
            let from = sender(of: root).map { add(Box(kind: .sender, lines: $0, column: 0)) }
            let box = place(root, by: nil, column: column)
            guard let from else { continue }
            boxes[from].halfRow = boxes[box].halfRow
            arrows.append(Arrow(from: from, to: box, isSecond: false))
        }
    }

    var columns: Int { (boxes.map(\.column).max() ?? -1) + 1 }

    private mutating func add(_ box: Box) -> Int {
        boxes.append(box)
        return boxes.count - 1
    }

    /// Puts a node and all that it feeds into the picture.
    ///
    /// - Parameter edge: by which it is fed; nil for a root.
    private mutating func place(_ node: Int, by edge: NodeTree.Edge?, column: Int) -> Int {
        let box = add(Box(kind: .node, lines: lines(of: node, by: edge), column: column))
        placed[node] = box
        var fed: [Int] = []
        let doors = tree.nodes[node].configuration.viewers.map(\.text)
        if !doors.isEmpty { fed.append(leaf(.viewers, ["viewers"] + doors, column: column + 1)) }
        for edge in tree.edges where edge.parent == node {
            if let target = edge.target {
                if let there = placed[target] {
                    arrows.append(Arrow(from: box, to: there, isSecond: true))
                } else {
                    fed.append(place(target, by: edge, column: column + 1))
                }
            } else {
                fed.append(leaf(.missing, ["not among these files", edge.text], column: column + 1))
            }
        }
        for index in fed { arrows.append(Arrow(from: box, to: index, isSecond: false)) }
        if let first = fed.first, let last = fed.last {
            boxes[box].halfRow = (boxes[first].halfRow + boxes[last].halfRow) / 2
        } else {
            boxes[box].halfRow = nextRow()
        }
        return box
    }

    private mutating func leaf(_ kind: Kind, _ lines: [String], column: Int) -> Int {
        add(Box(kind: kind, lines: TreeLayout.few(lines), column: column, halfRow: nextRow()))
    }

    private mutating func nextRow() -> Int {
        rows += 1
        return (rows - 1) * 2
    }

    private func lines(of node: Int, by edge: NodeTree.Edge?) -> [String] {
        let label = tree.labels[node]
        var lines = [label.hasSuffix(".ini") ? String(label.dropLast(4)) : label]
        if let edge { lines.append(edge.text) }
        // A root's ways in stand in a box in front of it.
        if !isRoot(node) {
            lines += tree.nodes[node].configuration.ingests.filter(\.isEncoders).map { "encoder: " + $0.text }
        }
        return TreeLayout.few(lines)
    }

    /// What stands in front of a root: its ways in; nil where it has none.
    private func sender(of node: Int) -> [String]? {
        let ingests = tree.nodes[node].configuration.ingests
        guard isRoot(node), !ingests.isEmpty else { return nil }
        let encoders = ingests.count(where: \.isEncoders)
        let title = encoders == 0 ? "parent" : encoders == ingests.count ? "encoder" : "encoder, parent"
        return TreeLayout.few([title] + ingests.map(\.text))
    }

    private func isRoot(_ node: Int) -> Bool { !tree.edges.contains { $0.target == node && $0.parent != node } }

    private static func few(_ lines: [String]) -> [String] {
        lines.count <= linesMax ? lines : lines.prefix(linesMax - 1) + ["and \(lines.count - linesMax + 1) more"]
    }
}

extension IngestConfiguration {
    /// Whether an encoder is to send here, and not a parent.
    fileprivate var isEncoders: Bool { !section.hasPrefix(Schema.pushstream.name) }

    /// `TCP 50001`, with the address where it is not all of them.
    fileprivate var text: String {
        let way =
            switch kind {
            case .tcp: "TCP "
            case .udp: "UDP "
            case .http: "HTTP "
            }
        if port == 0 { return way + "any port" }
        return way + (bind.isUnspecified ? String(port) : PortText.join(bind.description, port))
    }
}
