import Foundation

/// Small transport streams of real codecs, made by ffmpeg when first asked for and kept in the temporary folder.
///
/// The same ffmpeg makes the same bytes each time (bitexact flags, fixed sources, one thread).
package enum Samples {
    /// What a sample holds. The raw value is its file's name without `.ts`.
    package enum Kind: String, CaseIterable, Sendable {
        case mpeg1MP2 = "mpeg1_mp2"
        case mpeg1Only = "mpeg1_only"
        case mp2Only = "mp2_only"
        case mpeg2AC3 = "mpeg2_ac3_cbr"
        case h264AAC = "h264_aac"
        case h264BFrames = "h264_bframes_aac"
        case hevcAAC = "hevc_aac"
        case threeAudio = "h264_3audio"
        case twoPrograms = "mpts_2programs"
        case m2ts192 = "h264_aac_192"
        case sparseTables = "h264_aac_sparse_psi"
        case timestampWrap = "h264_aac_ptswrap"
        case openPESLength = "mpeg1_mp2_remux"
        case bitFlips = "err_bitflips"
        case drops = "err_drops"
        case repeats = "err_repeats"
        case transportErrors = "err_tei"
        case clockJump = "err_clock_jump"
        case lostBytes = "err_lost_bytes"
        case midPacketStart = "err_mid_packet_start"
        case pad204 = "rs204"
        case teletext = "h264_aac_teletext"
    }

    /// Seconds that each sample lasts.
    package static let seconds = 6

    /// The bytes of a sample.
    package static func bytes(_ kind: Kind) throws -> [UInt8] { try Files.read(try path(kind)) }

    /// The path of a sample, made when it is not there yet.
    package static func path(_ kind: Kind) throws -> String {
        lock.lock()
        defer { lock.unlock() }
        return try make(kind)
    }

    // MARK: - Making

    private static let lock = NSRecursiveLock()
    private static let form = 1  // raised when a recipe changes, so that old files are not taken

    /// The bytes of a file that is made once: `make` writes it at the path that it gets.
    package static func file(_ name: String, _ make: (String) throws -> Void) throws -> [UInt8] {
        lock.lock()
        defer { lock.unlock() }
        let target = try folder + "/" + name
        if !Files.exists(target) {
            try make(target + ".\(getpid())")
            guard rename(target + ".\(getpid())", target) == 0 else { throw TestFailure("rename \(target)") }
        }
        return try Files.read(target)
    }

    private static var folder: String {
        get throws {
            let folder = NSTemporaryDirectory() + "tsrelay-samples-\(form)-\(getuid())"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            return folder
        }
    }

    private static func make(_ kind: Kind) throws -> String {
        let target = try folder + "/" + kind.rawValue + ".ts"
        if Files.exists(target) { return target }
        let draft = target + ".\(getpid())"
        switch kind {
        case .bitFlips: try Files.write(StreamDamage.bitFlips.applied(to: try bytes(.h264AAC)), to: draft)
        case .drops: try Files.write(StreamDamage.drops.applied(to: try bytes(.h264AAC)), to: draft)
        case .repeats: try Files.write(StreamDamage.repeats.applied(to: try bytes(.h264AAC)), to: draft)
        case .transportErrors: try Files.write(StreamDamage.transportErrors.applied(to: try bytes(.h264AAC)), to: draft)
        case .clockJump: try Files.write(StreamDamage.clockJump.applied(to: try bytes(.h264AAC)), to: draft)
        case .lostBytes: try Files.write(StreamDamage.lostBytes.applied(to: try bytes(.mpeg1MP2)), to: draft)
        case .midPacketStart: try Files.write(StreamDamage.midPacketStart.applied(to: try bytes(.mpeg1MP2)), to: draft)
        case .pad204: try Files.write(StreamDamage.pad204.applied(to: try bytes(.mpeg2AC3)), to: draft)
        case .teletext: try Files.write(try Teletext.added(to: try bytes(.h264AAC)), to: draft)
        case .mpeg1MP2, .mpeg1Only, .mp2Only, .mpeg2AC3, .h264AAC, .h264BFrames, .hevcAAC, .threeAudio, .twoPrograms,
            .m2ts192, .sparseTables, .timestampWrap, .openPESLength:
            try encode(try recipe(kind), to: draft)
        }
        guard rename(draft, target) == 0 else {
            throw TestFailure("rename \(draft): \(String(cString: strerror(errno)))")
        }
        return target
    }

    private static func encode(_ words: [String], to path: String) throws {
        let exact = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
        let ffmpeg = try ChildProcess(
            "ffmpeg",
            ["-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-threads", "1"] + words + exact
                + ["-f", "mpegts", path])
        defer { ffmpeg.kill() }
        guard try ffmpeg.waitForExit(within: 120) == .code(0) else { throw TestFailure("ffmpeg: \(ffmpeg.text)") }
    }

    /// What ffmpeg is told before the flags that all share.
    private static func recipe(_ kind: Kind) throws -> [String] {
        let picture = ["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=\(seconds)"]
        let bars = ["-f", "lavfi", "-i", "smptebars=size=320x240:rate=25:duration=\(seconds)"]
        let tone = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=\(seconds)"]
        let high = ["-f", "lavfi", "-i", "sine=frequency=880:sample_rate=48000:duration=\(seconds)"]
        let mpeg1 = ["-c:v", "mpeg1video", "-b:v", "600k", "-bf", "0", "-g", "12"]
        let mp2 = ["-c:a", "mp2", "-b:a", "96k"]
        let aac = ["-c:a", "aac", "-b:a", "96k", "-ac", "2"]
        let x264 = ["-c:v", "libx264", "-preset", "veryfast", "-b:v", "500k"]
        switch kind {
        case .mpeg1MP2: return picture + tone + mpeg1 + mp2 + ["-ac", "2", "-muxdelay", "0.001"]
        case .mpeg1Only: return picture + mpeg1
        case .mp2Only: return tone + mp2
        case .mpeg2AC3:
            let video = ["-c:v", "mpeg2video", "-b:v", "1200k", "-maxrate", "1200k", "-bufsize", "1000k"]
            return picture + tone + video + [
                "-bf", "2", "-g", "12", "-c:a", "ac3", "-b:a", "128k", "-muxrate", "2000k",
            ]
        case .h264AAC:
            return picture + tone + x264 + ["-tune", "zerolatency", "-profile:v", "main", "-g", "25"] + aac
        case .h264BFrames: return picture + tone + x264 + ["-profile:v", "high", "-bf", "3", "-g", "50"] + aac
        case .hevcAAC:
            let video = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:keyint=25"]
            return picture + tone + video + ["-b:v", "500k"] + aac
        case .threeAudio:
            let inputs = ["-i", try make(.h264BFrames), "-i", try make(.h264AAC), "-i", try make(.mpeg2AC3)]
            let maps = ["-map", "0:v", "-map", "0:a", "-map", "1:a", "-map", "2:a", "-c", "copy"]
            return inputs + maps
                + [
                    "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=fra", "-metadata:s:a:2",
                    "language=deu",
                ]
        case .twoPrograms:
            let maps = ["-map", "0:v", "-map", "1:a", "-map", "2:v", "-map", "3:a"]
            let video = ["-c:v", "mpeg2video", "-b:v", "500k", "-bf", "0", "-g", "12"]
            let programs = [
                "-program", "title=One:program_num=1:st=0:st=1", "-program", "title=Two:program_num=2:st=2:st=3",
            ]
            return picture + tone + bars + high + maps + video + mp2 + programs
        case .m2ts192: return ["-i", try make(.h264AAC), "-map", "0", "-c", "copy", "-mpegts_m2ts_mode", "1"]
        case .sparseTables:
            return ["-i", try make(.h264AAC), "-map", "0", "-c", "copy", "-mpegts_service_id", "4660"]
                + ["-mpegts_start_pid", "0x21", "-mpegts_pmt_start_pid", "0x1ff0"]
                + ["-mpegts_flags", "+initial_discontinuity", "-pat_period", "2", "-sdt_period", "5"]
        case .timestampWrap:  // passes 2^33 / 90000 s on the way
            return ["-i", try make(.h264AAC), "-map", "0", "-c", "copy", "-mpegts_copyts", "1"]
                + ["-output_ts_offset", "95443.0"]
        case .openPESLength: return ["-i", try make(.mpeg1MP2), "-map", "0", "-c", "copy", "-pes_payload_size", "0"]
        case .bitFlips, .drops, .repeats, .transportErrors, .clockJump, .lostBytes, .midPacketStart, .pad204, .teletext:
            throw TestFailure("\(kind) is made from another sample")
        }
    }
}
