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

    /// What a node does without a file: an encoder's TCP in and browsers out, on this machine alone since it has no
    /// secret.
    package static let builtin: NodeConfiguration = {
        var configuration = NodeConfiguration()
        configuration.ingests = [
            IngestConfiguration(section: "backstream", line: 0, kind: .tcp, bind: .loopbackIPv4, port: 50_001)
        ]
        configuration.viewers = [
            ViewerConfiguration(section: "custom", line: 0, tier: .webSocket, bind: .loopbackIPv4, port: 56_001)
        ]
        return configuration
    }()

    /// Streams that are there before anyone sends them: viewers may wait for these.
    package var configuredStreams: Set<StreamID> {
        var streams: Set<StreamID> = [.main]
        streams.formUnion(self.streams.keys)
        streams.formUnion(ingests.map(\.stream))
        streams.formUnion(dispatches.map(\.stream))
        for viewer in viewers {
            if case .one(let stream) = viewer.streams { streams.insert(stream) }
        }
        return streams
    }
}
