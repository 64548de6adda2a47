/// What `tsbench load` is to do.
package struct LoadOptions: Equatable, Sendable {
    package static let viewersMax = 100_000
    package static let secondsMax = 86_400.0
    /// What a storm and its first pictures need.
    package static let stormSecondsMin = 2.0

    package var publish: StreamURL?
    package var watch: StreamURL?
    package var viewers = 100
    package var bitsPerSecond: Int64 = 1_000_000
    /// Pictures a second, each sent as one burst; nil: steady, with 25 pictures a second inside.
    package var pictures: Int?
    /// Pictures of a GOP; nil: a second's worth.
    package var gopPictures: Int?
    package var warmupSeconds = 2.0
    package var seconds = 10.0
    /// How long the last packets may take behind the end.
    package var drainSeconds = 2.0
    package var threads = 1
    /// Processors for the tool's own threads; empty: any.
    package var cores: [Int] = []
    package var neverSleeps = false
    /// Addresses 127.0.0.1 and on that viewers dial from; 0: as many as they need.
    package var sources = 0
    /// Viewers that read at 0.7 of the rate.
    package var slow = 0
    /// Viewers that never read.
    package var stalled = 0
    /// Joins and leaves a second.
    package var churn = 0
    /// Viewers that come within one second, when the measuring begins, beside those who watch already.
    package var storm = 0
    package var connectsPerSecond = 1000
    package var publisherChangeSeconds: Double?
    package var billedPID: Int?
    package var isJSON = false
    package var isQuiet = false
    package var isHelp = false

    package init() {}

    /// - Parameter words: without the program's name and the command.
    package init(parsing words: [String]) throws(WrongUsage) {
        var options = OptionReader(words)
        while let item = try options.next() {
            guard case .option(let name) = item else { throw WrongUsage("every word of load is an option") }
            if try !takeStream(name, &options), try !takeRun(name, &options) {
                throw WrongUsage("unknown option \(name)")
            }
            if isHelp { return }
        }
        try check()
    }

    /// What is sent, where to, and who watches.
    private mutating func takeStream(_ name: String, _ options: inout OptionReader) throws(WrongUsage) -> Bool {
        switch name {
        case "--publish":
            let text = try options.text()
            publish = text == "none" ? nil : try StreamURL(parsing: text)
            if publish?.scheme == .ws { throw WrongUsage("--publish takes tcp://, udp:// or http://") }
        case "--watch":
            watch = try StreamURL(parsing: try options.text())
            if watch?.scheme == .udp { throw WrongUsage("--watch takes ws://, tcp:// or http://") }
        case "--viewers": viewers = try options.integer(in: 0...Self.viewersMax)
        case "--rate": bitsPerSecond = Int64(try options.bitRate())
        case "--pictures": pictures = try options.integer(in: 1...StreamShape.picturesPerSecondMax)
        case "--gop": gopPictures = try options.integer(in: 1...StreamShape.picturesPerSecondMax * 60)
        case "--slow": slow = try options.integer(in: 0...Self.viewersMax)
        case "--stalled", "--deaf": stalled = try options.integer(in: 0...Self.viewersMax)
        case "--churn": churn = try options.integer(in: 0...1000)
        case "--storm": storm = try options.integer(in: 1...Self.viewersMax)
        case "--connects": connectsPerSecond = try options.integer(in: 1...100_000)
        case "--publisher-change": publisherChangeSeconds = try options.number(in: 1...Self.secondsMax)
        default: return false
        }
        return true
    }

    /// How the run is made and told.
    private mutating func takeRun(_ name: String, _ options: inout OptionReader) throws(WrongUsage) -> Bool {
        switch name {
        case "--warmup": warmupSeconds = try options.number(in: 0...Self.secondsMax)
        case "--seconds": seconds = try options.number(in: 0.1...Self.secondsMax)
        case "--drain": drainSeconds = try options.number(in: 0...Self.secondsMax)
        case "--threads": threads = try options.integer(in: 1...64)
        case "--cores": cores = try options.cores()
        case "--spin": neverSleeps = true
        case "--sources": sources = try options.integer(in: 1...200)
        case "--pid", "--bill": billedPID = try options.integer(in: 1...Int(Int32.max))
        case "--json": isJSON = true
        case "--quiet": isQuiet = true
        case "-h", "--help": isHelp = true
        default: return false
        }
        return true
    }

    private func check() throws(WrongUsage) {
        guard publish != nil || watch != nil else { throw WrongUsage("load needs --publish or --watch, or both") }
        guard watch != nil || slow + stalled + churn + storm == 0 else { throw WrongUsage("viewers need --watch") }
        guard slow + stalled <= viewers || watch == nil else {
            throw WrongUsage("--slow and --stalled are parts of --viewers, \(viewers)")
        }
        guard storm == 0 || seconds >= Self.stormSecondsMin else {
            throw WrongUsage("--storm needs \(Int(Self.stormSecondsMin)) --seconds: one to come, one to see a picture")
        }
        do throws(StreamShape.Wrong) {
            _ = try shape()
        } catch {
            throw WrongUsage(error.description)
        }
    }

    /// The stream that is published.
    package func shape() throws(StreamShape.Wrong) -> StreamShape {
        try StreamShape(
            bitsPerSecond: bitsPerSecond, picturesPerSecond: pictures ?? 25, gopPictures: gopPictures,
            pacing: pictures == nil ? .steady : .pictures)
    }

    /// Viewers of each habit, without an address none; those of the storm not counted.
    package var viewerCount: Int { watch == nil ? 0 : viewers }

    /// With those of the storm.
    var allViewerCount: Int { viewerCount + storm }
}

extension StreamShape.Wrong: CustomStringConvertible {
    package var description: String {
        switch self {
        case .rateTooLow(let minimum): "--rate is too low for so many pictures: at least \(minimum) bits per second"
        case .rateTooHigh(let maximum): "--rate is too high: at most \(maximum) bits per second"
        case .badPictureRate: "--gop is more than a minute of pictures"
        }
    }
}
