import Foundation
import TestSupport
import Testing

/// `configs/README.md` tells operators every limit, with the code's own numbers.
@Suite struct LimitsTableTests {
    private static let begin = "<!-- written by LimitsTableTests with TSRELAY_WRITE_REFERENCE=1 -->\n"
    private static let end = "\n## "
    private static let page = Files.repository + "/configs/README.md"

    private static var limits: [Limit] { LimitsTable.groups.flatMap(\.limits) }

    private static var table: String {
        LimitsTable.groups.map { group in
            let head =
                "\n### \(group.name)\n\n| what | at most | changed by | what shows it |\n| --- | --- | --- | --- |\n"
            return head + group.limits.map { $0.line + "\n" }.joined()
        }.joined()
    }

    /// The text of all Swift files below a folder of the repository, by their paths.
    private static func sources(_ folder: String) throws -> [(path: String, text: String)] {
        let root = Files.repository + "/" + folder
        let names = try FileManager.default.subpathsOfDirectory(atPath: root).filter { $0.hasSuffix(".swift") }
        return try names.sorted().map { ($0, try Files.text(root + "/" + $0)) }
    }

    @Test func `the page has the numbers of the code`() throws {
        var text = try Files.text(Self.page)
        let start = try #require(text.range(of: Self.begin)).upperBound
        let stop = text.range(of: Self.end, range: start..<text.endIndex)?.lowerBound ?? text.endIndex
        if ProcessInfo.processInfo.environment["TSRELAY_WRITE_REFERENCE"] != nil {
            text.replaceSubrange(start..<stop, with: Self.table)
            try text.write(toFile: Self.page, atomically: true, encoding: .utf8)
        } else {
            #expect(String(text[start..<stop]) == Self.table)
        }
    }

    @Test func `each limit is told once, and a test reaches it`() throws {
        #expect(Set(Self.limits.map(\.name)).count == Self.limits.count)
        let tests = try Self.sources("Tests").map(\.text).joined()
        for limit in Self.limits {
            #expect(tests.contains("func `\(limit.test)`("), "\(limit.name): there is no such test")
        }
    }

    @Test func `each event and field that shows a limit is there`() throws {
        let sources = try Self.sources("Sources").map(\.text).joined()
        for limit in Self.limits {
            let words = limit.shown.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 1 }.map { String($0.element) }
            for word in words where word.contains(where: \.isLetter) && !word.hasPrefix(".") && !word.contains("=") {
                let isThere = ["\"\(word)\"", "\".\(word)\""].contains { sources.contains($0) } || word == "check"
                #expect(isThere, "\(limit.name): nothing says \(word)")
            }
            if let key = limit.key?.split(separator: "] ").last, limit.key?.hasPrefix("[") == true {
                #expect(sources.contains("\"\(key)\""), "\(limit.name): there is no key \(key)")
            }
        }
    }

    /// Bounds that nothing from outside reaches, each with the reason.
    private static let inner: [String: String] = [
        "EditDistance.wordBytesMax": "longer words have no nearest one",
        "PushHints.addressesMax": "lines that a node prints at its start",
        "TreeLayout.linesMax": "a drawing of check", "TreePicture.charactersMax": "a drawing of check",
        "DurationText.secondsMax": "of a file's value: its key has a range of its own",
        "IPAddress.textBytesMax": "no longer text is an address",
        "ChunkCutter.packetsMax": "how a stream is cut, whatever comes",
        "Framing.overheadBytesMax": "of a chunk's frame",
        "ChunkedEncoder.headerBytesMax": "of a chunk's frame", "FrameWriter.headerBytesMax": "of a frame of ours",
        "FrameWriter.reasonBytesMax": "of a close frame of ours",
        "Opcode.controlPayloadBytesMax": "RFC 6455 5.5: a control frame that is longer breaks the protocol",
        "Segment.entriesMax": "of a segment's index", "Segment.linesMax": "of a segment's index",
        "SectionAssembler.sectionBytesMax": "ISO/IEC 13818-1 2.4.4: a longer section is none",
        "PictureGate.pictureTicksMax": "pictures further apart are a jump of the time",
        "PictureGate.unsoundPicturesMax": "pictures after which a source is judged by its counters alone",
        "HTTPListener.connectionsMax": "given by the owner of the port", "ViewerLimit.doorMax": "MaxViewers",
        "ViewerLimit.nodeMax": "MaxViewers", "WebDoor.viewersMax": "MaxViewers", "LaneSet.bytesMax": "GopBytes",
        "Cursor.bytesMax": "StartBytes", "Cursor.startBytesMax": "StartBytes",
        "ConsistencyCheck.nodeMax": "MaxViewers", "ConsistencyCheck.viewersMax": "MaxViewers",
        "Explanation.viewersMax": "MaxViewers", "NodeConfigurationBuilder.bytesMax": "StartBytes",
        "StreamRegistry.lagBytesMax": "MaxLag", "StreamRegistry.lagMax": "MaxLag", "StreamRegistry.lagMsMax": "MaxLag",
        "MemoryPlan.segmentsMax": "BufferMemory", "UDPIngest.silentMsMax": "Hold",
        "SilenceRule.msMax": "after it a slow source counts as silent; nothing is refused",
        "StreamFollower.idleMsMax": "a loop without viewers forgets a stream and asks again",
        "StreamBridge.uncollectedBytesMax": "between two loops of the node",
        "ViewerSlot.segmentsPerWriteMax": "of one system call", "SendList.buffersMax": "of one system call",
        "TCPConnection.buffersPerWriteMax": "of one system call", "UDPSocket.bytesPerSendMax": "of one system call",
        "UDPSocket.datagramsPerSendMax": "of one system call", "UDPSocket.datagramBytesMax": "no datagram is longer",
        "UDPSocket.failuresInARowMax": "then the socket rests", "TCPListener.lossesPerTurnMax": "then the port rests",
        "TCPListener.perWindowMax": "of acceptsPerSecondMax", "EventLoop.closingTurnsMax": "of a node's own end",
        "SocketOptions.segmentBytesMax": "of what we send", "LinePipe.lineBytesMax": "of programs that tools start",
        "LinePipe.linesMax": "of programs that tools start",
    ]

    @Test func `every bound in the code is in the table, or nothing from outside reaches it`() throws {
        let told = Set(Self.limits.flatMap(\.constants))
        let others = ["Bench/", "Fuzzing/", "tsbench/", "tsfuzz/", "tsrelay/", "ws-echo/"]
        let pattern = try Regex(#"(?:let|var) ([a-zA-Z]+Max)\b"#)
        var found: Set<String> = []
        for (path, text) in try Self.sources("Sources") where !others.contains(where: path.hasPrefix) {
            let file = path.split(separator: "/").last?.split(whereSeparator: { ".+".contains($0) }).first ?? ""
            for match in text.matches(of: pattern) {
                found.insert("\(file).\(match.output[1].substring ?? "")")
            }
        }
        #expect(found.count > 60)
        let unknown = found.subtracting(told).subtracting(Self.inner.keys)
        #expect(unknown.isEmpty, "\(unknown.sorted()): a line in LimitsTable, or a reason here")
        let bounds = told.filter { $0.hasSuffix("Max") }.union(Self.inner.keys)
        #expect(bounds.subtracting(found).isEmpty, "\(bounds.subtracting(found).sorted()) are no more")
    }
}
