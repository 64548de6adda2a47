import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What broken lines and strangers send where a stream is awaited: what comes after it arrives whole.
    @Suite struct HostileStreamTests {
        private static let memoryMax = 8 << 20
        private static let streams =
            HostileSync.all + HostilePackets.all + HostileTables.all + HostilePictures.all + HostileDatagrams.all

        /// Made once for all ways.
        private static let written = streams.map { $0.writes() }

        private static let file =
            NodeFile.head + "Threads = 1\n[stream]\nHold = 100ms\n"
            + ["TCP", "HTTP", "UDP"].enumerated().map { number, way in
                "[backstream\(number == 0 ? "" : ":" + way.lowercased())]\nProtocol = \(way)\n" + NodeFile.anyPort
            }.joined()
            + "[dispatch]\nProtocol = CUSTOM\n[custom]\nProtocol = WEBSOCKET\n" + NodeFile.anyPort
            + "[custom:raw]\nProtocol = TCP\nStart = raw\n" + NodeFile.anyPort

        @Test func `there are 60 hostile streams at least, and each has a name of its own`() {
            let names = HostileStreamTests.streams.map(\.name)
            #expect(names.count >= 60)
            let repeated = Dictionary(grouping: names) { $0 }.filter { $0.value.count > 1 }.keys
            #expect(repeated.isEmpty)
            print("hostile streams: \(names.count)")
        }

        @Test func `after every hostile stream a clean one arrives whole`() throws {
            // Each way has a node of its own, and mostly waits.
            let report = HostileReport()
            DispatchQueue.concurrentPerform(iterations: HostileSender.Way.allCases.count) { number in
                let way = HostileSender.Way.allCases[number]
                do {
                    try HostileStreamTests.playAll(by: way, report)
                } catch {
                    report.add("\(way): \(error)")
                }
            }
            for fault in report.faults { Issue.record("\(fault)") }
        }

        private static func playAll(by way: HostileSender.Way, _ report: HostileReport) throws {
            try Stage.run { stage in
                let relay = try stage.relay(file, listeners: 5)
                let sender = try HostileSender(way, port: try relay.pushPort(way.hostile.rawValue))
                let viewers = [
                    (name: "web", collector: try stage.webSocket(port: try relay.watchPort("http"))),
                    (name: "raw", collector: try stage.tcp(port: try relay.watchPort("tcp"))),
                ]
                var turn = 0
                func play(_ name: String, _ writes: [[UInt8]]) throws {
                    turn += 1
                    let clean = clean(turn)
                    let marks = viewers.map(\.collector.receivedCount)
                    try sender.send(writes, then: way.goesOn ? clean.first + clean.second : clean.first)
                    for (viewer, mark) in zip(viewers, marks) {
                        let wanted = way.goesOn ? clean.second : clean.first
                        guard let fault = fault(viewer.collector, from: mark, wanted) else { continue }
                        report.add("\(way), \(viewer.name), after \(name): \(fault)")
                    }
                }
                try play("nothing", [])
                let streams = streams(of: way)
                // What the largest ones need is kept by the allocator for the next.
                for (name, writes) in streams where writes.reduce(0, { $0 + $1.count }) > 400_000 {
                    try play(name, writes)
                }
                let descriptors = relay.process.openDescriptors
                let memory = relay.process.residentBytes
                for (name, writes) in streams { try play(name, writes) }
                try waitUntil("the descriptors are back", within: 5) { relay.process.openDescriptors <= descriptors }
                let grown = relay.process.residentBytes - memory
                print(
                    "hostile streams by \(way): \(streams.count), memory \(memory) + \(grown) bytes, "
                        + "\(relay.process.cpuSeconds) s of processor")
                if !isSanitized, grown > memoryMax { report.add("\(way): memory has grown by \(grown) bytes") }
            }
        }

        /// All that can come this way. A change of the sender of datagrams takes twice `Hold`, so there it is each ninth.
        private static func streams(of way: HostileSender.Way) -> [(name: String, writes: [[UInt8]])] {
            let all = zip(streams, written).filter { $0.0.ways.contains(way.hostile) }
            let some = way == .udp ? all.enumerated().filter { $0.offset % 9 == 0 }.map(\.element) : all
            return some.map { ($0.0.name, $0.1) }
        }

        /// Two streams of a second, one behind the other, whose pictures no other turn has.
        private static func clean(_ turn: Int) -> (first: [UInt8], second: [UInt8]) {
            var stream = TransportStreamFixture()
            stream.pictureTicks = UInt64(turn) * 1_000_000
            func next() -> [UInt8] {
                stream.appendTables()
                for picture in 0..<25 {
                    stream.appendPicture(bytes: 500 + 60 * (picture % 7), isRandomAccess: picture == 0, hasClock: true)
                    if picture % 3 == 0 { stream.appendAudio(bytes: 250) }
                }
                return stream.takeBytes()
            }
            return (next(), next())
        }

        /// Waits until what came last is a clean stream, from its first picture to its end.
        private static func fault(_ viewer: Collector, from mark: Int, _ clean: [UInt8]) -> String? {
            let wanted = Array(clean.dropFirst(2 * TransportPackets.size))
            var received: [UInt8] = []
            do {
                try waitUntil("its last bytes are the clean stream's", within: 3) {
                    received = viewer.received(from: mark)
                    return Array(received.suffix(wanted.count)) == wanted
                }
                return nil
            } catch {
                let verdict = TransportStreamJudge(received: Array(received.suffix(2 * clean.count)), reference: clean)
                return "\(error): \(received.count) bytes came: \(verdict)"
            }
        }
    }
}
