/// What an entry of a program map says that a stream is.
package enum ElementaryStream: Equatable {
    case video(VideoCodec)
    case audio(AudioCodec)

    /// Subtitles, teletext, data, or unknown.
    case other

    /// - Parameters:
    ///   - streamType: ISO/IEC 13818-1 Table 2-34, and for 0x80 and above what ATSC A/53 and the field use.
    ///   - descriptors: the entry's descriptor loop, which alone tells for private streams (type 0x06).
    package init(streamType: UInt8, descriptors: Span<UInt8>) {
        self =
            switch streamType {
            case 0x01: .video(.mpeg1)
            case 0x02: .video(.unknown)  // ffmpeg writes it for MPEG-1 too: the sequence header decides
            case 0x1b: .video(.h264)
            case 0x24: .video(.hevc)
            case 0x10, 0x21, 0x33, 0x42, 0xd1, 0xea: .video(.other(streamType))
            case 0x03, 0x04: .audio(.mp2)
            case 0x0f: .audio(.aac)
            case 0x11: .audio(.aacLATM)
            case 0x81: .audio(.ac3)
            case 0x87: .audio(.eac3)
            case 0x82, 0x8a: .audio(.dts)
            case 0x83, 0x1c: .audio(.other(streamType))
            case 0x06: Self.privateStream(descriptors)
            default: .other
            }
    }

    private static func privateStream(_ descriptors: Span<UInt8>) -> ElementaryStream {
        var place = 0
        while place + 2 <= descriptors.count {
            let next = place + 2 + Int(descriptors[place + 1])
            guard next <= descriptors.count else { break }
            switch descriptors[place] {
            case 0x6a: return .audio(.ac3)  // ETSI EN 300 468 Annex D
            case 0x7a: return .audio(.eac3)
            case 0x7b: return .audio(.dts)
            case 0x7c: return .audio(.aac)
            case 0x05 where next - place >= 6:  // registration: ISO/IEC 13818-1 2.6.8
                let format = (2..<6).reduce(UInt32(0)) { $0 << 8 | UInt32(descriptors[place + $1]) }
                switch format {
                case 0x4845_5643: return .video(.hevc)  // HEVC
                case 0x4156_3031, 0x5643_2d31, 0x6472_6163: return .video(.other(0x06))  // AV01, VC-1, drac
                case 0x4f70_7573: return .audio(.opus)  // Opus
                case 0x4253_5344: return .audio(.other(0x06))  // BSSD, SMPTE 302M
                case 0x4143_2d33: return .audio(.ac3)  // AC-3
                case 0x4541_4333: return .audio(.eac3)  // EAC3
                default: break
                }
            default: break
            }
            place = next
        }
        return .other
    }
}
