import TransportStream

extension ProbeReport {
    /// For programs; rates in bits per second.
    var json: JSON {
        let clock = analysis.clock
        let audio = analysis.analyzer.info.audioCodecs.map { JSON.string($0.description) }
        return JSON(members: [
            ("tool", "tsbench probe"), ("stream", .string(name)), ("bytes", .count(analysis.bytes)),
            ("packets", .count(analysis.packets)),
            ("seconds", .thousandths(analysis.arrivalSeconds ?? clock?.seconds)),
            ("rate", .thousandths(analysis.bitsPerSecond)), ("rateByClock", .thousandths(clock?.bitsPerSecond)),
            ("programs", .count(analysis.tables.programs.count)), ("video", videoJSON), ("audio", .array(audio)),
            ("gop", gopJSON), ("clock", clockJSON), ("firstPictureMs", .thousandths(firstPictureMs)),
            (
                "errors",
                JSON(members: [
                    ("continuity", .count(analysis.continuityErrors)), ("transport", .count(analysis.transportErrors)),
                    ("tables", .count(analysis.tables.errors)), ("syncLosses", .count(syncLosses)),
                    ("bytesSkipped", .count(bytesSkipped)),
                ])
            ),
            ("pids", .array(analysis.pids.map { json(of: $0) })), ("ending", ending.map { .string($0) } ?? .null),
        ])
    }

    private var videoJSON: JSON {
        let info = analysis.analyzer.info
        return JSON(members: [
            ("codec", .string(info.videoCodec.description)), ("pid", info.videoPID.map { .count($0) } ?? .null),
            ("width", info.width.map { .count($0) } ?? .null), ("height", info.height.map { .count($0) } ?? .null),
            ("pictures", .count(analysis.analyzer.counters.pictures)),
            ("pictureRate", .thousandths(analysis.pictureRate)),
        ])
    }

    private var gopJSON: JSON {
        let gops = analysis.gops
        return JSON(members: [
            ("count", .count(gops.count)), ("pictures", .thousandths(gops.averagePictures)),
            ("picturesMin", .count(gops.leastPictures)), ("picturesMax", .count(gops.mostPictures)),
            ("seconds", .thousandths(gops.averageSeconds)), ("secondsMax", .thousandths(gops.longestSeconds)),
        ])
    }

    private var clockJSON: JSON {
        guard let clock = analysis.clock else { return .null }
        return JSON(members: [
            ("references", .count(clock.count)), ("intervalMs", .thousandths(clock.averageMs)),
            ("intervalMsMax", .thousandths(clock.longestMs)), ("over100Ms", .count(clock.lateCount)),
            ("jumps", .count(clock.discontinuities)),
            ("jitterMs", .thousandths(clock.jitterUs.map { Double($0) / 1000 })),
        ])
    }

    private func json(of tally: ProbeAnalysis.Tally) -> JSON {
        let share = Double(tally.packets) / Double(max(1, analysis.packets))
        return JSON(members: [
            ("pid", .count(tally.pid)), ("what", .string(what(tally))), ("packets", .count(tally.packets)),
            ("rate", .thousandths(analysis.bitsPerSecond.map { $0 * share })),
            ("continuityErrors", .count(tally.continuityErrors)), ("transportErrors", .count(tally.transportErrors)),
            ("scrambled", .bool(tally.isScrambled)),
        ])
    }
}
