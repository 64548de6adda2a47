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

    /// `WebSocket 56001`, for drawings.
    var text: String { (tier == .webSocket ? "WebSocket " : "TCP ") + (port == 0 ? "any port" : String(port)) }

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
