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
