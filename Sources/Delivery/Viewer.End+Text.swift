import Streaming

extension Viewer.End {
    /// The reason in log lines and in Close frames.
    var text: String {
        switch self {
        case .streamEnded: "the stream has ended"
        case .stopping: "the node stops"
        case .tooSlow: "too slow: further behind than MaxLag"
        case .connectionLost: "the connection was lost"
        }
    }
}
