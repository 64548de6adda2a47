/// The map of one program: its elementary streams (ISO/IEC 13818-1 2.4.4.8).
struct ProgramMap: Equatable {
    let programNumber: UInt16

    /// 0x1fff when the program has no clock.
    let pcrPID: UInt16

    /// The first video stream, if there is one.
    let videoPID: UInt16?
    let video: VideoCodec

    /// The first audio stream, if there is one.
    let audioPID: UInt16?

    /// In the table's order.
    let audio: [AudioCodec]

    /// Reads a section whose checksum is right.
    ///
    /// - Returns: nil for another table, a section not yet in force (`current_next_indicator` 0), or wrong lengths.
    init?(parsing section: Span<UInt8>) {
        guard section.count >= 16, section[0] == 0x02, section[1] & 0x80 != 0, section[5] & 0x01 != 0 else {
            return nil
        }
        let end = section.count - 4  // CRC_32
        var place = 12 + (Int(section[10] & 0x0f) << 8 | Int(section[11]))
        var videoPID: UInt16?
        var video = VideoCodec.none
        var audioPID: UInt16?
        var audio: [AudioCodec] = []
        while place + 5 <= end {
            let type = section[place]
            let pid = UInt16(section[place + 1] & 0x1f) << 8 | UInt16(section[place + 2])
            let descriptors = place + 5
            let next = descriptors + (Int(section[place + 3] & 0x0f) << 8 | Int(section[place + 4]))
            guard next <= end else { return nil }
            switch ElementaryStream(streamType: type, descriptors: section.extracting(descriptors..<next)) {
            case .video(let codec):
                if videoPID == nil { (videoPID, video) = (pid, codec) }
            case .audio(let codec):
                audioPID = audioPID ?? pid
                audio.append(codec)
            case .other:
                break
            }
            place = next
        }
        programNumber = UInt16(section[3]) << 8 | UInt16(section[4])
        pcrPID = UInt16(section[8] & 0x1f) << 8 | UInt16(section[9])
        self.videoPID = videoPID
        self.video = video
        self.audioPID = audioPID
        self.audio = audio
    }
}
