/// Follows the pictures of the reference PID: starts, ends, random access points, and the length of GOPs.
struct PictureTracker {
    private var isOpen = false
    private var progress = PESProgress()
    private var scanner = PictureScanner()

    /// The open picture was reported as a random access point.
    private var isRandomAccess = false

    private var decodingTime: Timestamp?

    /// Pictures since the last random access point, that one included; 0 before the first.
    private var gopPictures = 0
    private var gopStart: Timestamp?

    /// Takes a packet of the reference PID that is no duplicate.
    mutating func take(
        _ run: Span<UInt8>, _ header: PacketHeader, isAfterGap: Bool, _ info: inout StreamInfo,
        _ counters: inout StreamCounters
    ) -> PacketFlags {
        var flags: PacketFlags = isAfterGap || header.hasTransportError ? .damaged : []
        guard header.hasPayload else { return flags }
        if header.startsPayload {
            flags.formUnion(start(run, header, &info, &counters))
        } else if isOpen {
            flags.formUnion(goOn(run, header, isDamaged: !flags.isEmpty, &info, &counters))
        }
        return flags
    }

    private mutating func start(
        _ run: Span<UInt8>, _ header: PacketHeader, _ info: inout StreamInfo, _ counters: inout StreamCounters
    ) -> PacketFlags {
        var flags: PacketFlags = .pictureStart
        counters.pictures &+= 1
        isOpen = true
        isRandomAccess = false
        info.isScrambled = header.isScrambled

        let pes = header.isScrambled || header.hasTransportError ? nil : PESHeader(parsing: run, header.payload)
        decodingTime = pes?.decodingTime
        if gopPictures > 0 { gopPictures += 1 }
        if progress.start(header, packetBytes: pes?.packetBytes) {
            flags.insert(.pictureEnd)
            isOpen = false
        }
        scanner.begin(info.isAudioOnly ? .none : info.videoCodec)
        if let pes {
            scan(run, pes.elementaryStart..<header.payload.upperBound, &flags, &info)
        } else {
            scanner.stop()
        }
        if header.isRandomAccess || info.isAudioOnly { flags.insert(.randomAccess) }
        if flags.contains(.randomAccess) { randomAccessFound(&info, &counters) }
        return flags
    }

    private mutating func goOn(
        _ run: Span<UInt8>, _ header: PacketHeader, isDamaged: Bool, _ info: inout StreamInfo,
        _ counters: inout StreamCounters
    ) -> PacketFlags {
        var flags: PacketFlags = []
        if isDamaged {
            progress.packetsLost()
            scanner.stop()
        }
        if !scanner.isDone { scan(run, header.payload, &flags, &info) }
        if flags.contains(.randomAccess) {
            if isRandomAccess { flags.remove(.randomAccess) } else { randomAccessFound(&info, &counters) }
        }
        if progress.take(header) {
            flags.insert(.pictureEnd)
            isOpen = false
        } else if header.hasAdaptationField {
            info.hasFieldsInsidePictures = true
        }
        return flags
    }

    private mutating func scan(
        _ run: Span<UInt8>, _ range: Range<Int>, _ flags: inout PacketFlags, _ info: inout StreamInfo
    ) {
        let findings = scanner.scan(run, range)
        if findings.contains(.randomAccess) { flags.insert(.randomAccess) }
        if findings.contains(.sequence) {
            info.videoCodec = scanner.sequence.isMPEG2 ? .mpeg2 : .mpeg1
            info.width = scanner.sequence.width
            info.height = scanner.sequence.height
            info.frameRate = scanner.sequence.frameRate
        }
    }

    /// Called once for a picture where decoding can start: a GOP ended before it.
    private mutating func randomAccessFound(_ info: inout StreamInfo, _ counters: inout StreamCounters) {
        isRandomAccess = true
        counters.randomAccessPoints &+= 1
        if gopPictures > 1 {
            info.gopPictures = gopPictures - 1
            info.gopTicks = 0
            if let start = gopStart, let end = decodingTime { info.gopTicks = end.ticks(since: start) }
            if info.videoCodec != .mpeg1, info.videoCodec != .mpeg2, info.gopTicks > 0 {
                info.frameRate = Double(info.gopPictures * 90_000) / Double(info.gopTicks)
            }
        }
        gopPictures = 1
        gopStart = decodingTime
    }
}
