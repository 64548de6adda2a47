import TestSupport
import Testing

extension EndToEnd {
    /// The node's own player page in Chromium.
    @Suite struct NodePageTests {
        @Test func `the page waits for a publisher, plays it, and takes up the next one`() throws {
            try Stage.run { stage in
                let relay = try stage.relay(NodeFile.first(more: try playerSection), listeners: 3)
                let page = try NodePage(
                    try stage.browser(), "http://127.0.0.1:\(try relay.watchPort("http"))/live/main")
                try page.waitForState("waiting", within: 10)
                let push = "tcp://127.0.0.1:\(try relay.pushPort())"
                #expect(try page.text("#commands").contains(push))
                let ffmpeg = try stage.ffmpeg(to: push)
                try page.waitForMotion(within: 15)
                #expect(try page.state == "live")
                ffmpeg.kill()
                try page.waitForState("gone", within: 10)
                _ = try stage.ffmpeg(to: push)
                try page.waitForMotion(within: 15)
            }
        }

        @Test func `a constant rate stream moves, though clock references stand inside its pictures`() throws {
            try Stage.run { stage in
                let relay = try stage.relay(NodeFile.first(more: try playerSection), listeners: 3)
                var settings = FFmpeg()
                settings.options = ["-muxrate", "1500k"]
                let ffmpeg = try stage.ffmpeg(settings, to: "tcp://127.0.0.1:\(try relay.pushPort())")
                let page = try NodePage(
                    try stage.browser(), "http://127.0.0.1:\(try relay.watchPort("http"))/live/main")
                try page.waitForMotion(within: 15)
                ffmpeg.stop()
                try page.waitForState("silent", within: 15)
                ffmpeg.resume()
                try page.waitForState("live", within: 15)
                try page.waitForMotion(within: 15)
            }
        }

        @Test func `without JSMpeg the page says how to install it`() throws {
            try Stage.run { stage in
                let nowhere = ["HOME": stage.folder.path, "XDG_DATA_HOME": stage.folder.path]
                let relay = try stage.relay(NodeFile.first(), listeners: 3, environment: nowhere)
                let page = try NodePage(
                    try stage.browser(), "http://127.0.0.1:\(try relay.watchPort("http"))/live/main")
                try page.waitForState("refused", within: 10)
                #expect(try page.text("#commands").contains("get-jsmpeg.sh"))
            }
        }

        @Test func `the page asks nothing of any other host`() throws {
            try Stage.run { stage in
                let relay = try stage.relay(NodeFile.first(more: try playerSection), listeners: 3)
                let port = try relay.watchPort("http")
                _ = try stage.ffmpeg(to: "tcp://127.0.0.1:\(try relay.pushPort())")
                let browser = try stage.browser()
                let page = try NodePage(browser, "http://127.0.0.1:\(port)/live/main")
                try page.waitForMotion(within: 15)
                let names = try browser.script(
                    "return performance.getEntriesByType('resource').map(entry => entry.name)")
                #expect(!names.array.isEmpty)
                for name in names.array.compactMap(\.string) { #expect(name.hasPrefix("http://127.0.0.1:\(port)/")) }
            }
        }
    }
}
