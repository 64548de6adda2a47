import LoopIO

/// JSMpeg's file: where `[player] Script` says, else where `deploy/get-jsmpeg.sh` puts it for a user or for everyone.
///
/// It is read when it is asked for, so it can be installed while the node runs.
struct PlayerScript {
    /// JSMpeg is 40 to 130 KB; a file larger than this is something else.
    static let bytesMax = 1 << 20

    private let places: [String]

    /// - Parameters:
    ///   - path: `[player] Script`; nil where it is not set.
    ///   - environment: of the process, for the user's own folders.
    init(path: String?, environment: [String: String]) {
        if let path {
            places = [path]
            return
        }
        var folders: [String] = []
        if let data = environment["XDG_DATA_HOME"], !data.isEmpty { folders.append(data) }
        if let home = environment["HOME"], !home.isEmpty { folders.append(home + "/.local/share") }
        folders += ["/usr/local/share", "/usr/share"]
        places = folders.map { $0 + "/tsrelay/jsmpeg.js" }
    }

    var isThere: Bool { places.contains { isReadableFile($0) } }

    /// - Returns: nil when it is not there.
    func read() -> [UInt8]? {
        for place in places {
            if let bytes = try? readFile(place, bytesMax: PlayerScript.bytesMax) { return bytes }
        }
        return nil
    }
}
