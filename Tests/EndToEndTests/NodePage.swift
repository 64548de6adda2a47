import TestSupport

/// `[player]` with the JSMpeg of this machine.
var playerSection: String {
    get throws { "[player]\nScript = \"\(try JSMpegPage.script)\"\n" }
}

/// The player page that the node serves, in a browser.
struct NodePage {
    let browser: Browser

    /// - Parameter isReadable: makes WebGL canvases keep what they drew, so that their pixels can be read.
    init(_ browser: Browser, _ url: String, isReadable: Bool = true) throws {
        self.browser = browser
        if isReadable {
            let source = """
                const get = HTMLCanvasElement.prototype.getContext;
                HTMLCanvasElement.prototype.getContext = function (kind, more) {
                    return get.call(this, kind, Object.assign({}, more, { preserveDrawingBuffer: true }));
                };
                """
            try browser.devTools(
                "Page.addScriptToEvaluateOnNewDocument", "{\"source\":\(JSONValue.quoted(source))}")
        }
        try browser.open(url)
    }

    func text(_ selector: String) throws -> String {
        try browser.script(
            "const e = document.querySelector(\(JSONValue.quoted(selector))); return e ? e.textContent : ''"
        ).string ?? ""
    }

    /// The one word of the page's badge.
    var state: String { get throws { try text("#state") } }

    /// Whether JSMpeg's file was even loaded.
    var hasJSMpeg: Bool { get throws { try browser.script("return typeof window.JSMpeg !== 'undefined'").number == 1 } }

    var hasCanvas: Bool { get throws { try browser.script("return !!document.querySelector('canvas')").number == 1 } }

    func waitForState(_ wanted: String, within seconds: Double) throws {
        var seen = ""
        try waitUntil("the page is in state '\(wanted)'; it is in '\(seen)'", within: seconds) {
            seen = try state
            return seen == wanted
        }
    }

    /// The canvas in small; empty without a canvas.
    func pixels() throws -> [Int] {
        try browser.script(
            """
            const canvas = document.querySelector('canvas');
            if (!canvas || !canvas.width) return [];
            const small = document.createElement('canvas'); small.width = 32; small.height = 18;
            const context = small.getContext('2d'); context.drawImage(canvas, 0, 0, 32, 18);
            return Array.from(context.getImageData(0, 0, 32, 18).data);
            """
        ).array.compactMap { $0.number.map(Int.init) }
    }

    /// Waits for a lit picture and then for three different ones.
    func waitForMotion(within seconds: Double) throws {
        var seen: Set<[Int]> = []
        try waitUntil("the node's page shows a moving picture (state '\((try? state) ?? "")')", within: seconds) {
            let now = try pixels()
            let lit = stride(from: 0, to: now.count, by: 4).filter { now[$0..<$0 + 3].contains { $0 > 40 } }.count
            if lit * 20 > now.count { seen.insert(now) }
            return seen.count >= 3
        }
    }
}
