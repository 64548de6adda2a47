/// ffmpeg as users run it: a test picture or a file, pushed in real time.
package struct FFmpeg: Sendable {
    package enum Codecs: Sendable {
        /// What JSMpeg plays.
        case mpeg1MP2
        case mpeg1Only
        case mp2Only
        case h264AAC
        /// ffmpeg's own choice for MPEG-TS when nobody says anything.
        case mpeg2MP2
        /// Two programs of MPEG-1 and MP2 in one stream.
        case twoPrograms
    }

    package var codecs = Codecs.mpeg1MP2
    package var size = "320x240"
    package var framesPerSecond = 25
    /// Pictures from one random access point to the next.
    package var gopPictures = 25
    package var videoRate = "600k"
    /// Seconds of picture; nil: until killed.
    package var seconds: Double?
    /// Pushes this file in a loop instead of the test picture, its packets' payload unchanged.
    package var file: String?
    /// More options for the output, as `-method PUT`.
    package var options: [String] = []

    package init() {}

    /// The words after `ffmpeg`.
    package func arguments(to url: String) -> [String] {
        let base = ["-hide_banner", "-nostdin", "-loglevel", "warning"]
        if let file {
            return base + ["-re", "-stream_loop", "-1", "-i", file, "-map", "0", "-c", "copy", "-f", "mpegts"]
                + options + [url]
        }
        let length = seconds.map { ":duration=\($0)" } ?? ""
        let rate = framesPerSecond
        let picture = ["-re", "-f", "lavfi", "-i", "testsrc2=size=\(size):rate=\(rate)\(length)"]
        let bars = ["-re", "-f", "lavfi", "-i", "smptebars=size=\(size):rate=\(rate)\(length)"]
        let tone = ["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100\(length)"]
        let gop = ["-g", String(gopPictures), "-b:v", videoRate, "-bf", "0", "-sc_threshold", "1000000000"]
        let mp2 = ["-c:a", "mp2", "-b:a", "64k", "-ac", "1"]
        let words: [String]
        switch codecs {
        case .mpeg1MP2: words = picture + tone + ["-c:v", "mpeg1video"] + gop + mp2
        case .mpeg1Only: words = picture + ["-c:v", "mpeg1video"] + gop
        case .mp2Only: words = tone + mp2
        case .h264AAC:
            words =
                picture + tone + ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"] + gop
                + ["-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "64k"]
        case .mpeg2MP2: words = picture + tone + ["-c:v", "mpeg2video"] + gop + mp2
        case .twoPrograms:
            words =
                picture + tone + bars + tone + ["-map", "0:v", "-map", "1:a", "-map", "2:v", "-map", "3:a"]
                + ["-c:v", "mpeg1video"] + gop + mp2
                + ["-program", "title=One:program_num=1:st=0:st=1", "-program", "title=Two:program_num=2:st=2:st=3"]
        }
        return base + words + ["-muxdelay", "0.001", "-f", "mpegts"] + options + [url]
    }

    package func start(to url: String) throws -> ChildProcess {
        try ChildProcess("ffmpeg", arguments(to: url), niceness: 5)
    }
}

/// ffprobe as a judge of what a viewer gets.
package struct Probe: Sendable {
    /// What ffprobe and the decoders complained about; empty for a clean read.
    package let complaints: String
    /// `codec_name` of each stream.
    package let codecs: [String]
    package let pictures: Int

    /// Reads an address or a file for some seconds and decodes what it got.
    package static func run(_ url: String, seconds: Double = 3, within limit: Double = 30) throws -> Probe {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let probe = try ChildProcess(
            "ffprobe",
            ["-hide_banner", "-loglevel", "error", "-read_intervals", "%+\(seconds)", "-count_frames"]
                + ["-show_entries", "stream=codec_name,codec_type,nb_read_frames", "-of", "json"]
                + ["-o", folder.file("streams.json"), url])
        defer { probe.kill() }
        let exit = try probe.waitForExit(within: limit)
        var complaints = probe.output
        guard exit == .code(0) else { throw TestFailure("ffprobe \(url): \(exit) \(probe.text)") }
        // ffprobe names streams once more under their programs; the list at the top has each once.
        let streams = try JSONValue(parsing: try Files.text(folder.file("streams.json")))["streams"].array
        if streams.isEmpty { complaints.append("no streams") }
        let codecs = streams.compactMap { $0["codec_name"].string }
        let pictures =
            streams.filter { $0["codec_type"].string == "video" }
            .compactMap { $0["nb_read_frames"].string.flatMap { Int($0) } }.max() ?? 0
        return Probe(complaints: complaints.joined(separator: "\n"), codecs: codecs, pictures: pictures)
    }
}
