/// Reads the beginning of a coded picture, up to its first slice, and says whether decoding can start there.
///
/// What lies behind the first slice code is not looked at: a scan of every byte would cost more than all else.
struct PictureScanner {
    /// What the scanned bytes have shown; each is reported once.
    struct Findings: OptionSet {
        let rawValue: UInt8

        /// Decoding can start at this picture.
        static let randomAccess = Findings(rawValue: 1 << 0)

        /// An MPEG-1 or MPEG-2 sequence header is complete: see `sequence`.
        static let sequence = Findings(rawValue: 1 << 1)
    }

    private enum State {
        /// Looking for the next start code.
        case codes

        /// Behind the start code of a sequence header; so many of its first four bytes are still to come.
        case sequenceHeader(missing: Int)

        /// Behind the start code of an SEI message list.
        case supplement(SupplementReader)

        /// The first slice has begun, or nothing can be learnt.
        case done
    }

    /// The sequence header that came last, of MPEG-1 or MPEG-2.
    private(set) var sequence = SequenceHeader()

    private var state = State.done
    private var syntax = VideoCodec.unknown

    /// The last four bytes: a start code is three bytes and a value.
    private var window: UInt32 = 0xffff_ffff

    /// A sequence header came in this picture and the start code behind it decides which MPEG it is.
    private var sequenceIsOpen = false

    var isDone: Bool { if case .done = state { true } else { false } }

    /// Starts with a picture.
    ///
    /// - Parameter codec: of its stream; while unknown, a sequence header is believed, whose code no other syntax has.
    mutating func begin(_ codec: VideoCodec) {
        syntax = codec
        window = 0xffff_ffff
        sequenceIsOpen = false
        switch codec {
        case .mpeg1, .mpeg2, .h264, .hevc, .unknown: state = .codes
        case .other, .none: state = .done
        }
    }

    mutating func stop() {
        state = .done
    }

    /// Takes the next bytes of the elementary stream.
    mutating func scan(_ run: Span<UInt8>, _ range: Range<Int>) -> Findings {
        var findings: Findings = []
        for index in range {
            let byte = run[index]
            window = window << 8 | UInt32(byte)
            if window >> 8 == 1 {
                findings.formUnion(codeFound(byte))
                continue
            }
            switch state {
            case .codes:
                break
            case .sequenceHeader(let missing):
                state = missing > 1 ? .sequenceHeader(missing: missing - 1) : .codes
                if missing == 1 { sequence = SequenceHeader(firstBytes: window) }
            case .supplement(var reader):
                if reader.take(byte, window: window) { findings.insert(.randomAccess) }
                state = .supplement(reader)
            case .done:
                return findings
            }
        }
        return findings
    }

    private mutating func codeFound(_ code: UInt8) -> Findings {
        switch syntax {
        case .mpeg1, .mpeg2, .unknown:
            return mpegCodeFound(code)
        case .h264:
            // ISO/IEC 14496-10 Table 7-1: 5 is an IDR slice, 1 to 4 other slices, 6 SEI, 7 a sequence parameter set.
            switch code & 0x1f {
            case 1...4: state = .done
            case 5:
                state = .done
                return .randomAccess
            case 6: state = .supplement(SupplementReader())
            case 7:
                state = .codes
                return .randomAccess
            default: state = .codes
            }
        case .hevc:
            // ISO/IEC 23008-2 Table 7-1: below 32 slices, of which 16 to 23 are intra random access points.
            let type = code >> 1 & 0x3f
            if type < 32 { state = .done }
            if 16...23 ~= type { return .randomAccess }
        case .other, .none:
            state = .done
        }
        return []
    }

    /// ISO/IEC 11172-2 2.4.2.1 and 13818-2 Table 6-1: 0xb3 a sequence header, 0xb5 an extension, 0 a picture, then slices.
    private mutating func mpegCodeFound(_ code: UInt8) -> Findings {
        var findings: Findings = []
        if sequenceIsOpen, code != 0xb3 {
            // The extension stands directly behind the header in MPEG-2, and never in MPEG-1.
            sequence.isMPEG2 = code == 0xb5
            sequenceIsOpen = false
            findings.insert(.sequence)
        }
        switch code {
        case 0xb3:
            sequenceIsOpen = true
            state = .sequenceHeader(missing: 4)
            findings.insert(.randomAccess)
        case 0x00...0xaf:
            state = .done
        default:
            state = .codes
        }
        return findings
    }
}
