/// A long stream that is known to the byte, and where in it a packet lies.
package final class ReferenceStream: Sendable {
    package let packets: TransportPackets
    private let starts: [ArraySlice<UInt8>: Int]

    /// - Parameter bytes: whole packets; each video PES start is unlike any other (its timestamp differs).
    package init(_ bytes: [UInt8]) {
        packets = TransportPackets(aligned: bytes)
        var starts: [ArraySlice<UInt8>: Int] = [:]
        let video = packets.videoPID
        for index in 0..<packets.count where packets.startsUnit(index) && packets.pid(index) == video {
            starts[packets[index]] = index
        }
        self.starts = starts
    }

    package var byteCount: Int { packets.bytes.count }

    /// The packet of the reference that equals this one, where it begins a picture.
    package func picture(startingWith packet: ArraySlice<UInt8>) -> Int? { starts[packet] }

    /// About `kilobits` per second of MPEG-1 video and MP2, a random access point each second, made once and kept.
    package static func made(seconds: Int, kilobits: Int) throws -> [UInt8] {
        try Samples.file("reference-\(seconds)s-\(kilobits)k.ts") { path in
            let ffmpeg = try ChildProcess(
                "ffmpeg",
                ["-hide_banner", "-nostdin", "-loglevel", "error", "-y"]
                    + ["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=\(seconds),noise=alls=24:allf=t"]
                    + ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100:duration=\(seconds)"]
                    + ["-c:v", "mpeg1video", "-g", "25", "-bf", "0", "-b:v", "\(kilobits - 150)k"]
                    + [
                        "-minrate", "\(kilobits - 150)k", "-maxrate", "\(kilobits - 150)k", "-bufsize",
                        "\(kilobits / 2)k",
                    ]
                    + ["-c:a", "mp2", "-b:a", "64k", "-ac", "1", "-muxdelay", "0.001", "-f", "mpegts", path])
            defer { ffmpeg.kill() }
            guard try ffmpeg.waitForExit(within: 240) == .code(0) else { throw TestFailure("ffmpeg: \(ffmpeg.text)") }
        }
    }
}
