/// A tree of nodes as an SVG picture (SVG 1.1), the same bytes for the same files.
///
/// Boxes are filled and lines are a middle grey: both read on a white and on a dark page.
struct TreePicture {
    private static let fontSize = 12
    private static let linePixels = 15
    private static let columnGap = 44
    private static let rowGap = 12
    private static let margin = 8
    /// Longest line of a box, in characters.
    private static let charactersMax = 48

    private struct Look {
        var fill: String
        var stroke: String
        var ink: String
        var isDashed = false
    }

    private let layout: TreeLayout
    private let widths: [Int]
    private let lefts: [Int]
    private let heights: [Int]
    private let rowPixels: Int

    init(_ tree: NodeTree) {
        let layout = TreeLayout(tree)
        let heights = layout.boxes.map { $0.lines.count * TreePicture.linePixels + 13 }
        var widths = [Int](repeating: 0, count: layout.columns)
        for box in layout.boxes {
            widths[box.column] = max(widths[box.column], TreePicture.width(of: box))
        }
        var left = TreePicture.margin
        lefts = widths.map { width in
            defer { left += width + TreePicture.columnGap }
            return left
        }
        self.layout = layout
        self.heights = heights
        self.widths = widths
        rowPixels = (heights.max() ?? 0) + TreePicture.rowGap
    }

    var svg: String {
        let right = (lefts.last ?? 0) + (widths.last ?? 0) + TreePicture.margin
        let lastRow = layout.boxes.map(\.halfRow).max() ?? 0
        let bottom = lastRow * rowPixels / 2 + (heights.max() ?? 0) + 2 * TreePicture.margin
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(right)\" height=\"\(bottom)\" "
                + "viewBox=\"0 0 \(right) \(bottom)\" role=\"img\" font-family=\"Helvetica,Arial,sans-serif\" "
                + "font-size=\"\(TreePicture.fontSize)\" text-anchor=\"middle\">",
            "<title>Who feeds whom</title>",
        ]
        lines += layout.arrows.map(arrow)
        for index in layout.boxes.indices { lines += box(index) }
        return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    private func middle(_ index: Int) -> Int {
        layout.boxes[index].halfRow * rowPixels / 2 + (heights.max() ?? 0) / 2 + TreePicture.margin
    }

    private func box(_ index: Int) -> [String] {
        let box = layout.boxes[index]
        let look = TreePicture.look(box.kind)
        let (left, width, height) = (lefts[box.column], widths[box.column], heights[index])
        let top = middle(index) - height / 2
        var lines = [
            "<rect x=\"\(left)\" y=\"\(top)\" width=\"\(width)\" height=\"\(height)\" rx=\"8\" fill=\"\(look.fill)\" "
                + "stroke=\"\(look.stroke)\"" + (look.isDashed ? " stroke-dasharray=\"5 4\"" : "") + "/>"
        ]
        for (number, text) in box.lines.enumerated() {
            let style = number == 0 ? " font-weight=\"bold\"" : ""
            lines.append(
                "<text x=\"\(left + width / 2)\" y=\"\(top + 18 + number * TreePicture.linePixels)\"\(style) "
                    + "fill=\"\(look.ink)\">\(TreePicture.escaped(TreePicture.cut(text)))</text>")
        }
        return lines
    }

    private func arrow(_ arrow: TreeLayout.Arrow) -> String {
        let from = layout.boxes[arrow.from]
        let (startX, startY) = (lefts[from.column] + widths[from.column], middle(arrow.from))
        let (endX, endY) = (lefts[layout.boxes[arrow.to].column], middle(arrow.to))
        let bend = TreePicture.columnGap / 2
        let dashes = arrow.isSecond ? " stroke-dasharray=\"5 4\"" : ""
        return "<path d=\"M\(startX) \(startY)C\(startX + bend) \(startY) \(endX - bend) \(endY) \(endX - 6) \(endY)\" "
            + "fill=\"none\" stroke=\"#6e7781\"\(dashes)/>"
            + "<path d=\"M\(endX - 7) \(endY - 4)L\(endX) \(endY)L\(endX - 7) \(endY + 4)z\" fill=\"#6e7781\"/>"
    }

    private static func look(_ kind: TreeLayout.Kind) -> Look {
        switch kind {
        case .sender: Look(fill: "#dafbe1", stroke: "#4ac26b", ink: "#044f1e")
        case .node: Look(fill: "#ddf4ff", stroke: "#54aeff", ink: "#0a3069")
        case .viewers: Look(fill: "#fff8c5", stroke: "#d4a72c", ink: "#4d2d00")
        case .missing: Look(fill: "#ffebe9", stroke: "#ff8182", ink: "#82071e", isDashed: true)
        }
    }

    /// What a box needs at most; the reader's font is not known. Wide characters count twice.
    private static func width(of box: TreeLayout.Box) -> Int {
        let columns = box.lines.map { line in
            cut(line).unicodeScalars.reduce(0) { $0 + ($1.value >= 0x1100 ? 2 : 1) }
        }
        return (columns.max() ?? 0) * 7 + 20
    }

    private static func cut(_ text: String) -> String {
        text.count <= charactersMax ? text : "…" + String(text.suffix(charactersMax - 1))
    }

    private static func escaped(_ text: String) -> String {
        var out = ""
        // By scalars: a combining mark behind it would hide a < from a comparison of characters.
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
