/// Whether each picture of the video PID that a viewer received is whole, held against what went in.
///
/// A picture is one video PES: the packets of the PID from one PES start to the next. JSMpeg dies of a picture with a
/// missing part and takes no harm from one that is missing whole, so this is what the slow and the gated are judged by.
package struct PictureJudge: Sendable, CustomStringConvertible {
    /// Pictures received; the last one, which may not have ended, is not counted.
    package let pictures: Int
    /// Those that are, packet for packet, pictures of the reference.
    package let whole: Int
    /// Numbers, in the order received, of those that are not.
    package let broken: [Int]
    /// Pictures of the reference that were left out between the first and the last whole one received.
    package let missing: Int
    /// Packets of the video PID ahead of the first PES start.
    package let packetsBeforeFirstPicture: Int
    /// Whether the picture received last is whole too, where the reference lets one say so.
    package let endsWhole: Bool

    package init(received: [UInt8], reference: [UInt8]) {
        let known = Pictures(TransportPackets(reference))
        let seen = Pictures(TransportPackets(received))
        var places: [[UInt8]: [Int]] = [:]
        for (place, picture) in known.all.enumerated() { places[picture, default: []].append(place) }
        var whole = 0
        var broken: [Int] = []
        var first: Int?
        var last = -1
        for (number, picture) in seen.all.dropLast().enumerated() {
            guard let candidates = places[picture] else {
                broken.append(number)
                continue
            }
            whole += 1
            let place = candidates.first { $0 > last } ?? candidates[0]
            first = first ?? place
            last = place
        }
        pictures = max(0, seen.all.count - 1)
        self.whole = whole
        self.broken = broken
        missing = first.map { max(0, last - $0 + 1 - whole) } ?? 0
        packetsBeforeFirstPicture = seen.packetsBefore
        endsWhole = seen.all.last.map { places[$0] != nil } ?? true
    }

    package var allAreWhole: Bool { broken.isEmpty && packetsBeforeFirstPicture == 0 }

    package var description: String {
        "\(pictures) pictures, \(whole) whole, broken \(broken.prefix(20)), \(missing) missing, "
            + "\(packetsBeforeFirstPicture) packets before the first, ends \(endsWhole ? "whole" : "torn")"
    }

    private struct Pictures {
        /// The packets of each picture's PID one after another.
        var all: [[UInt8]] = []
        var packetsBefore = 0

        init(_ packets: TransportPackets) {
            guard let video = packets.videoPID else { return }
            for index in 0..<packets.count where packets.pid(index) == video {
                if packets.startsUnit(index) {
                    all.append(Array(packets[index]))
                } else if all.isEmpty {
                    packetsBefore += 1
                } else {
                    all[all.count - 1] += packets[index]
                }
            }
        }
    }
}
