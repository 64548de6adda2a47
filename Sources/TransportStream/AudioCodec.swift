/// The coding of an audio stream, as the program map names it.
package enum AudioCodec: Equatable, Sendable {
    /// MPEG-1 or MPEG-2 audio of any layer; the map does not tell MP2 from MP3.
    case mp2
    case aac
    case aacLATM
    case ac3
    case eac3
    case dts
    case opus

    /// Known by its `stream_type` only.
    case other(UInt8)
}

extension AudioCodec: CustomStringConvertible {
    /// The name that ffmpeg uses.
    package var description: String {
        switch self {
        case .mp2: "mp2"
        case .aac: "aac"
        case .aacLATM: "aac_latm"
        case .ac3: "ac3"
        case .eac3: "eac3"
        case .dts: "dts"
        case .opus: "opus"
        case .other(let type): "type 0x" + String(type, radix: 16)
        }
    }
}
