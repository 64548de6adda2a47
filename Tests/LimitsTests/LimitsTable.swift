import HTTP1
import TransportStream

@testable import Configuration
@testable import Delivery
@testable import Fanout
@testable import HTTPServer
@testable import Ingest
@testable import LoopIO
@testable import Node
@testable import Streaming

/// Every limit that something from outside can reach, with the numbers of the code.
enum LimitsTable {
    static let groups = [
        Limit.Group(name: "Viewers and memory", limits: viewers), Limit.Group(name: "Connections", limits: connections),
        Limit.Group(name: "HTTP requests", limits: requests), Limit.Group(name: "WebSockets", limits: webSockets),
        Limit.Group(name: "Publishers and streams", limits: publishers),
        Limit.Group(name: "Children, files and the log", limits: OtherLimits.all),
    ]

    static func size(_ bytes: Int) -> String { SizeText.format(bytes) }
    static func size(_ bytes: Int64) -> String { SizeText.format(Int(bytes)) }
    static func time(_ ms: Int64) -> String { DurationText.format(.milliseconds(ms)) }
    static func time(_ duration: Duration) -> String { DurationText.format(duration) }

    /// Of a request at a viewers' port, and at a publishers'.
    private static let logged = "; `viewer.refused`, `publisher.refused`"
    /// Of a body, which publishers alone send.
    private static let published = "; `publisher.refused`"

    /// The status by which a request is refused.
    private static func answer(_ fault: HTTPError.Fault, _ logged: String = logged) -> String {
        "\(HTTPError(fault, offset: 0).status.code)" + logged
    }

    private static let configuration = NodeConfiguration()
    private static let lag = LagLimit()
    private static let timing = HTTPListener.Timing()
    private static let request = RequestLimits()
    private static let ingest = IngestLimits()

    private static let viewers = [
        Limit(
            "viewers of the node", "\(configuration.app.viewersMax)", key: "[app] MaxViewers",
            "503 by HTTP and WebSocket, a close by TCP; `viewer.refused`", ["AppConfiguration.viewersMax"],
            test: "over MaxViewers of the door or of the node a viewer gets 503, and children take no place"),
        Limit(
            "viewers of one door", "the node's", key: "[custom] MaxViewers", "likewise",
            ["ViewerConfiguration.viewersMax"],
            test: "over MaxViewers a viewer is closed and counted, and a flood of them is one line"),
        Limit(
            "how far behind a viewer or child may be", "\(time(lag.time)), \(size(lag.bytes))", key: "[custom] MaxLag",
            "`skipped_pictures` of `stream.status`, `skippedPictures` of `.json`",
            ["LagRule.msMax", "LagRule.bytesMax"],
            test: "what a stalled viewer has lost is counted while it stands, and once"),
        Limit(
            "how long one that is to leave may take for its last bytes", time(ViewerSlot.endMsMax),
            "`viewer.left` (debug)", ["ViewerSlot.endMsMax"],
            test: "a viewer that is to leave and takes nothing goes after three seconds to the tick"),
        Limit(
            "a viewer that vanished: its machine acknowledges nothing", time(Int64(WebDoor.vanishedMs)),
            "`viewer.left` (debug)", ["WebDoor.vanishedMs", "TCPDoor.vanishedMs"],
            test: "a peer whose machine takes nothing any more has vanished"),
        Limit(
            "memory of a viewer in the process", size(Viewer.processBytesMax), "`node.memory`",
            ["Viewer.processBytesMax"], test: "900 viewers take no more of the process than is said"),
        Limit(
            "memory of a viewer in the kernel", size(KernelBuffer.heldBytesMax), "`node.memory`",
            ["KernelBuffer.heldBytesMax", "KernelBuffer.unsentBytesMax"],
            test: "of a viewer that never reads the kernel holds no more than is said"),
        Limit(
            "memory of all streams", size(configuration.app.bufferMemoryBytes), key: "[app] BufferMemory",
            "`buffers.full`", test: "BufferMemory holds, and the stream goes on without its history"),
        Limit(
            "bytes back to a stream's last start", size(configuration.streamDefaults.gopBytes),
            key: "[stream] GopBytes",
            "newcomers wait for the next start",
            test: "a start that is further back than the limit is given up and counted"),
        Limit(
            "bytes back to a browser's start", size(StartPolicy().bytesMax ?? 0), key: "[custom] StartBytes",
            "it waits for the next start", ["StartPolicy.bytesMax"], test: "over its limit it waits for the next"),
        Limit(
            "a stop in all", time(RelayNode.stopMsMax), "`node.stopped`", ["RelayNode.stopMsMax"],
            test: "a stop in the middle of everything ends everyone in time"),
    ]

    private static let connections = [
        Limit(
            "descriptors", "the process's", key: "ulimit -n", "the newcomer is closed; `descriptors.exhausted`",
            test: "without descriptors the node stays, idles, loses nothing for its viewers and takes the next one"),
        Limit(
            "newcomers of a port on one core in a second", "\(TCPListener.acceptsPerSecondMax)",
            "they wait in the kernel; `accept.delayed`", ["TCPListener.acceptsPerSecondMax"],
            test: "more newcomers than the rate allows wait, and come in later"),
        Limit(
            "newcomers of a port in one turn of its loop", "\(TCPListener.acceptsPerTurnMax)",
            "nothing: the rest follow in the next turn", ["TCPListener.acceptsPerTurnMax"],
            test: "more newcomers than one turn takes are all accepted"),
        Limit(
            "connections to a viewers' port beside its viewers", "\(WebDoor.requestsMax)",
            "the oldest half-open head is closed; `viewer.refused`", ["WebDoor.requestsMax"],
            test: "viewers and pages get in while the door is full of half-open heads"),
        Limit(
            "connections to a publishers' HTTP port beside its publishers, for each loop", "\(ingest.headsMax)",
            "the oldest half-open head is closed; `publisher.refused`", ["IngestLimits.headsMax"],
            test: "a publisher gets in while the way in is full of half-open heads"),
    ]

    private static let requests = [
        Limit(
            "a head in bytes", size(request.headBytesMax), answer(.headTooLarge), ["RequestLimits.headBytesMax"],
            test: "the default head is 16 KiB, whatever never ends"),
        Limit(
            "a head in lines", "\(request.fieldLinesMax)", answer(.tooManyFields), ["RequestLimits.fieldLinesMax"],
            test: "a hundred field lines pass and one more does not"),
        Limit(
            "a head in time, from the connection's begin", time(timing.headMs), "408" + logged, ["Timing.headMs"],
            test: "heads, and bodies without a packet, have ten seconds in all, however steadily they go on"),
        Limit(
            "empty lines before a request", "\(request.emptyLinesMax)", answer(.emptyLines),
            ["RequestLimits.emptyLinesMax"],
            test: "it is refused, with the place and the status"),
        Limit(
            "a method in bytes", "\(request.methodBytesMax)", answer(.methodTooLong), ["RequestLimits.methodBytesMax"],
            test: "a method of 32 bytes passes and one of 33 is not implemented"),
        Limit(
            "a target in bytes", "\(request.targetBytesMax)", answer(.targetTooLong), ["RequestLimits.targetBytesMax"],
            test: "a target of 8000 bytes passes and a longer one is too long"),
        Limit(
            "parts of a path", "\(request.segmentsMax)", answer(.tooManySegments), ["RequestLimits.segmentsMax"],
            test: "as many segments as the limit pass and one more does not"),
        Limit(
            "one part of a path in bytes", "\(request.segmentBytesMax)", answer(.segmentTooLong),
            ["RequestLimits.segmentBytesMax"],
            test: "a segment of the limit passes and a longer one does not"),
        Limit(
            "items of a query", "\(request.queryItemsMax)", answer(.tooManyQueryItems), ["RequestLimits.queryItemsMax"],
            test: "as many query items as the limit pass and one more does not"),
        Limit(
            "digits of a chunk's size", "\(request.chunkSizeDigitsMax)",
            answer(.chunkSizeTooLong, published),
            ["RequestLimits.chunkSizeDigitsMax"], test: "it is refused at its place, in any cut"),
        Limit(
            "extensions of one chunk in bytes", "\(request.chunkExtensionBytesMax)",
            answer(.chunkExtensionsTooLong, published),
            ["RequestLimits.chunkExtensionBytesMax"],
            test: "extensions of the limit pass and one byte more does not"),
        Limit(
            "extensions that a body is ahead of its content in bytes", size(request.chunkExtensionDebtMax),
            answer(.chunkExtensionsTooLong, published), ["RequestLimits.chunkExtensionDebtMax"],
            test: "extensions without content run out of credit"),
        Limit(
            "trailers in bytes", size(request.trailerBytesMax), answer(.trailersTooLong, published),
            ["RequestLimits.trailerBytesMax"], test: "trailers of the limit pass and one byte more does not"),
        Limit(
            "bytes that are kept of a body that nobody reads yet", size(HTTPExchange.earlyBytesMax),
            "nothing: the client waits", ["HTTPExchange.earlyBytesMax"],
            test: "a body waits in the kernel while the handler has not decided, and none is lost"),
        Limit(
            "an answer of which nothing is taken", time(timing.answerStallMs), "a reset" + logged,
            ["Timing.answerStallMs"],
            test: "an answer that is not taken"),
        Limit(
            "an answer in all", time(timing.answerMs), "a reset" + logged, ["Timing.answerMs"],
            test: "an answer that is taken bit by bit for longer than its time"),
        Limit(
            "reading on after an answer", "\(time(timing.lingerMs)), \(size(HTTPListener.lingerBytesMax))",
            "a close, beyond the bytes a reset" + logged, ["Timing.lingerMs", "HTTPListener.lingerBytesMax"],
            test: "a flood after the answer"),
        Limit(
            "a page's name for its own figures in bytes", "\(WebDoor.tokenBytesMax)", "`.json` without them",
            ["WebDoor.tokenBytesMax"],
            test: "a page finds its own figures by its name, and no one finds them in another stream"),
    ]

    private static let webSockets = [
        Limit(
            "a message of a viewer in bytes", size(WebSocketConnection.messageBytesMax), "Close 1009; `viewer.refused`",
            ["WebSocketConnection.messageBytesMax", "FrameDecoder.messageBytesMax"],
            test: "a message that is too long or against the rules"),
        Limit(
            "from one ping to the next", time(timing.pingMs), "nothing", ["Timing.pingMs"],
            test: "a client that answers pings stays"),
        Limit(
            "the pong of one that takes nothing else", time(timing.pongMs), "a close; `viewer.left` (debug)",
            ["Timing.pongMs"], test: "a pong that does not come"),
        Limit(
            "the answer to our Close", time(timing.closeMs), "a close", ["Timing.closeMs"],
            test: "a client that does not answer our close is cut after its time"),
    ]

    private static let publishers = [
        Limit(
            "publishers of one way in, for each loop", "\(ingest.publishersMax)",
            "503 by HTTP, a close by TCP; `publisher.refused`",
            ["IngestLimits.publishersMax"], test: "over the limit of connections a newcomer is closed and counted"),
        Limit(
            "one without a packet, while all places are taken", time(ingest.idleMs),
            "its place is given to a newcomer; `publisher.refused`", ["IngestLimits.idleMs"],
            test: "a connection that never sent a byte makes room for a newcomer"),
        Limit(
            "from a publisher's first byte to its first packet", time(ingest.firstPacketMs),
            "408 by HTTP, a close by TCP; `publisher.refused`", ["IngestLimits.firstPacketMs"],
            test: "one that sends bytes and never a packet is closed in time, and makes room before"),
        Limit(
            "bytes without a packet", size(PacketAligner.hopelessBytes),
            "400 by HTTP, a close by TCP; `publisher.refused`", ["PacketAligner.hopelessBytes"],
            test: "what is no transport stream is told so after 64 KiB, and evicts no one"),
        Limit(
            "senders of datagrams at once", "\(ingest.sendersMax)", "ignored; `publisher.refused`",
            ["IngestLimits.sendersMax"], test: "over the limit of senders a datagram is ignored and its sender counted"),
        Limit(
            "senders of datagrams that are refused, each counted once", "\(UDPIngest.refusedMax)",
            "more are counted a datagram each; `refused` of `stream.status`", ["UDPIngest.refusedMax"],
            test: "a flood of senders is a few lines"),
        Limit(
            "from one body of a sender to the next, to be one source", time(ingest.pauseMs), "`publisher.gone`",
            ["IngestLimits.pauseMs"], test: "when no body follows the publisher is gone, whole"),
        Limit(
            "a source that is silent, and may be replaced by anyone", time(TakeoverRule.aliveMs), "`publisher.started`",
            ["TakeoverRule.aliveMs"], test: "anyone may have a stream that has no source, or a silent one"),
        Limit(
            "changes of two publishers that evict each other",
            "\(TakeoverRule.evictionsMax) in \(time(TakeoverRule.fightMs))", "409; `publisher.refused`",
            ["TakeoverRule.evictionsMax", "TakeoverRule.fightMs"],
            test: "the third eviction within ten seconds is refused, and allowed again later"),
        Limit(
            "the old picture's end at a change of publishers",
            "\(time(LiveStream.handoverMsMax)), \(size(Newcomer.heldBytesMax))", "a torn picture, which is gated",
            ["LiveStream.handoverMsMax", "Newcomer.heldBytesMax"],
            test: "the old picture's end is waited for 200 ms and no longer"),
        Limit(
            "streams", "\(StreamRegistry.streamsMax)", "503 by HTTP, a close by TCP; `publisher.refused`",
            ["StreamRegistry.streamsMax"], test: "over the limit of streams a publisher is refused"),
        Limit(
            "an app's or stream's name in bytes", "\(StreamID.partBytesMax)", "404", ["StreamID.partBytesMax"],
            test: "a part of 64 bytes is the longest"),
        Limit(
            "tables before a start in packets", "\(ChunkCutter.tablePacketsMax)", "the tables are left out",
            ["ChunkCutter.tablePacketsMax"], test: "tables of any number and length fit into the frame before a start"),
        Limit(
            "a picture that the gate holds back", "\(time(PictureGate.heldMsMax)), \(size(PictureGate.heldBytesMax))",
            "`dropped_pictures` of `stream.status`, `drops` of `.json`",
            ["PictureGate.heldMsMax", "PictureGate.heldBytesMax"],
            test: "a picture that waits too long is dropped, and what waited behind it goes"),
    ]
}
