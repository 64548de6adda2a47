import HTTP1
import HTTPServer
import LoopIO

/// A whole conversation with the HTTP server: head, body, WebSocket, time that passes, a crowd, and the client's end.
///
/// There is at most one answer and it is whole; the server agrees with the parser about the head; nothing of the
/// connection is left behind.
enum ConnectionFuzz {
    static let target = FuzzTarget(
        name: "http-connection", reads: "all that a client sends on one connection",
        covers: [
            "HTTPConnection", "HTTPExchange", "WebSocketConnection", "HTTPListener", "Farewell", "AnswerWatch",
        ], bytesMax: 1024,
        begin: { () throws(FuzzFinding) in
            let stage: FuzzStage
            do throws(IOError) { stage = try FuzzStage() } catch { throw FuzzFinding("no server: \(error)") }
            return { input throws(FuzzFinding) in
                let story = Story(input)
                if story.isDialled { try checkDialled(input, story, stage) } else { try check(input, story, stage) }
                if let failure = stage.failure { throw FuzzFinding(failure) }
            }
        })

    /// What happens besides the bytes.
    private struct Story {
        let ranges: [Range<Int>]
        /// By a connection of the kernel's and its accept, which take five times as long as all the rest.
        let isDialled: Bool
        /// Time passes between two pieces, in milliseconds; 0 for none.
        let stepMs: Int64
        /// The client reads what comes between two pieces.
        let readsAlong: Bool
        /// The client says that it has no more to say, and waits for the rest.
        let endsOrderly: Bool
        /// The client is gone before the server looks.
        let isHasty: Bool
        /// The client sends more than anybody would read.
        let floods: Bool
        /// A second client comes in between, and there is place for one.
        let isCrowded: Bool

        init(_ input: Span<UInt8>) {
            let cuts = Cuts(input)
            ranges = cuts.ranges
            isDialled = cuts.seed >> 20 & 0xff == 0
            stepMs = [0, 0, 0, 0, 30, 5000, 11_000, 150_000][Int(cuts.seed >> 28 & 7)]
            readsAlong = cuts.seed >> 31 & 1 == 0
            endsOrderly = cuts.seed >> 32 & 3 != 0
            isCrowded = cuts.seed >> 34 & 31 == 0
            isHasty = cuts.seed >> 39 & 15 == 0
            floods = cuts.seed >> 43 & 1023 == 0
        }
    }

    /// Turns of the loop in which a conversation ends, once its client has gone and no answer is open; it takes three.
    private static let turnsMax = 200

    /// Longer than a conversation takes, and shorter than any time limit.
    private static let sleepMs: Int64 = 500

    private static func check(_ input: Span<UInt8>, _ story: Story, _ stage: FuzzStage) throws(FuzzFinding) {
        let before = stage.listener.counters
        let client = try FuzzClient(stage)
        let startMs = stage.nowMs
        for (number, range) in story.ranges.enumerated() {
            if story.isCrowded, number == story.ranges.count / 2 { try crowd(stage) }
            if !range.isEmpty { client.send(input.extracting(range)) }
            if story.isHasty, number == story.ranges.count - 1 { client.close() }
            stage.turn()
            if story.stepMs > 0 { stage.pass(ms: story.stepMs) }
            if story.readsAlong { client.read(stage) }
        }
        if story.floods { client.flood(stage) }
        try require(stage.listener.busyConnections <= stage.listener.connections, "more are busy than there are")
        if story.endsOrderly { client.shutdown() } else { client.close() }
        for _ in 0..<turnsMax {
            stage.turn()
            if story.endsOrderly { client.read(stage) }
            if stage.listener.connections == 0 { break }
        }
        client.read(stage)
        client.close()
        try require(stage.listener.connections == 0, "the server keeps a connection that has ended")
        let after = stage.listener.counters
        try require(after.accepted > before.accepted, "connections were not counted")
        guard story.endsOrderly, !story.isCrowded, !story.isHasty, !story.floods else { return }
        // Where the machine slept in between, limits were reached that the story knows nothing of.
        guard stage.nowMs - startMs < sleepMs else { return }
        if story.stepMs == 0 { try checkHead(input, before, after) }
        // Who takes his time with an answer gets its begin.
        try checkAnswer(client.bytes, isStream: stage.hasStreamed, mayBeCut: story.stepMs > 0)
    }

    /// There is place for one: the first goes when its head is not complete, else the newcomer.
    private static func crowd(_ stage: FuzzStage) throws(FuzzFinding) {
        let before = stage.listener.counters
        let isFull = stage.listener.connections > 0
        let second = try FuzzClient(stage)
        second.close()
        let after = stage.listener.counters
        let shed = after.headsShed + after.overLimit - before.headsShed - before.overLimit
        try require(shed == (isFull ? 1 : 0), "\(shed) of two connections were closed for want of a place")
    }

    private static func checkDialled(_ input: Span<UInt8>, _ story: Story, _ stage: FuzzStage) throws(FuzzFinding) {
        let before = stage.listener.counters
        let startMs = stage.nowMs
        let client: DialledClient
        do throws(IOError) {
            client = try DialledClient(stage)
            for range in story.ranges.prefix(16) where !range.isEmpty { try client.send(input.extracting(range)) }
            if let rest = story.ranges.dropFirst(16).first {
                try client.send(input.extracting(rest.lowerBound..<input.count))
            }
        } catch {
            guard stage.nowMs - startMs < sleepMs else { return }
            throw FuzzFinding("the server closed a connection that had not ended: \(error)")
        }
        stage.decide()
        // Most clients end by a reset, which leaves no port behind that waits for stray packets.
        if story.endsOrderly, story.readsAlong {
            client.connection.shutdown()
            let hasEnded = stage.run { client.hasEnded && stage.listener.connections == 0 }
            try require(hasEnded, "the server keeps a connection that has ended")
            if stage.nowMs - startMs < sleepMs {
                try checkHead(input, before, stage.listener.counters)
                try checkAnswer(client.bytes, isStream: stage.hasStreamed, mayBeCut: false)
            }
        }
        client.connection.closeWithReset()
        try require(stage.run { stage.listener.connections == 0 }, "the server keeps a connection that was reset")
        try require(stage.listener.counters.accepted == before.accepted + 1, "connections were not counted")
    }

    private static func checkHead(
        _ input: Span<UInt8>, _ before: HTTPListener.Counters, _ after: HTTPListener.Counters
    ) throws(FuzzFinding) {
        var parser = RequestParser()
        var heads: UInt64 = 0
        var refused: UInt64 = 0
        do throws(HTTPError) {
            if case .head(let head, _) = try parser.parse(input) {
                // A method that nobody knows is refused too (501), though its head is right.
                if case .other = head.method { refused = 1 } else { heads = 1 }
            }
        } catch {
            refused = 1
        }
        try require(after.requests - before.requests == heads, "the server saw another number of heads than \(heads)")
        try require(after.headsRefused - before.headsRefused == refused, "the server refuses other heads")
    }

    /// One whole answer or none, an interim one before it.
    private static func checkAnswer(_ bytes: [UInt8], isStream: Bool, mayBeCut: Bool) throws(FuzzFinding) {
        var rest = bytes[...]
        if rest.starts(with: ResponseHead.continueBytes) { rest = rest.dropFirst(ResponseHead.continueBytes.count) }
        guard !rest.isEmpty else { return }
        let lines = String(decoding: rest.prefix(1024), as: UTF8.self).split(
            separator: "\r\n", omittingEmptySubsequences: false)
        try require(lines[0].hasPrefix("HTTP/1.1 ") && lines.contains(""), "an answer that is not whole")
        guard !lines[0].hasPrefix("HTTP/1.1 101 "), !isStream else { return }
        let field = lines.first { $0.hasPrefix("Content-Length: ") } ?? ""
        guard let length = Int(field.dropFirst("Content-Length: ".count)) else {
            throw FuzzFinding("an answer without a length")
        }
        let head = lines.prefix { !$0.isEmpty }.reduce(2) { $0 + $1.utf8.count + 2 }
        let content = rest.count - head
        let isWhole = content == length || content == 0 || mayBeCut && content < length
        try require(isWhole, "\(content) bytes of content where \(length) were announced")
    }
}
