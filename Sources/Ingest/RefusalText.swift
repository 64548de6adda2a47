import Streaming

/// How a refusal reads in a log line and in an answer: what happened, and what to do.
enum RefusalText {
    static func text(for end: SourceSession.End, stream: String) -> String {
        switch end {
        case .refused(.taken):
            "stream \(stream) has a publisher that is sending; stop it first, or set [stream] Takeover = takeover"
        case .refused(.twoEncoders):
            "two encoders push to \(stream): send audio and video in one ffmpeg"
        case .refused(.late): "it had gone before it was heard, and stream \(stream) has a publisher that is sending"
        case .replaced(let newcomer): "replaced by a new publisher from \(newcomer)"
        case .notTransportStream(let bytes):
            "no MPEG-TS packet in the first \(bytes) bytes; push with ffmpeg -f mpegts"
        case .stopping: "the node stops"
        }
    }

    static func noPacket(withinMs: Int64) -> String {
        "no MPEG-TS packet in the first \(withinMs / 1000) s; push with ffmpeg -f mpegts"
    }

    static func noPlace(publishersMax: Int) -> String {
        "more than \(publishersMax) connections of publishers on one loop; stop one, or push to another node"
    }

    static func text(for refusal: StreamRegistry.Refusal) -> String {
        switch refusal {
        case .tooManyStreams: "the node has \(StreamRegistry.streamsMax) streams and takes no more"
        case .io(let error): "the stream cannot be made: \(error)"
        }
    }

    /// The word that tells refusals apart where repeats are counted.
    static func kind(of end: SourceSession.End) -> String {
        switch end {
        case .refused(.taken): "taken"
        case .refused(.twoEncoders): "twoEncoders"
        case .refused(.late): "late"
        case .replaced: "replaced"
        case .notTransportStream: "garbage"
        case .stopping: "stopping"
        }
    }
}
