extension LoadReport {
    /// For programs; times in milliseconds.
    var json: JSON {
        var members: [(String, JSON)] = [
            ("tool", "tsbench load"), ("viewers", .count(options.viewerCount)), ("rate", .count(options.bitsPerSecond)),
            ("pictures", options.pictures.map { .count($0) } ?? .null), ("seconds", .thousandths(measuredSeconds)),
            ("threads", .count(options.threads)), ("bytesDelivered", .count(bytesDelivered)),
            ("packetsExpected", .count(quick.expected)), ("packetsLost", .count(quick.lost)),
            ("packetsDamaged", .count(quick.damaged)), ("packetsOutOfOrder", .count(quick.outOfOrder)),
            ("packetsTwice", .count(quick.duplicates)), ("viewersConnected", .count(connected)),
            ("viewersLost", .count(viewersLost)),
            ("delayMs", .shares(of: delays, [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)])),
            ("firstPictureMs", .shares(of: firstPictures, [("p50", 0.5), ("p99", 0.99)])),
            ("gapMs", .shares(of: gaps, [("p50", 0.5), ("p99", 0.99)])), ("server", serverJSON),
            ("loadCpuMs", .thousandths(loadCpuMs)), ("loadShare", .thousandths(loadShare)),
            ("loadBusy", .bool(isLoadBusy)),
            ("publisher", publisherJSON),
        ]
        if options.slow + options.stalled > 0 { members.append(("slow", slowJSON)) }
        if options.storm > 0 { members.append(("storm", stormJSON)) }
        if options.churn > 0 { members += [("joins", .count(joins)), ("leaves", .count(leaves))] }
        let ends = reasons.sorted { $0.key < $1.key }
        members.append(
            ("ends", .array(ends.map { JSON(members: [("reason", .string($0.key)), ("times", .count($0.value))]) })))
        members.append(("clean", .bool(isClean)))
        return JSON(members: members)
    }

    private var serverJSON: JSON {
        guard let server else { return .null }
        return JSON(members: [
            ("cpuMs", .thousandths(server.cpuMs)), ("cpuMsPerGB", .thousandths(cpuMsPerGB)),
            ("rssStartKiB", .count(server.residentStartKiB)), ("rssEndKiB", .count(server.residentEndKiB)),
            ("voluntarySwitches", .count(server.voluntarySwitches)),
            ("involuntarySwitches", .count(server.involuntarySwitches)), ("threads", .count(server.threads)),
        ])
    }

    private var publisherJSON: JSON {
        guard let publisher else { return .null }
        return JSON(members: [
            ("lateMs", .shares(of: publisher.lateness, [("p99", 0.99)])),
            ("blockedMs", .thousandths(Double(publisher.blockedUs) / 1000)), ("changes", .count(publisher.changes)),
            ("failure", publisher.failure.map { .string($0) } ?? .null),
        ])
    }

    private var stormJSON: JSON {
        JSON(members: [
            ("viewers", .count(options.storm)), ("failures", .count(stormFailures)),
            ("connectMs", .shares(of: storm.connects, [("p50", 0.5), ("p99", 0.99)])),
            ("firstPictureMs", .shares(of: storm.firstPictures, [("p50", 0.5), ("p99", 0.99)])),
        ])
    }

    private var slowJSON: JSON {
        JSON(members: [
            ("viewers", .count(options.slow)), ("stalled", .count(options.stalled)),
            ("packetsSkipped", .count(slow.lost)), ("packetsDamaged", .count(slow.damaged)),
            ("viewersLost", .count(slowEnded)),
        ])
    }
}

extension JSON {
    /// A whole number; above 2^53 the nearest that a double holds.
    static func count(_ value: some BinaryInteger) -> JSON { .number(Double(value)) }

    /// A number with three decimals; null for none.
    static func thousandths(_ value: Double?) -> JSON { JSON(value.map { ($0 * 1000).rounded() / 1000 }) }

    /// Percentiles and the maximum in milliseconds; null for each when there is no value.
    static func shares(of values: DelayHistogram, _ shares: [(String, Double)]) -> JSON {
        let all = shares.map { ($0.0, values.percentile($0.1)) } + [("max", values.maximum)]
        return JSON(members: all.map { ($0.0, values.count > 0 ? .thousandths(Double($0.1) / 1000) : .null) })
    }
}
