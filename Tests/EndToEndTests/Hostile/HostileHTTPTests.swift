import TestSupport
import Testing

extension EndToEnd {
    /// What strangers do to the HTTP ports: each is answered as the RFCs say and closed, and nobody else notices.
    @Suite struct HostileHTTPTests {
        /// Memory that a table may leave behind.
        private static let memoryMax = 8 << 20

        private static let tables: [(name: String, requests: [HostileRequest])] = [
            ("lines", HostileLines.all), ("targets", HostileTargets.all), ("bodies", HostileBodies.all),
            ("talks", HostileTalks.all),
        ]

        @Test func `there are 150 cases at least, and each has a name of its own`() {
            let names = HostileHTTPTests.tables.flatMap { $0.requests.map(\.name) }
            #expect(names.count >= 150)
            let repeated = Dictionary(grouping: names) { $0 }.filter { $0.value.count > 1 }.keys
            #expect(repeated.isEmpty)
            print("hostile HTTP: \(names.count) cases")
        }

        @Test func `every stranger is answered and closed, and a fresh client is served right afterwards`() throws {
            try Stage.run { stage in
                let relay = try stage.relay(NodeFile.first(["TCP", "HTTP"]), listeners: 4)
                let player = HostilePlayer(
                    publishPort: try relay.pushPort("http"), watchPort: try relay.watchPort("http"))
                let reference = try ReferenceStream.made(seconds: 8, kilobits: 1000)
                let viewer = try stage.webSocket(port: player.watchPort)
                let sender = try stage.send(
                    reference, port: try relay.pushPort("tcp"), bytesPerSecond: Double(reference.count) / 8, loops: 50)
                try viewer.waitForBytes(200_000, within: 15)
                // The first of each kind touch what all share.
                for table in HostileHTTPTests.tables { _ = try table.requests.map(player.fault) }

                let descriptors = relay.process.openDescriptors
                let memory = relay.process.residentBytes
                for (name, requests) in HostileHTTPTests.tables {
                    for request in requests {
                        if let fault = try player.fault(of: request) {
                            Issue.record("\(name), \(request.name): \(fault)")
                        }
                        if let fault = player.faultOfFreshClient() {
                            Issue.record("\(name), after \(request.name): \(fault)")
                        }
                    }
                }
                try waitUntil("the descriptors are back", within: 5) { relay.process.openDescriptors <= descriptors }
                let grown = relay.process.residentBytes - memory
                print("hostile HTTP: \(descriptors) descriptors, memory \(memory) + \(grown) bytes")
                if !isSanitized { #expect(grown <= HostileHTTPTests.memoryMax) }
                let sent = sender.sentCount
                #expect(sender.failureText == nil && !viewer.hasEnded)
                try viewer.waitForMore(20_000, within: 5)
                let loops = sent / reference.count + 2
                let whole = Array(repeatElement(reference, count: loops).joined())
                let verdict = TransportStreamJudge(received: viewer.received, reference: whole)
                #expect(verdict.isExact, "\(verdict)")
            }
        }
    }
}
