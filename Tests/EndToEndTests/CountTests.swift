import TestSupport
import Testing

extension EndToEnd {
    /// What a write and a packet cost, in calls: held against Tests/Thresholds/calls.txt.
    @Suite(.enabled(if: !isSanitized, "a sanitizer has a malloc of its own")) struct CountTests {
        /// A node whose calls are counted, its sender and its viewers, driven in lockstep.
        private struct Bench {
            let counter: CallCounter
            let sender: RawSocket
            let crowd: LockstepCrowd
            let packetsPerPicture: Int
            var fixture = TransportStreamFixture()
            var pictures = 0

            /// Starts everything and lets it come to rest: two GOPs.
            init(_ stage: Stage, threads: Int, viewers: Int, packetsPerPicture: Int) throws {
                counter = try CallCounter(file: stage.folder.file("calls"))
                let relay = try stage.relay(
                    NodeFile.first(), listeners: NodeFile.listeners(),
                    environment: counter.environment.merging(["TSRELAY_APP_THREADS": "\(threads)"]) { $1 })
                sender = try RawSocket.connect(port: try relay.pushPort())
                stage.atEnd { [sender] in sender.close() }
                crowd = try LockstepCrowd(viewers, port: try relay.watchPort("http"))
                stage.atEnd { [crowd] in crowd.close() }
                self.packetsPerPicture = packetsPerPicture
                try run(pictures: 50)
            }

            /// A GOP is 25 pictures, and its tables stand before it.
            mutating func run(pictures count: Int) throws {
                for _ in 0..<count {
                    let startsGOP = pictures % 25 == 0
                    if startsGOP { fixture.appendTables() }
                    // The last packet is filled, so that it shows the picture's end.
                    fixture.appendPicture(
                        bytes: TransportStreamFixture.fullBytes(packets: packetsPerPicture, isRandomAccess: true) - 9,
                        isRandomAccess: startsGOP)
                    pictures += 1
                    try crowd.pass(fixture.takeBytes(), through: sender)
                }
            }

            /// Calls of a stretch per 1,000 of something, of which `pictures` bring so many.
            mutating func count(
                pictures: Int, of units: Int, _ figures: [(name: String, calls: (CallCounts) -> Int)]
            ) throws {
                let before = try counter.counts
                try run(pictures: pictures)
                let counts = try counter.counts.since(before)
                let thresholds = try CountThresholds()
                for figure in figures {
                    let count = figure.calls(counts) * 1000 / units
                    let limit = try thresholds.limit(figure.name)
                    print("counts: \(figure.name) \(count) of \(limit)")
                    #expect(count <= limit, "\(figure.name): \(counts), for \(units)")
                }
            }
        }

        @Test(arguments: [1, 2])
        func `a write to a viewer is one system call and no malloc`(threads: Int) throws {
            try Stage.run { stage in
                var bench = try Bench(stage, threads: threads, viewers: 200, packetsPerPicture: 10)
                try bench.count(
                    pictures: 100, of: 100 * bench.crowd.count,
                    [
                        ("mallocs-per-1000-writes", { $0.allocations }), ("sends-per-1000-writes", { $0.writes }),
                        ("system-calls-per-1000-writes", { $0.systemCalls }),
                    ])
            }
        }

        @Test(arguments: [1, 2])
        func `a packet that comes in is no system call and no malloc`(threads: Int) throws {
            try Stage.run { stage in
                var bench = try Bench(stage, threads: threads, viewers: 2, packetsPerPicture: 100)
                try bench.count(
                    pictures: 200, of: 200 * bench.packetsPerPicture,
                    [
                        ("mallocs-per-1000-packets", { $0.allocations }),
                        ("system-calls-per-1000-packets", { $0.systemCalls }),
                    ])
            }
        }
    }
}
