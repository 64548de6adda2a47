extension StarterFile {
    /// The file, with what each line does and what else could stand there.
    package var text: String {
        (head + app + wayIn + dispatch + authority + custom).joined(separator: "\n") + "\n"
    }

    private var head: [String] {
        let what =
            switch role {
            case .origin: "the origin: it takes an encoder's stream" + (children.isEmpty ? "" : ", feeds its children")
            case .middle: "a middle node: it takes its parent's stream, feeds its children"
            case .edge: "an edge: it takes its parent's stream"
            }
        return [
            "# A node of tsrelay, \(what) and serves viewers.",
            "#",
            "#   tsrelay check FILE     says what is wrong with this file, and what the node will do",
            "#   tsrelay --config FILE  runs it, and prints where to push and where to watch",
            "#",
            "# Keys that are not here keep their defaults; configs/reference.ini has them all.",
        ]
    }

    private var app: [String] {
        [
            "", "[app]",
            role == .origin
                ? "# normal: the stream comes from an encoder, by [backstream]."
                : "# extra: the stream comes from a parent node, by [pushstream].",
            "RunMode = " + (role == .origin ? "normal" : "extra"),
            "# The name in logs; without one, the host's.",
            name.isEmpty ? "#Name =" : "Name = " + name,
        ]
    }

    private var wayIn: [String] {
        let port = port ?? (role == .origin ? 50_001 : StarterFile.linkPort)
        guard role != .origin else {
            return [
                "", "[backstream]",
                "# The encoder's way in: ffmpeg ... -f mpegts tcp://127.0.0.1:\(port == 0 ? "PORT" : String(port))",
                "# UDP takes datagrams; HTTP takes POST and PUT, and a Secret as the first part of the path.",
                "Protocol = TCP",
                "# This machine alone. For an encoder elsewhere: 0.0.0.0, and its address in [authority].",
                "Bind = 127.0.0.1",
                "Port = \(port)",
            ]
        }
        return [
            "", "[pushstream]",
            "# The parent's way in; its [dispatch] has the same Protocol, this machine in Hosts and this port in Ports.",
            "Protocol = TCP",
            isOnThisMachine
                ? "# The parent is on this machine. For one elsewhere: 0.0.0.0, and its address in [authority]."
                : "# All addresses of this machine; who may send stands in [authority].",
            "Bind = " + bind,
            "Port = \(port)",
        ]
    }

    private var dispatch: [String] {
        guard !children.isEmpty else {
            return [
                "", "[dispatch]",
                "# CUSTOM: to viewers, by [custom]. With children too: TCP, CUSTOM, and their Hosts and Ports.",
                "Protocol = CUSTOM",
            ]
        }
        return [
            "", "[dispatch]",
            "# TCP: to the children below; CUSTOM: to viewers, by [custom].",
            "Protocol = TCP, CUSTOM",
            "# The children, in pairs: the first host with the first port, and so on. One that is away is dialled again",
            "# until it answers.",
            "Hosts = " + children.map(\.host).joined(separator: ", "),
            "Ports = " + children.map { String($0.port) }.joined(separator: ", "),
        ]
    }

    private var authority: [String] {
        let comment =
            "# Who may send to this node: addresses and blocks (10.0.0.0/8), by comma. Viewers are never asked."
        guard !isOnThisMachine else { return ["", "[authority]", comment, "Use = False", "#Ips = 192.0.2.10"] }
        return ["", "[authority]", comment, "Use = True", "Ips = " + parents.description]
    }

    private var custom: [String] {
        let port = viewersPort == 0 ? "PORT" : String(viewersPort)
        return [
            "", "[custom]",
            "# The viewers' door: browsers at http://HOST:\(port)/, players at http://HOST:\(port)/live/main.ts",
            "Protocol = WEBSOCKET",
            "# All addresses of this machine; 127.0.0.1 where a proxy stands in front.",
            "Bind = 0.0.0.0",
            "Port = \(viewersPort)",
        ]
    }

    private var isOnThisMachine: Bool { parents.blocks.allSatisfy { $0.base.isLoopback } }

    private var bind: String {
        guard isOnThisMachine else { return parents.blocks.allSatisfy(\.isIPv4) ? "0.0.0.0" : "::" }
        return parents.blocks.first.map { $0.isIPv4 ? "127.0.0.1" : "::1" } ?? "127.0.0.1"
    }
}
