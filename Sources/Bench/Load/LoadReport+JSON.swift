extension LoadReport {
    /// One JSON object (RFC 8259) on one line, for programs.
    var json: String {
        var fields = [
            text("tool", "tsbench load"), "\"viewers\":\(options.viewerCount)", "\"rate\":\(options.bitsPerSecond)",
            "\"pictures\":" + (options.pictures.map(String.init) ?? "null"), "\"seconds\":" + number(measuredSeconds),
            "\"threads\":\(options.threads)", "\"bytesDelivered\":\(bytesDelivered)",
            "\"packetsExpected\":\(quick.expected)", "\"packetsLost\":\(quick.lost)",
            "\"packetsDamaged\":\(quick.damaged)", "\"packetsOutOfOrder\":\(quick.outOfOrder)",
            "\"packetsTwice\":\(quick.duplicates)", "\"viewersConnected\":\(connected)",
            "\"viewersLost\":\(viewersLost)",
        ]
        fields.append("\"delayMs\":" + histogram(delays, [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)]))
        fields.append("\"firstPictureMs\":" + histogram(firstPictures, [("p50", 0.5), ("p99", 0.99)]))
        fields.append("\"server\":" + serverJSON)
        fields.append("\"loadCpuMs\":" + number(loadCpuMs))
        fields.append("\"loadShare\":" + number(loadShare))
        fields.append("\"loadBusy\":\(isLoadBusy)")
        fields.append("\"publisher\":" + publisherJSON)
        if options.slow + options.stalled > 0 {
            fields.append(
                "\"slow\":{\"viewers\":\(options.slow),\"stalled\":\(options.stalled),\"packetsSkipped\":\(slow.lost),"
                    + "\"packetsDamaged\":\(slow.damaged),\"viewersLost\":\(slowEnded)}")
        }
        if options.churn > 0 { fields.append("\"joins\":\(joins),\"leaves\":\(leaves)") }
        let ends = reasons.sorted { $0.key < $1.key }.map { "{\(text("reason", $0.key)),\"times\":\($0.value)}" }
        fields.append("\"ends\":[" + ends.joined(separator: ",") + "]")
        fields.append("\"clean\":\(isClean)")
        return "{" + fields.joined(separator: ",") + "}"
    }

    private var serverJSON: String {
        guard let server else { return "null" }
        let fields = [
            "\"cpuMs\":" + number(server.cpuMs), "\"cpuMsPerGB\":" + (cpuMsPerGB.map(number) ?? "null"),
            "\"rssStartKiB\":\(server.residentStartKiB)", "\"rssEndKiB\":\(server.residentEndKiB)",
            "\"voluntarySwitches\":\(server.voluntarySwitches)",
            "\"involuntarySwitches\":\(server.involuntarySwitches)", "\"threads\":\(server.threads)",
        ]
        return "{" + fields.joined(separator: ",") + "}"
    }

    private var publisherJSON: String {
        guard let publisher else { return "null" }
        let late = publisher.lateness
        let fields = [
            "\"lateMs\":" + histogram(late, [("p99", 0.99)]),
            "\"blockedMs\":" + number(Double(publisher.blockedUs) / 1000),
            "\"changes\":\(publisher.changes)", publisher.failure.map { text("failure", $0) } ?? "\"failure\":null",
        ]
        return "{" + fields.joined(separator: ",") + "}"
    }

    /// In milliseconds; with `null` for each figure when there is no value.
    private func histogram(_ values: DelayHistogram, _ shares: [(String, Double)]) -> String {
        var fields = shares.map { name, share in
            "\"\(name)\":" + (values.count == 0 ? "null" : milliseconds(values.percentile(share)))
        }
        fields.append("\"max\":" + (values.count == 0 ? "null" : milliseconds(values.maximum)))
        return "{" + fields.joined(separator: ",") + "}"
    }

    private func number(_ value: Double) -> String { decimal(value, places: 3) }

    private func text(_ name: String, _ value: String) -> String { "\"\(name)\":\(JSONText.quoted(value))" }
}
