/// The coding of the reference video.
package enum VideoCodec: Equatable, Sendable {
    case mpeg1
    case mpeg2
    case h264
    case hevc

    /// Known by its `stream_type` only; the relay finds its random access points by the adaptation field alone.
    case other(UInt8)

    /// The program has no video.
    case none

    /// No PMT came yet, or it says "MPEG-1 or MPEG-2" and no sequence header came yet.
    case unknown
}

extension VideoCodec: CustomStringConvertible {
    /// The name that ffmpeg uses; "none" and "unknown" as they are.
    package var description: String {
        switch self {
        case .mpeg1: "mpeg1video"
        case .mpeg2: "mpeg2video"
        case .h264: "h264"
        case .hevc: "hevc"
        case .other(let type): "type 0x" + String(type, radix: 16)
        case .none: "none"
        case .unknown: "unknown"
        }
    }
}
