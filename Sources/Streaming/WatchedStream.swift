package import Configuration

/// A stream as the viewers of one loop get it: it is at home here, or followed from here.
package enum WatchedStream {
    case home(LiveStream)
    case followed(StreamFollower)

    package var id: StreamID {
        switch self {
        case .home(let stream): stream.id
        case .followed(let stream): stream.id
        }
    }

    package var policy: StreamPolicy {
        switch self {
        case .home(let stream): stream.policy
        case .followed(let stream): stream.policy
        }
    }

    /// The viewers that this loop serves.
    package var audience: Audience {
        switch self {
        case .home(let stream): stream.audience
        case .followed(let stream): stream.audience
        }
    }

    /// Of the whole stream. On another loop than its home it is up to a quarter of a second old.
    package var status: StreamStatus {
        switch self {
        case .home(let stream): return stream.status
        case .followed(let stream):
            guard let status = stream.status else { preconditionFailure("nobody is given a stream before its answer") }
            return status
        }
    }

    /// Takes a viewer in, with a lane of its framing.
    package func add(_ viewer: Viewer) {
        switch self {
        case .home(let stream): stream.add(viewer)
        case .followed(let stream): stream.add(viewer)
        }
    }
}
