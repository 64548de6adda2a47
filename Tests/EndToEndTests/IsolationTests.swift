import TestSupport
import Testing

extension EndToEnd {
    /// Nobody waits for anybody: not the publisher, not a sibling, not a child.
    @Suite struct IsolationTests {
        private static let seconds = isLongRun ? 60 : 15

        @Test func `slow, stalled and stopped ones cost the others nothing`() throws {
            try Stage.run { stage in
                // A sanitizer slows the judges of this process more than the node, so there it is a smaller crowd's test.
                // The rate stays: what two kernels hold is a number of bytes, so at a lower rate they hold it for longer.
                let crowdSize = isSanitized ? 20 : 160
                let bytes = try ReferenceStream.made(seconds: Self.seconds + 4, kilobits: 4000)
                let rate = Double(bytes.count) / Double(Self.seconds + 4)
                let reference = ReferenceStream(bytes)

                let healthy = try RawSocket.listen()
                let stopped = try stage.relay(NodeFile.extra(), listeners: 3, name: "stopped-child")
                let away = try RawSocket.listen()
                let awayPort = try away.localPort
                away.close()
                let relay = try stage.relay(
                    NodeFile.first(children: [try healthy.localPort, try stopped.pushPort(), awayPort]),
                    listeners: 3, name: "parent")
                let child = stage.collect(TCPSource(try healthy.accept(within: 5)))

                let crowd = ViewerCrowd(reference, bytesPerSecond: rate)
                stage.atEnd { crowd.stop() }
                let port = try relay.watchPort("http")
                let quick = try crowd.join(crowdSize, port: port)
                let deaf = try crowd.join(20, port: port, rate: 0, keepsBytes: true)
                let slow = try crowd.join(20, port: port, rate: 0.7 * rate, keepsBytes: true)
                let stalled = try stage.tcp(port: try relay.watchPort("tcp"))
                stalled.pause()

                let sender = try stage.send(bytes, port: try relay.pushPort(), bytesPerSecond: rate)
                crowd.sendingBegan()
                try sender.waitUntilSent(bytes: bytes.count / (Self.seconds + 4) * 3, within: 20)
                stopped.process.stop()
                let memoryBefore = relay.process.residentBytes
                let cpuBefore = relay.process.cpuSeconds
                try sender.waitUntilSent(within: Double(Self.seconds) + 30)
                let memoryAfter = relay.process.residentBytes
                let cpu = relay.process.cpuSeconds - cpuBefore

                try waitUntil("the quick viewers have all", within: 5) {
                    crowd.reports(quick).allSatisfy { $0.position == reference.packets.count }
                }
                for (number, report) in crowd.reports(quick).enumerated() {
                    #expect(report.breaks == 0 && report.failure == nil, "viewer \(number): \(report.breaks) breaks")
                }
                let verdict = child.verdict(against: reference.packets, within: 5)
                #expect(verdict.isExact && verdict.notReached == 0, "the healthy child: \(verdict)")
                let grown = memoryAfter - memoryBefore
                print(
                    "isolation: \(crowdSize) quick viewers, grown \(grown >> 10) KiB, longest wait of the publisher "
                        + "\(Int(sender.longestWait * 1000)) ms, \(Int(cpu * 1000 / Double(Self.seconds))) ms of CPU a second"
                )
                #expect(sender.longestWait < (isSanitized ? 0.25 : 0.1), "the publisher waited \(sender.longestWait) s")
                if !isSanitized { #expect(grown < 16 << 20, "the node grew by \(grown) bytes") }

                let lags = crowd.reports(slow).map(\.longestLag)
                print("isolation: the slow were at most \(lags.max() ?? 0) s late")
                // MaxLag and a GOP; a sanitizer slows the readers too, so that two kernels hold bytes for longer.
                #expect(lags.allSatisfy { $0 < 2 + 1 + (isSanitized ? 1.5 : 0) }, "\(lags)")
                crowd.hurry(deaf)
                crowd.hurry(slow)
                // One that was too far behind waits for a random access point that never comes now; the others read on.
                var last = -1
                var since = monotonicSeconds()
                try waitUntil("the slow have read what is left", within: 20) {
                    let now = crowd.reports(deaf.lowerBound..<slow.upperBound).reduce(0) { $0 + $1.count }
                    if now != last { (last, since) = (now, monotonicSeconds()) }
                    return monotonicSeconds() - since > 0.5
                }
                for range in [slow, deaf] {
                    for report in crowd.reports(range.prefix(5)) {
                        let pictures = PictureJudge(received: report.bytes, reference: bytes)
                        #expect(pictures.allAreWhole && pictures.pictures > 0, "\(pictures)")
                        if range == slow { #expect(pictures.missing > 0, "a slow viewer lost nothing: \(pictures)") }
                    }
                }
            }
        }

        @Test func `a child that was stopped is whole again within a GOP`() throws {
            try Stage.run { stage in
                let bytes = try ReferenceStream.made(seconds: 19, kilobits: isSanitized ? 1000 : 4000)
                let rate = Double(bytes.count) / 19
                let reference = ReferenceStream(bytes)
                let child = try stage.relay(NodeFile.extra(), listeners: 3, name: "child")
                let parent = try stage.relay(
                    NodeFile.first(children: [try child.pushPort()]), listeners: 3, name: "parent")
                let viewer = try stage.webSocket(port: try child.watchPort("http"))
                let sibling = try stage.webSocket(port: try parent.watchPort("http"))
                let sender = try stage.send(bytes, port: try parent.pushPort(), bytesPerSecond: rate)
                try viewer.waitForBytes(Int(rate), within: 10)
                child.process.stop()
                try sender.waitUntilSent(bytes: Int(rate * 11), within: 20)
                let resumed = sender.sentCount
                child.process.resume()
                let begin = monotonicSeconds()
                // It is whole again when its viewer gets pictures that went in after this moment.
                try waitUntil("the viewer of the child sees new pictures", within: 5) {
                    (viewer.newestPicture(in: reference) ?? 0) * 188 > resumed
                }
                let took = monotonicSeconds() - begin
                print("isolation: the stopped child was back after \(Int(took * 1000)) ms")
                #expect(took < (isSanitized ? 1.5 : 1), "\(took) s, and a GOP is 1 s")
                try sender.waitUntilSent(within: 20)
                #expect(viewer.verdict(against: reference.packets, within: 5).notReached == 0)
                let pictures = PictureJudge(received: viewer.received, reference: bytes)
                #expect(pictures.allAreWhole && pictures.missing > 0, "\(pictures)")
                #expect(sibling.verdict(against: reference.packets, within: 5).isExact)
            }
        }
    }
}

extension Collector {
    /// The place in the reference of the newest picture that began; nil before the first.
    func newestPicture(in reference: ReferenceStream) -> Int? {
        let bytes = received
        for end in stride(from: bytes.count / 188 * 188, to: 0, by: -188) {
            if let place = reference.picture(startingWith: bytes[end - 188..<end]) { return place }
        }
        return nil
    }
}
