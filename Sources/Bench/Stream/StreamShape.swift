/// How the self-describing stream looks: its rate, its pictures, and how its bytes are spread over time.
package struct StreamShape: Equatable, Sendable {
    /// When the packets of a picture are sent.
    package enum Pacing: String, Equatable, Sendable {
        /// Every packet at its own time, evenly, as a multiplexer with a constant rate.
        case steady
        /// All packets of a picture at once, as ffmpeg writes them to a TCP socket.
        case pictures
    }

    /// A random access point is as large as this many other pictures, as encoders make them at a low delay.
    package static let intraWeight: Int64 = 5
    /// The smallest picture: one packet that starts it and one that ends it.
    static let packetsPerPictureMin: Int64 = 2
    /// PAT and PMT, before each random access point.
    static let tablePackets: Int64 = 2

    package static let bitsPerSecondMax: Int64 = 10_000_000_000
    package static let picturesPerSecondMax = 120

    /// Of the whole transport stream, tables included.
    package let bitsPerSecond: Int64
    package let picturesPerSecond: Int
    /// Pictures from one random access point to the next.
    package let gopPictures: Int
    package let pacing: Pacing

    package enum Wrong: Error, Equatable {
        case rateTooLow(minimum: Int64)
        case rateTooHigh(maximum: Int64)
        /// Not 1 ... `picturesPerSecondMax` a second, or not 1 ... a minute's worth in a GOP.
        case badPictureRate
    }

    /// - Parameters:
    ///   - bitsPerSecond: of the transport stream.
    ///   - picturesPerSecond: 1 ... 120; below 10, clock references are further apart than ISO/IEC 13818-1 2.7.2 allows.
    ///   - gopPictures: nil: a second's worth.
    /// - Throws: when a picture would not fill two packets, or a number is out of its range.
    package init(
        bitsPerSecond: Int64, picturesPerSecond: Int = 25, gopPictures: Int? = nil, pacing: Pacing = .steady
    ) throws(Wrong) {
        let gopPictures = gopPictures ?? picturesPerSecond
        guard 1...Self.picturesPerSecondMax ~= picturesPerSecond, 1...picturesPerSecond * 60 ~= gopPictures else {
            throw .badPictureRate
        }
        self.bitsPerSecond = bitsPerSecond
        self.picturesPerSecond = picturesPerSecond
        self.gopPictures = gopPictures
        self.pacing = pacing
        guard bitsPerSecond <= Self.bitsPerSecondMax else { throw .rateTooHigh(maximum: Self.bitsPerSecondMax) }
        // One packet more than the sum of the smallest pictures, since shares are rounded.
        let packets = Self.packetsPerPictureMin * weights + Self.tablePackets + 1
        let minimum = (packets * bitsPerPacket * Int64(picturesPerSecond) + Int64(gopPictures) - 1) / Int64(gopPictures)
        guard bitsPerSecond >= minimum else { throw .rateTooLow(minimum: minimum) }
    }

    /// The pictures of a GOP, counted in those that are no random access points.
    var weights: Int64 { Self.intraWeight + Int64(gopPictures) - 1 }

    var bitsPerPacket: Int64 { 188 * 8 }
}
