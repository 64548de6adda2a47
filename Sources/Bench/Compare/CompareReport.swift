/// What all runs brought: the figures of every run, and what is told of them.
package struct CompareReport {
    /// One server under one case.
    package struct Entry {
        package let server: String
        /// In the order of the rounds; a round that failed is not here.
        package var runs: [RunFigures] = []
        /// Why rounds failed.
        package var failures: [String] = []

        package init(server: String) { self.server = server }

        /// The median of a figure over the runs.
        package func median(_ figure: KeyPath<RunFigures, Double>) -> Double? {
            Median.of(runs.map { $0[keyPath: figure] })
        }

        /// The sum of a count over the runs.
        package func sum(_ count: KeyPath<RunFigures, Double>) -> Double {
            runs.reduce(0) { $0 + $1[keyPath: count] }
        }

        package var busyRuns: Int { runs.count { $0.loadWasBusy } }

        /// Runs in which the server was kept waiting for its processor more than a tenth of the time.
        package var starvedRuns: Int { runs.count { $0.serverWaitShare > 0.1 } }
    }

    package struct Section {
        package let benchCase: BenchCase
        package var entries: [Entry]

        package init(benchCase: BenchCase, entries: [Entry]) {
            self.benchCase = benchCase
            self.entries = entries
        }
    }

    package let machine: MachineFacts
    /// As it can be typed again.
    package let command: String
    package let base: String
    package var sections: [Section] = []

    package init(machine: MachineFacts, command: String, base: String) {
        self.machine = machine
        self.command = command
        self.base = base
    }

    package var hasFailures: Bool { sections.contains { $0.entries.contains { !$0.failures.isEmpty } } }

    // MARK: The table

    /// Markdown: a line on the machine, the table, and notes on what was not as it should be.
    package var table: String {
        var lines = [
            "\(machine.processor), \(machine.processors) processors, \(machine.kernel), \(machine.date) UTC:",
            "`\(command)`", "",
            "| load | server | CPU ms/GB | / \(base) | p50 ms | p99 ms | p99 - \(base) | lost | KiB/viewer | switches/s |",
            "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        ]
        for section in sections {
            let base = section.entries.first { $0.server == self.base }
            for (index, entry) in section.entries.enumerated() {
                lines.append(row(entry, base: base, load: index == 0 ? section.benchCase.name : ""))
            }
        }
        let notes = notes
        if !notes.isEmpty { lines += [""] + notes }
        return lines.joined(separator: "\n")
    }

    private func row(_ entry: Entry, base: Entry?, load: String) -> String {
        let cpu = entry.median(\.cpuMsPerGB)
        let p99 = entry.median(\.delayP99Ms)
        let ratio = Median.ratio(cpu, to: base?.median(\.cpuMsPerGB))
        var more: Double?
        if let p99, let baseP99 = base?.median(\.delayP99Ms) { more = p99 - baseP99 }
        let cells = [
            load, entry.server, cpu.map(Decimals.grouped) ?? "failed", CompareReport.text(ratio, 2),
            CompareReport.text(entry.median(\.delayP50Ms), 2), CompareReport.text(p99, 2), CompareReport.text(more, 2),
            entry.runs.isEmpty ? "-" : Decimals.grouped(entry.sum(\.packetsBad)),
            CompareReport.text(entry.median(\.kibPerViewer), 1),
            entry.median(\.switchesPerSecond).map(Decimals.grouped) ?? "-",
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    private static func text(_ value: Double?, _ digits: Int) -> String {
        value.map { Decimals.text($0, digits) } ?? "-"
    }

    /// What a reader must know beside the figures, one line each.
    package var notes: [String] {
        var notes: [String] = []
        for section in sections {
            for entry in section.entries {
                let place = "\(section.benchCase.name), \(entry.server): "
                for failure in entry.failures { notes.append("- " + place + "a run failed: " + failure) }
                if entry.busyRuns > 0 {
                    notes.append(
                        "- " + place
                            + "the load tool was the bottleneck in \(entry.busyRuns) of \(entry.runs.count) runs")
                }
                if entry.starvedRuns > 0 {
                    let share = Decimals.text((entry.median(\.serverWaitShare) ?? 0) * 100, 0)
                    notes.append(
                        "- " + place + "the server waited for its processor \(share) % of the time, and too long in "
                            + "\(entry.starvedRuns) of \(entry.runs.count) runs: something else ran there")
                }
                let gone = entry.sum(\.viewersLost)
                if gone > 0 { notes.append("- " + place + "\(Decimals.grouped(gone)) viewers lost their connection") }
            }
        }
        return notes
    }

    // MARK: JSON

    package var json: JSON {
        JSON(members: [
            ("tool", "tsbench compare"), ("command", .string(command)), ("date", .string(machine.date)),
            (
                "machine",
                JSON(members: [
                    ("processor", .string(machine.processor)), ("processors", JSON(Double(machine.processors))),
                    ("kernel", .string(machine.kernel)),
                ])
            ),
            ("base", .string(base)), ("cases", .array(sections.map(json(of:)))),
        ])
    }

    private func json(of section: Section) -> JSON {
        let base = section.entries.first { $0.server == self.base }
        return JSON(members: [
            ("name", .string(section.benchCase.name)), ("tier", .string(section.benchCase.tier.rawValue)),
            ("viewers", JSON(Double(section.benchCase.viewers))),
            ("rate", JSON(Double(section.benchCase.bitsPerSecond))),
            ("pictures", JSON(section.benchCase.pictures.map(Double.init))),
            ("servers", .array(section.entries.map { json(of: $0, base: base) })),
        ])
    }

    private func json(of entry: Entry, base: Entry?) -> JSON {
        let cpu = entry.median(\.cpuMsPerGB)
        return JSON(members: [
            ("server", .string(entry.server)),
            ("cpuMsPerGB", JSON(cpu)), ("cpuRatio", JSON(Median.ratio(cpu, to: base?.median(\.cpuMsPerGB)))),
            ("delayP50Ms", JSON(entry.median(\.delayP50Ms))), ("delayP99Ms", JSON(entry.median(\.delayP99Ms))),
            ("packetsExpected", JSON(entry.sum(\.packetsExpected))), ("packetsBad", JSON(entry.sum(\.packetsBad))),
            ("viewersLost", JSON(entry.sum(\.viewersLost))), ("kibPerViewer", JSON(entry.median(\.kibPerViewer))),
            ("switchesPerSecond", JSON(entry.median(\.switchesPerSecond))),
            ("runsWithBusyLoad", JSON(Double(entry.busyRuns))), ("runsStarved", JSON(Double(entry.starvedRuns))),
            ("failures", .array(entry.failures.map(JSON.string))),
            ("runs", .array(entry.runs.map(CompareReport.json(of:)))),
        ])
    }

    private static func json(of run: RunFigures) -> JSON {
        JSON(members: [
            ("cpuMsPerGB", JSON(run.cpuMsPerGB)), ("delayP50Ms", JSON(run.delayP50Ms)),
            ("delayP99Ms", JSON(run.delayP99Ms)), ("packetsExpected", JSON(run.packetsExpected)),
            ("packetsBad", JSON(run.packetsBad)), ("viewersLost", JSON(run.viewersLost)),
            ("kibPerViewer", JSON(run.kibPerViewer)), ("switchesPerSecond", JSON(run.switchesPerSecond)),
            ("loadBusy", .bool(run.loadWasBusy)), ("serverWaitShare", JSON(run.serverWaitShare)),
        ])
    }
}
