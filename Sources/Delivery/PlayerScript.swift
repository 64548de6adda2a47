import LoopIO

/// JSMpeg's file: where `[player] Script` says, else where `deploy/get-jsmpeg.sh` puts it for a user or for everyone.
///
/// It can be installed while the node runs, so it is looked for again and again, but not for every viewer: what was
/// found is kept for a moment.
struct PlayerScript {
    /// JSMpeg is 40 to 130 KB; a file larger than this is something else.
    static let bytesMax = 1 << 20
    /// How long a look at the file system holds.
    static let freshMs: Int64 = 2000

    private let places: [String]
    private var lookedMs: Int64?
    private var found: String?
    private var readMs: Int64?
    private var bytes: [UInt8]?

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

    mutating func isThere(nowMs: Int64) -> Bool {
        if let lookedMs, nowMs - lookedMs < PlayerScript.freshMs { return found != nil }
        lookedMs = nowMs
        found = places.first { isReadableFile($0) }
        return found != nil
    }

    /// - Returns: nil when it is not there, or is no script by its size.
    mutating func read(nowMs: Int64) -> [UInt8]? {
        if let readMs, nowMs - readMs < PlayerScript.freshMs, bytes != nil { return bytes }
        readMs = nowMs
        bytes = nil
        for place in places {
            guard let contents = try? readFile(place, bytesMax: PlayerScript.bytesMax) else { continue }
            bytes = contents
            break
        }
        return bytes
    }
}
