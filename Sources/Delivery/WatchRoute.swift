import Configuration
import HTTP1

/// What a request on a door for viewers is for.
enum WatchRoute: Equatable {
    enum Form: Equatable {
        /// The player page, or with an upgrade the stream itself.
        case page
        case transportStream
        case status
    }

    case stream(StreamID, Form)
    /// A file of the page, by its name.
    case asset(String)
    case unknown

    init(_ segments: [String]) {
        switch segments.count {
        case 0: self = .stream(.main, .page)
        case 2 where segments[0] == "player": self = .asset(segments[1])
        case 2: self = WatchRoute.stream(app: segments[0], last: segments[1])
        default: self = .unknown
        }
    }

    private static func stream(app: String, last: String) -> WatchRoute {
        var name = last[...]
        var form = Form.page
        if last.hasSuffix(".ts") {
            name = last.dropLast(3)
            form = .transportStream
        } else if last.hasSuffix(".json") {
            name = last.dropLast(5)
            form = .status
        }
        guard let id = try? StreamID(app: app, name: String(name)) else { return .unknown }
        return .stream(id, form)
    }
}
