import TransportStream

/// What `tsbench probe` says of a stream.
struct ProbeReport {
    let name: String
    let analysis: ProbeAnalysis
    /// Of the aligner: bytes that belonged to no packet, and how often its belief was lost.
    var bytesSkipped: UInt64 = 0
    var syncLosses: UInt64 = 0
    /// When the connection was asked for; nil for a file.
    var startUs: Int64?
    /// Why the reading ended before its time; nil when it did not.
    var ending: String?

    var firstPictureMs: Double? {
        guard let startUs, let pictureUs = analysis.firstPictureUs else { return nil }
        return Double(pictureUs - startUs) / 1000
    }

    /// There was a stream: sync bytes at the right distance are found in any large file, but not most of the time.
    var hasStream: Bool { analysis.packets > 0 && analysis.bytes >= bytesSkipped }

    private var info: StreamInfo { analysis.analyzer.info }

    // MARK: For people

    var table: [String] {
        var rows: [(String, String)] = [("stream", name)]
        rows.append(("bytes", bytesText))
        rows.append(("rate", rateText))
        rows.append(("programs", "\(analysis.tables.programs.count)"))
        rows.append(("video", videoText))
        rows.append(
            ("audio", info.audioCodecs.isEmpty ? "none" : info.audioCodecs.map(\.description).joined(separator: ", ")))
        rows.append(("clock", clockText))
        if let firstPictureMs {
            rows.append(("first picture", "whole \(Decimals.text(firstPictureMs, 1)) ms after we asked"))
        }
        rows.append(("errors", errorsText))
        if let ending { rows.append(("ended", ending)) }
        let width = (rows.map(\.0.count).max() ?? 0) + 2
        var lines = rows.map { $0.0 + String(repeating: " ", count: width - $0.0.count) + $0.1 }
        lines.append("")
        lines.append(Self.line(["PID", "what", "packets", "share", "kbit/s", "continuity errors"]))
        for tally in analysis.pids { lines.append(Self.line(columns(tally))) }
        return lines
    }

    private static func line(_ columns: [String]) -> String {
        let widths = [8, 22, 10, 8, 10]
        var text = ""
        for (index, column) in columns.enumerated() {
            text += column
            if index < widths.count { text += String(repeating: " ", count: max(1, widths[index] - column.count)) }
        }
        return text
    }

    private func columns(_ tally: ProbeAnalysis.Tally) -> [String] {
        let share = Double(tally.packets) / Double(max(1, analysis.packets))
        let rate = analysis.bitsPerSecond.map { Decimals.text($0 * share / 1000, 1) } ?? "?"
        return [
            Self.hex(tally.pid), what(tally), "\(tally.packets)", Decimals.text(share * 100, 1) + " %", rate,
            "\(tally.continuityErrors)",
        ]
    }

    static func hex(_ pid: UInt16) -> String {
        let digits = String(pid, radix: 16)
        return "0x" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    func what(_ tally: ProbeAnalysis.Tally) -> String {
        if tally.pid == TSPacket.nullPID { return "null packets" }
        let text: String
        switch analysis.tables.contents[tally.pid] {
        case .pat: text = "PAT"
        case .pmt(let program): text = "PMT of program \(program)"
        case .stream(.video(let codec), _, _):
            // The map cannot tell MPEG-1 from MPEG-2; the pictures can.
            text = "video " + (tally.pid == info.videoPID ? info.videoCodec : codec).description
        case .stream(.audio(let codec), _, _): text = "audio " + codec.description
        case .stream(.other, let type, _): text = "data type 0x" + String(type, radix: 16)
        case nil: text = Self.reserved(tally.pid) ?? (analysis.clocks[tally.pid] != nil ? "clock" : "in no table")
        }
        return tally.isScrambled ? text + ", scrambled" : text
    }

    /// ETSI EN 300 468 Table 1.
    private static func reserved(_ pid: UInt16) -> String? {
        switch pid {
        case 0x0001: "CAT"
        case 0x0010: "NIT"
        case 0x0011: "SDT"
        case 0x0012: "EIT"
        case 0x0014: "TDT"
        default: nil
        }
    }

    private var bytesText: String {
        let amount = "\(analysis.bytes) in \(analysis.packets) packets"
        return analysis.arrivalSeconds.map { amount + ", \(Decimals.text($0, 1)) s" } ?? amount
    }

    private var rateText: String {
        let byClock = analysis.clock?.bitsPerSecond.map { Self.rate($0) + " by its clock" }
        let asItCame = analysis.arrivalBitsPerSecond.map { Self.rate($0) + " as it came" }
        let parts = [asItCame, byClock].compactMap { $0 }
        return parts.isEmpty ? "unknown: no clock" : parts.joined(separator: ", ")
    }

    static func rate(_ bitsPerSecond: Double) -> String {
        bitsPerSecond >= 1e6
            ? Decimals.text(bitsPerSecond / 1e6, 3) + " Mbit/s" : Decimals.text(bitsPerSecond / 1e3, 1) + " kbit/s"
    }

    private var videoText: String {
        guard info.videoPID != nil else { return "none" }
        var text = info.videoCodec.description
        if let width = info.width, let height = info.height { text += " \(width)x\(height)" }
        if let rate = analysis.pictureRate { text += ", \(Decimals.text(rate, 2)) pictures a second" }
        let gops = analysis.gops
        guard let average = gops.averagePictures else {
            return text
                + (analysis.analyzer.counters.randomAccessPoints == 0 ? ", no random access point" : ", no whole GOP")
        }
        text += ", GOP of \(Decimals.text(average, 1)) pictures"
        if gops.leastPictures != gops.mostPictures { text += " (\(gops.leastPictures) to \(gops.mostPictures))" }
        if let seconds = gops.averageSeconds { text += ", \(Decimals.text(seconds, 2)) s" }
        if let longest = gops.longestSeconds, let average = gops.averageSeconds, longest > average * 1.05 {
            text += " (at most \(Decimals.text(longest, 2)) s)"
        }
        return text
    }

    private var clockText: String {
        guard let clock = analysis.clock, let average = clock.averageMs, let longest = clock.longestMs else {
            return "none"
        }
        var text = "every \(Decimals.text(average, 1)) ms, at most \(Decimals.text(longest, 1)) ms"
        if clock.lateCount > 0 { text += " (\(clock.lateCount) over 100 ms)" }
        if let jitterUs = clock.jitterUs {
            text += ", arrives within \(Decimals.text(Double(jitterUs) / 1000, 1)) ms"
        }
        return clock.discontinuities > 0 ? text + ", \(clock.discontinuities) jumps" : text
    }

    private var errorsText: String {
        "continuity \(analysis.continuityErrors), transport \(analysis.transportErrors), tables \(analysis.tables.errors),"
            + " sync lost \(syncLosses) times, \(bytesSkipped) bytes skipped"
    }
}
