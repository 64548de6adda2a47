import Foundation

/// A page with the original JSMpeg and nothing else, which plays one address and counts what it shows.
///
/// The player is not part of the project: `deploy/get-jsmpeg.sh` fetches it, `TSRELAY_JSMPEG` may name another copy.
package final class JSMpegPage {
    /// What the page saw so far. Times are milliseconds of the page's clock.
    package struct State: Sendable {
        package let frames: Int
        package let audioFrames: Int
        package let opens: Int
        package let closeCodes: [Int]
        package let errors: [String]
        /// From the newest WebSocket's opening to the first picture drawn after it; nil: none yet.
        package let openToPicture: Double?
        /// The longest time between two pictures since `forgetGap()`.
        package let longestGap: Double
    }

    private let browser: Browser
    private let server: PageServer

    /// Opens the page and connects it.
    package init(_ browser: Browser, webSocket url: String) throws {
        self.browser = browser
        server = try PageServer([
            "/": ("text/html; charset=utf-8", Array(JSMpegPage.html.utf8)),
            "/jsmpeg.js": ("text/javascript", try Files.read(try JSMpegPage.script)),
        ])
        try browser.open("http://127.0.0.1:\(server.port)/#" + url)
    }

    package func close() { server.stop() }

    /// Where the player's file lies.
    package static var script: String {
        get throws {
            let environment = ProcessInfo.processInfo.environment
            if let named = environment["TSRELAY_JSMPEG"] { return named }
            let data = environment["XDG_DATA_HOME"] ?? (environment["HOME"] ?? "") + "/.local/share"
            let path = data + "/tsrelay/jsmpeg.js"
            guard Files.exists(path) else {
                throw TestFailure("\(path) is missing; deploy/get-jsmpeg.sh fetches it, or TSRELAY_JSMPEG names a copy")
            }
            return path
        }
    }

    package func state() throws -> State {
        let state = try browser.script("return seen.state()")
        return State(
            frames: Int(state["frames"].number ?? 0), audioFrames: Int(state["audioFrames"].number ?? 0),
            opens: Int(state["opens"].number ?? 0),
            closeCodes: state["closes"].array.compactMap { $0.number.map(Int.init) },
            errors: state["errors"].array.compactMap(\.string), openToPicture: state["openToPicture"].number,
            longestGap: state["longestGap"].number ?? 0)
    }

    package func forgetGap() throws { _ = try browser.script("seen.longestGap = 0; seen.last = performance.now()") }

    /// Waits for so many pictures more than were drawn until this call.
    @discardableResult
    package func waitForPictures(_ more: Int, within seconds: Double) throws -> State {
        let before = try state().frames
        var now = try state()
        try waitUntil("\(more) more pictures drawn; the page saw \(now)", within: seconds) {
            now = try state()
            return now.frames >= before + more
        }
        return now
    }

    /// The canvas in small: 64 x 36 pixels, red, green, blue, alpha.
    package func pixels() throws -> [Int] {
        try browser.script("return seen.pixels()").array.compactMap { $0.number.map(Int.init) }
    }

    /// Waits until the canvas holds a picture and then another one.
    ///
    /// - Returns: the state after the second.
    @discardableResult
    package func waitForMotion(within seconds: Double) throws -> State {
        let deadline = Deadline(seconds)
        try waitForPictures(5, within: deadline.seconds)
        let first = try pixels()
        let lit = stride(from: 0, to: first.count, by: 4).filter { first[$0..<$0 + 3].contains { $0 > 40 } }.count
        guard lit * 4 > first.count / 5 else { throw TestFailure("the canvas is dark: \(lit) of \(first.count / 4)") }
        try waitUntil("the canvas changes", within: max(1, deadline.seconds)) {
            let next = try pixels()
            return zip(first, next).filter { abs($0 - $1) > 8 }.count > first.count / 1000
        }
        return try state()
    }

    private static let html = """
        <!doctype html><meta charset="utf-8"><title>JSMpeg</title><canvas id="picture"></canvas>
        <script>
        const seen = { frames: 0, audioFrames: 0, opens: 0, closes: [], errors: [], openedAt: null, openToPicture: null,
            longestGap: 0, last: null };
        window.addEventListener('error', event => seen.errors.push(String(event.message)));
        window.WebSocket = class extends WebSocket {
            constructor(...words) {
                super(...words);
                this.addEventListener('open', () => {
                    seen.opens++; seen.openedAt = performance.now(); seen.openToPicture = null;
                });
                this.addEventListener('close', event => seen.closes.push(event.code));
            }
        };
        </script>
        <script src="/jsmpeg.js"></script>
        <script>
        const canvas = document.getElementById('picture');
        const player = new JSMpeg.Player(location.hash.slice(1), { canvas, disableGl: true });
        function after(object, name, note) {
            const original = object[name];
            object[name] = function (...words) { const value = original.apply(this, words); note(); return value; };
        }
        after(player.renderer, 'render', () => {
            const now = performance.now();
            if (seen.last !== null) seen.longestGap = Math.max(seen.longestGap, now - seen.last);
            seen.last = now; seen.frames++;
            if (seen.openToPicture === null && seen.openedAt !== null) seen.openToPicture = now - seen.openedAt;
        });
        if (player.audioOut) after(player.audioOut, 'play', () => seen.audioFrames++);
        seen.state = () => ({ frames: seen.frames, audioFrames: seen.audioFrames, opens: seen.opens, closes: seen.closes,
            errors: seen.errors, openToPicture: seen.openToPicture,
            longestGap: Math.max(seen.longestGap, seen.last === null ? 0 : performance.now() - seen.last) });
        seen.pixels = () => {
            const small = document.createElement('canvas'); small.width = 64; small.height = 36;
            const context = small.getContext('2d'); context.drawImage(canvas, 0, 0, 64, 36);
            return Array.from(context.getImageData(0, 0, 64, 36).data);
        };
        </script>
        """
}

extension Stage {
    /// A browser that plays an address with JSMpeg.
    package func jsmpeg(_ url: String, flags: [String] = []) throws -> JSMpegPage {
        let page = try JSMpegPage(try browser(flags: flags), webSocket: url)
        atEnd { page.close() }
        return page
    }
}
