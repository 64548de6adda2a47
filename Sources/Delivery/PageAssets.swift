/// The player page's own files, which are part of the program; JSMpeg's file is not, it lies where `[player] Script` says.
enum PageAssets {
    struct Asset {
        let contentType: String
        let bytes: [UInt8]
    }

    static let page = Asset(contentType: "text/html; charset=utf-8", bytes: PackageResources.player_html)

    /// The page loads nothing from elsewhere and may be embedded anywhere; JSMpeg's newer builds are WebAssembly.
    static let pageFields: [(String, String)] = [
        ("Cache-Control", "no-cache"),
        (
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self' ws: wss:; "
                + "img-src data:; frame-ancestors *"
        ), ("X-Content-Type-Options", "nosniff"),
    ]

    /// One strict script of five files: a page is loaded with few requests.
    private static let script = Asset(
        contentType: "text/javascript; charset=utf-8",
        bytes: Array("'use strict';\n".utf8) + PackageResources.decide_js + PackageResources.filter_js
            + PackageResources.meter_js + PackageResources.decoder_js + PackageResources.player_js)

    static func named(_ name: String) -> Asset? {
        switch name {
        case "player.js": script
        case "player.css": Asset(contentType: "text/css; charset=utf-8", bytes: PackageResources.player_css)
        default: nil
        }
    }
}
