import Configuration
import Testing

@testable import Delivery

@Suite struct WatchRouteTests {
    @Test func `a path names a stream in one of three forms, or a file of the page`() throws {
        let cam = try StreamID(app: "app", name: "cam")
        #expect(WatchRoute([]) == .stream(.main, .page))
        #expect(WatchRoute(["app", "cam"]) == .stream(cam, .page))
        #expect(WatchRoute(["app", "cam.ts"]) == .stream(cam, .transportStream))
        #expect(WatchRoute(["app", "cam.json"]) == .stream(cam, .status))
        #expect(WatchRoute(["player", "player.js"]) == .asset("player.js"))
    }

    @Test(arguments: [
        ["app"], ["app", "cam", "x"], ["app", ".ts"], ["app", ".json"], ["app", "cam.ts.json"], ["app", "cam.m3u8"],
        ["api", "cam"], ["metrics", "x"], ["app", ".cam"], ["a b", "cam"], ["app", "<script>"], ["..", "cam"],
        ["app", ""], ["", ""], ["healthz"],
    ])
    func `what names no stream is unknown`(segments: [String]) {
        #expect(WatchRoute(segments) == .unknown)
    }
}
