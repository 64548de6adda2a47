/// What one node does, checked and complete: the composition root reads this and nothing else.
package struct NodeConfiguration: Sendable, Equatable {
    package var app = AppConfiguration()
    package var ingests: [IngestConfiguration] = []
    package var viewers: [ViewerConfiguration] = []
    package var dispatches: [DispatchConfiguration] = []
    /// Addresses that may send to this node; nil: anyone.
    package var authority: AddressList?
    /// What holds for streams without a section of their own.
    package var streamDefaults = StreamPolicy()
    package var streams: [StreamID: StreamPolicy] = [:]
    package var log = LogConfiguration()
    package var player = PlayerConfiguration()

    package init() {}

    package func policy(for stream: StreamID) -> StreamPolicy { streams[stream] ?? streamDefaults }
}

package struct AppConfiguration: Sendable, Equatable {
    package enum RunMode: Sendable, Equatable { case normal, extra, monitor }

    package var runMode = RunMode.normal
    /// Empty: the host's name.
    package var name = ""
    /// Where to report to; empty: nowhere.
    package var monitorURL = ""
    /// nil: one per available core.
    package var threads: Int?
    package var viewersMax = 10_000
    package var bufferMemoryBytes = 512 << 20

    package init() {}
}

/// One way in.
package struct IngestConfiguration: Sendable, Equatable {
    package enum Kind: Sendable, Equatable { case tcp, udp, http }

    /// The section as written, such as `backstream` or `pushstream:east`.
    package var section: String
    package var line: Int
    package var kind: Kind
    package var bind: IPAddress
    /// 0: any free one.
    package var port: UInt16
    /// The stream that this way in feeds when the sender names none.
    package var stream: StreamID
    /// nil: none asked for.
    package var secret: String?
    /// Multicast interface; empty: the system's choice.
    package var interface: String

    package init(
        section: String, line: Int, kind: Kind, bind: IPAddress, port: UInt16, stream: StreamID = .main,
        secret: String? = nil, interface: String = ""
    ) {
        self.section = section
        self.line = line
        self.kind = kind
        self.bind = bind
        self.port = port
        self.stream = stream
        self.secret = secret
        self.interface = interface
    }
}

/// One door for viewers.
package struct ViewerConfiguration: Sendable, Equatable {
    package enum Tier: Sendable, Equatable { case webSocket, tcp }
    package enum Streams: Sendable, Equatable {
        case all
        case one(StreamID)
    }

    package var section: String
    package var line: Int
    package var tier: Tier
    package var bind: IPAddress
    package var port: UInt16
    /// Addresses that are refused here; nil: no one.
    package var filter: AddressList?
    package var start: StartPolicy
    package var lag: LagLimit
    package var lagPolicy: LagPolicy
    /// nil: only the node's own limit holds.
    package var viewersMax: Int?
    package var streams: Streams

    package init(
        section: String, line: Int, tier: Tier, bind: IPAddress, port: UInt16, filter: AddressList? = nil,
        start: StartPolicy = StartPolicy(), lag: LagLimit = LagLimit(), lagPolicy: LagPolicy = .skip,
        viewersMax: Int? = nil, streams: Streams = .all
    ) {
        self.section = section
        self.line = line
        self.tier = tier
        self.bind = bind
        self.port = port
        self.filter = filter
        self.start = start
        self.lag = lag
        self.lagPolicy = lagPolicy
        self.viewersMax = viewersMax
        self.streams = streams
    }
}

/// Where a viewer begins.
package struct StartPolicy: Sendable, Equatable {
    package enum Point: Sendable, Equatable { case gop, live, raw }

    package var point = Point.gop
    /// With `gop`: a start further back than this many bytes waits for the next random access point. nil: the stream's
    /// `GopBytes`.
    package var bytesMax: Int? = 400 << 10

    package init(point: Point = .gop, bytesMax: Int? = 400 << 10) {
        self.point = point
        self.bytesMax = bytesMax
    }
}

/// How far behind the head a viewer or child may be: whichever comes first.
package struct LagLimit: Sendable, Equatable {
    package var time: Duration = .seconds(2)
    package var bytes = 4 << 20

    package init(time: Duration = .seconds(2), bytes: Int = 4 << 20) {
        self.time = time
        self.bytes = bytes
    }
}

package enum LagPolicy: Sendable, Equatable { case skip, kick }

/// Children of this node that share one section.
package struct DispatchConfiguration: Sendable, Equatable {
    package enum Kind: Sendable, Equatable { case tcp, udp }

    package var section: String
    package var line: Int
    package var kind: Kind
    package var children: [Child]
    package var lag: LagLimit
    package var interface: String
    package var secret: String?
    package var stream: StreamID

    package struct Child: Sendable, Equatable {
        package var host: String
        package var port: UInt16
        package init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }
    }

    package init(
        section: String, line: Int, kind: Kind, children: [Child], lag: LagLimit = LagLimit(), interface: String = "",
        secret: String? = nil, stream: StreamID = .main
    ) {
        self.section = section
        self.line = line
        self.kind = kind
        self.children = children
        self.lag = lag
        self.interface = interface
        self.secret = secret
        self.stream = stream
    }
}

/// How one stream is treated.
package struct StreamPolicy: Sendable, Equatable {
    package enum Takeover: Sendable, Equatable { case auto, takeover, reject }
    package enum Gate: Sendable, Equatable { case auto, on, off }

    package var flushDelay: Duration = .milliseconds(10)
    package var takeover = Takeover.auto
    package var hold: Duration = .seconds(1)
    package var grace: Duration = .seconds(15)
    package var gate = Gate.auto
    package var gopBytes = 16 << 20

    package init() {}
}

package struct LogConfiguration: Sendable, Equatable {
    package enum Level: Sendable, Equatable { case debug, info, warn, error }
    package enum Format: Sendable, Equatable { case text, json }

    package var level = Level.info
    package var format = Format.text
    /// nil: stderr.
    package var file: String?

    package init() {}
}

package struct PlayerConfiguration: Sendable, Equatable {
    /// Where JSMpeg's file lies; nil: not configured.
    package var script: String?

    package init() {}
}
