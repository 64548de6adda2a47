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
    /// The one sender of a multicast group (RFC 4607); nil: any.
    package var source: IPAddress?

    package init(
        section: String, line: Int, kind: Kind, bind: IPAddress, port: UInt16, stream: StreamID = .main,
        secret: String? = nil, interface: String = "", source: IPAddress? = nil
    ) {
        self.section = section
        self.line = line
        self.kind = kind
        self.bind = bind
        self.port = port
        self.stream = stream
        self.secret = secret
        self.interface = interface
        self.source = source
    }
}
