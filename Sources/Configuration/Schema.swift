/// Every section and key that a configuration may hold: the one table that drives reading, suggestions, the
/// environment and the commented reference.
enum Schema {
    static let sections = [
        app, backstream, pushstream, dispatch, authority, custom, monitor, stream, log, player,
    ]

    /// In any case.
    static func section(_ name: String) -> SectionRule? {
        let lowered = name.lowercased()
        return sections.first { $0.name == lowered }
    }

    static let app = SectionRule(
        name: "app", label: .none, meaning: "The node as a whole.",
        keys: [
            KeyRule(
                "RunMode", .word(["normal", "extra", "monitor"]), example: "normal",
                "normal: takes an encoder's stream by [backstream]; extra: takes a parent's by [pushstream]; "
                    + "monitor: collects the nodes' reports by [monitor]. Must be given."),
            KeyRule(
                "Monitor", .httpURL, later: "reports are not sent so far",
                "URL that this node reports to, such as \"http://10.0.0.5:50000/monitor\". Empty: none."),
            KeyRule("Name", .text, "The node's name in logs and reports. Empty: the host's name."),
            KeyRule(
                "Threads", .countOrAuto(1...256), standard: "auto",
                "Loops, each on a thread of its own; auto: one per available core. Viewers are spread over them, and so are "
                    + "streams: each is at home on one, which reads its publisher and feeds its children."),
            KeyRule(
                "MaxViewers", .count(1...1_000_000), standard: "10000",
                "Viewers that the node serves at once, all doors together."),
            KeyRule(
                "BufferMemory", .size(1 << 20...1 << 40), standard: "512M",
                "Memory for the buffered parts of all streams together."),
        ])

    static let backstream = SectionRule(
        name: "backstream", label: .word,
        meaning: "The encoder's way in. Used with RunMode = normal; [backstream:name] always.",
        keys: [
            KeyRule("Protocol", .word(["HTTP", "TCP", "UDP"]), standard: "HTTP", "How the encoder sends."),
            bind,
            KeyRule("Port", .port, example: "50001", "The port; 0: any free one, printed at start. Must be given."),
            KeyRule(
                "Secret", .secret,
                "HTTP alone: the first part of the path to push to, POST /<Secret>. Empty: POST / from anyone."),
            ingestStream, interface, source,
        ])

    static let pushstream = SectionRule(
        name: "pushstream", label: .word,
        meaning: "The parent node's way in. Used with RunMode = extra; [pushstream:name] always.",
        keys: [
            KeyRule(
                "Protocol", .word(["TCP", "UDP"]), standard: "TCP", "How the parent sends: its [dispatch] Protocol."),
            bind,
            KeyRule("Port", .port, example: "55001", "The port; 0: any free one, printed at start. Must be given."),
            KeyRule(
                "Secret", .secret, later: "links carry no proof so far, so it protects nothing",
                "What the parent proves to know: its [dispatch] Secret."),
            ingestStream, interface, source,
        ])

    static let dispatch = SectionRule(
        name: "dispatch", label: .word,
        meaning: "Where the stream goes: to children, to this node's own viewers, or to both (TCP,CUSTOM). "
            + "[dispatch:name] holds further children.",
        keys: [
            KeyRule(
                "Protocol", .wordList(["CUSTOM", "TCP", "UDP"]), standard: "CUSTOM",
                "CUSTOM: to viewers by [custom]; TCP or UDP: to the children in Hosts and Ports. One of TCP and UDP at "
                    + "most in one section. [dispatch:name] takes TCP or UDP and must say which. UDP sends datagrams of at "
                    + "most 1316 bytes, seven packets; up to 49 that wait leave in one system call."),
            KeyRule("Hosts", .hostList, "The children's hosts, by comma; pairwise with Ports."),
            KeyRule("Ports", .portList, "The children's ports, by comma; as many as Hosts."),
            lag("A child"),
            interface,
            KeyRule(
                "Secret", .secret, later: "links carry no proof so far, so it protects nothing",
                "What this node proves to its children: their [pushstream] Secret."),
            KeyRule(
                "Streams", .streamList, standard: "live/main",
                "The streams that go to the children; so far the first alone."),
        ])

    static let authority = SectionRule(
        name: "authority", label: .none,
        meaning: "Who may send to this node. It judges encoders and parents alone, never viewers.",
        keys: [
            KeyRule("Use", .boolean, standard: "False", "Whether Ips is asked."),
            KeyRule(
                "Ips", .addressList,
                "Addresses and blocks (10.0.0.0/8, 2001:db8::/32) that may send, by comma. Empty: anyone."),
        ])

    static let custom = SectionRule(
        name: "custom", label: .word,
        meaning: "The viewers' door. Used with CUSTOM in [dispatch] Protocol; [custom:name] always.",
        keys: [
            KeyRule(
                "Protocol", .word(["WEBSOCKET", "TCP"]), standard: "WEBSOCKET",
                "WEBSOCKET: browsers, and HTTP players by .ts; TCP: the bare stream."),
            bind,
            KeyRule("Port", .port, example: "56001", "The port; 0: any free one, printed at start. Must be given."),
            KeyRule(
                "FilterIps", .addressList,
                "TCP alone: addresses and blocks that are refused here, because they push. 0.0.0.0 and empty: none."),
            KeyRule(
                "Start", .word(["gop", "live", "raw"]), standard: "gop",
                "gop: from the last picture that decoding can start at; live: from the next such; raw: from the next "
                    + "packet."),
            KeyRule(
                "StartBytes", .size(1 << 10...1 << 30),
                "With Start = gop: a start further back than this waits for the next such picture. "
                    + "Empty: 400K for WEBSOCKET (JSMpeg's buffer is 512 kB), the stream's GopBytes for TCP."),
            lag("A viewer"),
            KeyRule(
                "LagPolicy", .word(["skip", "kick"]), standard: "skip",
                "What happens to a viewer that is further behind: whole pictures are skipped, or it is closed."),
            KeyRule(
                "MaxViewers", .count(1...1_000_000), "Viewers at this door at once. Empty: the node's limit alone."),
            KeyRule(
                "Stream", .streamOrAll,
                "What can be watched here: all, or one app/name. Empty: all for WEBSOCKET, live/main for TCP."),
        ])

    static let monitor = SectionRule(
        name: "monitor", label: .none, meaning: "Where the monitor listens. Used with RunMode = monitor.",
        keys: [
            bind, KeyRule("Port", .port, "The port. Must be given with RunMode = monitor."),
        ])

    static let stream = SectionRule(
        name: "stream", label: .stream,
        meaning: "How streams are treated: [stream] all of them, [stream:app/name] one, where it says something else.",
        keys: [
            KeyRule(
                "FlushDelay", .duration(.zero ... .seconds(1)), standard: "10ms",
                "How long bytes in mid-picture wait for more, so that fewer and larger writes go out.",
                guidance: flushGuidance),
            KeyRule(
                "Takeover", .word(["auto", "takeover", "reject"]), standard: "auto",
                "A second sender while one is there. auto: refused while the first delivered bytes in the last 2s, unless "
                    + "it proved the secret or has the same address; takeover: always let in; reject: never."),
            KeyRule(
                "Hold", .duration(.milliseconds(100) ... .seconds(60)), standard: "1s",
                "How long a silent UDP sender keeps the stream against others."),
            KeyRule(
                "Grace", .duration(.zero ... .seconds(86_400)), standard: "15s",
                "How long viewers stay when the sender is gone."),
            KeyRule(
                "Gate", .word(["auto", "on", "off"]), standard: "auto",
                "Drop damaged pictures whole, since one kills JSMpeg. auto: for WebSocket viewers of MPEG-1 video by UDP "
                    + "or over a change of senders."),
            KeyRule(
                "GopBytes", .size(64 << 10...1 << 30), standard: "16M",
                "How far back a stream is kept, so that viewers can start at a whole picture."),
        ])

    static let log = SectionRule(
        name: "log", label: .none, meaning: "The log: one line an event.",
        keys: [
            KeyRule(
                "Level", .word(["debug", "info", "warn", "error"]), standard: "info", "The least that is written."),
            KeyRule(
                "Format", .word(["text", "json"]), standard: "text",
                "The form of a line: text, or an object of JSON with time, level, event and the event's own fields, all as "
                    + "strings."),
            KeyRule(
                "File", .text, standard: "stderr",
                "The file's path, or stderr. After USR1 it is opened again, for logrotate."),
        ])

    static let player = SectionRule(
        name: "player", label: .none, meaning: "The page that browsers get.",
        keys: [
            KeyRule("Script", .text, "Where JSMpeg's file lies. Empty: the page says how to install it.")
        ])

    private static let bind = KeyRule(
        "Bind", .address, standard: "0.0.0.0",
        "The address to listen on, IPv4 or IPv6; 0.0.0.0: all of IPv4; 127.0.0.1: this machine alone.")

    private static let ingestStream = KeyRule(
        "Stream", .stream, standard: "live/main",
        "The stream that this way in feeds, app/name, when a sender names none.")

    private static let interface = KeyRule(
        "Interface", .text,
        "UDP alone: the network interface for a multicast group, by its name or an address. Empty: the system's choice."
    )

    private static let source = KeyRule(
        "Source", .address,
        "UDP alone: the one sender that the network is asked for, where Bind is a multicast group (RFC 4607). Empty: any."
    )

    /// Medians of three runs of `tsbench load`; at 0ms and smooth the tool itself had no more processor, so its delays
    /// are not quoted.
    private static let flushGuidance = [
        "What it costs, with 500 WebSocket viewers of 1 Mbit/s on one core of a virtual machine: the node's CPU",
        "for each GB sent, and the delay from the sender to a viewer, half the packets / 99 of 100 within:",
        "          smooth, by TCP       smooth, by UDP       a picture at a time, by TCP, as ffmpeg does",
        "    0ms   15.0 s               15.2 s               1.9 s   3 / 11 ms",
        "   10ms    6.9 s   6 / 13 ms    6.5 s   8 / 18 ms   1.9 s   3 / 9 ms",
        "   20ms    4.6 s  10 / 23 ms    4.5 s  10 / 26 ms   1.8 s   2 / 8 ms",
        "   40ms    3.3 s  14 / 39 ms    3.5 s  14 / 43 ms   1.9 s   3 / 8 ms",
        "Whole pictures by TCP or HTTP wait for nothing, whatever stands here. For smooth senders and UDP: 20ms to",
        "40ms where many watch, 0ms only where few do.",
    ]

    private static func lag(_ who: String) -> KeyRule {
        KeyRule(
            "MaxLag", .lag, standard: "2s, 4M",
            who + " further behind than this, in time or in bytes, whichever comes first, skips whole pictures.")
    }
}
