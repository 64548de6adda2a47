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
            ///
            /// - Returns: the calls of each picture.
            @discardableResult
            mutating func run(pictures count: Int) throws -> [CallCounts] {
                var calls: [CallCounts] = []
                for _ in 0..<count {
                    let startsGOP = pictures % 25 == 0
                    if startsGOP { fixture.appendTables() }
                    // The last packet is filled, so that it shows the picture's end.
                    fixture.appendPicture(
                        bytes: TransportStreamFixture.fullBytes(packets: packetsPerPicture, isRandomAccess: true) - 9,
                        isRandomAccess: startsGOP)
                    pictures += 1
                    let before = try counter.counts
                    try crowd.pass(fixture.takeBytes(), through: sender)
                    calls.append(try counter.counts.since(before))
                }
                return calls
            }
        }

        /// Holds a figure against its threshold.
        private func check(_ name: String, _ count: Int) throws {
            let limit = try CountThresholds().limit(name)
            print("counts: \(name) \(count) of \(limit)")
            #expect(count <= limit, "\(name)")
        }

        /// Calls of the picture in the middle, per 1,000 units, of which each picture has so many.
        private func median(
            _ calls: [CallCounts], per units: Int, _ count: (CallCounts) -> Int
        ) -> Int { calls.map(count).sorted()[calls.count / 2] * 1000 / units }

        @Test(arguments: [1, 2])
        func `a write to a viewer is one system call and no malloc`(threads: Int) throws {
            try Stage.run { stage in
                var bench = try Bench(stage, threads: threads, viewers: 200, packetsPerPicture: 10)
                let calls = try bench.run(pictures: 101)
                let viewers = bench.crowd.count
                try check("mallocs-per-1000-writes", median(calls, per: viewers, { $0.allocations }))
                try check("sends-per-1000-writes", median(calls, per: viewers, { $0.writes }))
                try check("system-calls-per-1000-writes", median(calls, per: viewers, { $0.systemCalls }))
            }
        }

        @Test(arguments: [1, 2])
        func `a packet that comes in is no system call and no malloc`(threads: Int) throws {
            try Stage.run { stage in
                var bench = try Bench(stage, threads: threads, viewers: 2, packetsPerPicture: 100)
                let calls = try bench.run(pictures: 201)
                let packets = bench.packetsPerPicture
                try check("mallocs-per-1000-packets", median(calls, per: packets, { $0.allocations }))
                try check("system-calls-per-1000-packets", median(calls, per: packets, { $0.systemCalls }))
                // The base lane and the WebSocket's.
                let laneBytes = 2 * calls.count * packets * TransportPackets.size
                let mallocs = calls.reduce(0) { $0 + $1.allocations }
                try check("mallocs-per-100-segments", mallocs * 100 / (laneBytes >> 16))
            }
        }
    }
}
