import Testing

@testable import Configuration

@Suite struct TreePictureTests {
    private static func tree(_ files: (String, String)...) -> NodeTree {
        CheckReport(files: files.map { CheckReport.File(name: $0.0, text: $0.1) }, environment: [:]).tree
    }

    private static let top = CheckReportTests.parent(
        "Protocol = TCP, CUSTOM\nHosts = 127.0.0.1\nPorts = 55001\n[custom]\nPort=7\n")
    private static let leaf = CheckReportTests.child("TCP", 55_001, viewers: 56_001)

    @Test func `a box stands in the middle of what it feeds, and senders in front`() {
        let layout = TreeLayout(
            TreePictureTests.tree(("a/top.ini", TreePictureTests.top), ("a/leaf.ini", TreePictureTests.leaf)))
        #expect(
            layout.boxes == [
                .init(kind: .sender, lines: ["encoder", "TCP 127.0.0.1:50001"], column: 0, halfRow: 1),
                .init(kind: .node, lines: ["top"], column: 1, halfRow: 1),
                .init(kind: .viewers, lines: ["viewers", "WebSocket 7"], column: 2, halfRow: 0),
                .init(kind: .node, lines: ["leaf", "TCP 127.0.0.1:55001"], column: 2, halfRow: 2),
                .init(kind: .viewers, lines: ["viewers", "WebSocket 56001"], column: 3, halfRow: 2),
            ])
        #expect(
            layout.arrows == [
                .init(from: 3, to: 4, isSecond: false), .init(from: 1, to: 2, isSecond: false),
                .init(from: 1, to: 3, isSecond: false), .init(from: 0, to: 1, isSecond: false),
            ])
    }

    @Test func `a child that no file is stands there as missing`() {
        let layout = TreeLayout(TreePictureTests.tree(("top.ini", TreePictureTests.top)))
        #expect(
            layout.boxes.last
                == .init(
                    kind: .missing, lines: ["not among these files", "TCP 127.0.0.1:55001"], column: 2, halfRow: 2))
    }

    @Test func `a child of two parents is drawn once, with a second arrow`() {
        let other = TreePictureTests.top.replacing("Port = 50001", with: "Port = 50002")
        let layout = TreeLayout(
            TreePictureTests.tree(
                ("a.ini", TreePictureTests.top), ("b.ini", other), ("leaf.ini", TreePictureTests.leaf)))
        #expect(layout.boxes.count { $0.lines.first == "leaf" } == 1)
        #expect(layout.arrows.count(where: \.isSecond) == 1)
    }

    @Test func `nodes in a ring have a picture too`() {
        func node(_ port: Int, _ next: Int) -> String {
            CheckReportTests.child("TCP", port, viewers: port + 100)
                + "\n[dispatch:next]\nProtocol=TCP\nHosts=127.0.0.1\nPorts=\(next)"
        }
        let layout = TreeLayout(TreePictureTests.tree(("a.ini", node(1, 2)), ("b.ini", node(2, 1))))
        #expect(layout.boxes.count { $0.kind == .node } == 2)
        #expect(layout.arrows.contains { $0.isSecond })
    }

    @Test func `nothing gives an empty picture`() {
        #expect(TreePicture(NodeTree(nodes: [])).svg.hasSuffix("</svg>\n"))
    }

    @Test func `a file's name cannot leave its element`() {
        let svg = TreePicture(
            TreePictureTests.tree(("<script><\u{338}\"&\u{1b}\u{202e}.ini", TreePictureTests.top))
        ).svg
        #expect(!svg.contains("<script") && svg.contains("&lt;script&gt;&lt;\u{338}&quot;&amp;\\u{1b}\\u{202e}"))
    }

    @Test func `no two boxes of a column overlap`() throws {
        for shape in ShippedFileTests.shapes {
            let layout = TreeLayout(try ShippedFileTests.report(shape).tree)
            for column in 0..<layout.columns {
                let rows = layout.boxes.filter { $0.column == column }.map(\.halfRow).sorted()
                for (above, below) in zip(rows, rows.dropFirst()) { #expect(below - above >= 2, "\(shape)") }
            }
        }
    }

    @Test(arguments: ShippedFileTests.shapes)
    func `the README's picture of a shape is the one that check draws`(shape: String) throws {
        let svg = try ShippedFileTests.report(shape).picture
        let name = "../img/shape-" + shape.prefix(1) + ".svg"
        if ShippedFiles.environment["TSRELAY_WRITE_REFERENCE"] == "1" { try ShippedFiles.write(svg, to: name) }
        #expect(try ShippedFiles.text(name) == svg)
    }

    @Test func `the README's drawing of the largest shape is the one that check prints`() throws {
        let drawing = try ShippedFileTests.report("5-tree").tree.drawing
        #expect(
            try ShippedFiles.text("../README.md").contains("```text\n" + drawing.joined(separator: "\n") + "\n```\n"))
        // Beside the configurations it stands as check prints it.
        let printed = (["The tree:"] + drawing.map { "  " + $0 }).joined(separator: "\n")
        #expect(try ShippedFiles.text("README.md").contains(printed + "\n```\n"))
    }
}
