import TransportStream

extension ProbeReport {
    /// One JSON object (RFC 8259) on one line, for programs.
    var json: String {
        let info = analysis.analyzer.info
        let gops = analysis.gops
        let clock = analysis.clock
        var fields = [
            "\"tool\":\"tsbench probe\"", "\"stream\":\(JSONText.quoted(name))", "\"bytes\":\(analysis.bytes)",
            "\"packets\":\(analysis.packets)", "\"seconds\":" + number(analysis.arrivalSeconds ?? clock?.seconds),
            "\"rate\":" + number(analysis.bitsPerSecond), "\"rateByClock\":" + number(clock?.bitsPerSecond),
            "\"programs\":\(analysis.tables.programs.count)",
        ]
        fields.append(
            "\"video\":{\"codec\":\(JSONText.quoted(info.videoCodec.description)),\"pid\":\(optional(info.videoPID)),"
                + "\"width\":\(optional(info.width)),\"height\":\(optional(info.height)),"
                + "\"pictures\":\(analysis.analyzer.counters.pictures),\"pictureRate\":\(number(analysis.pictureRate))}"
        )
        fields.append(
            "\"audio\":[" + info.audioCodecs.map { JSONText.quoted($0.description) }.joined(separator: ",") + "]")
        fields.append(
            "\"gop\":{\"count\":\(gops.count),\"pictures\":\(number(gops.averagePictures)),"
                + "\"picturesMin\":\(gops.leastPictures),\"picturesMax\":\(gops.mostPictures),"
                + "\"seconds\":\(number(gops.averageSeconds)),\"secondsMax\":\(number(gops.longestSeconds))}")
        fields.append(
            "\"clock\":{\"references\":\(clock?.count ?? 0),\"intervalMs\":\(number(clock?.averageMs)),"
                + "\"intervalMsMax\":\(number(clock?.longestMs)),\"over100Ms\":\(clock?.lateCount ?? 0),"
                + "\"jumps\":\(clock?.discontinuities ?? 0),"
                + "\"jitterMs\":\(number(clock?.jitterUs.map { Double($0) / 1000 }))}")
        fields.append("\"firstPictureMs\":" + number(firstPictureMs))
        fields.append(
            "\"errors\":{\"continuity\":\(analysis.continuityErrors),\"transport\":\(analysis.transportErrors),"
                + "\"tables\":\(analysis.tables.errors),\"syncLosses\":\(syncLosses),\"bytesSkipped\":\(bytesSkipped)}")
        fields.append("\"pids\":[" + analysis.pids.map { json(of: $0) }.joined(separator: ",") + "]")
        fields.append("\"ending\":" + (ending.map(JSONText.quoted) ?? "null"))
        return "{" + fields.joined(separator: ",") + "}"
    }

    private func json(of tally: ProbeAnalysis.Tally) -> String {
        let share = Double(tally.packets) / Double(max(1, analysis.packets))
        return "{\"pid\":\(tally.pid),\"what\":\(JSONText.quoted(what(tally))),\"packets\":\(tally.packets),"
            + "\"rate\":\(number(analysis.bitsPerSecond.map { $0 * share })),"
            + "\"continuityErrors\":\(tally.continuityErrors),\"transportErrors\":\(tally.transportErrors),"
            + "\"scrambled\":\(tally.isScrambled)}"
    }

    private func number(_ value: Double?) -> String { value.map { decimal($0, places: 3) } ?? "null" }

    private func optional(_ value: (some BinaryInteger)?) -> String { value.map { "\($0)" } ?? "null" }
}
