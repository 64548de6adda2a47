/// What is known of a stream: its reference program, and what its pictures look like.
package struct StreamInfo: Equatable, Sendable {
    /// Programs in the PAT, 0 before it came. The first of them is the reference program.
    package internal(set) var programs = 0

    package internal(set) var videoCodec = VideoCodec.unknown

    /// The audio streams of the reference program, in the order of its PMT.
    package internal(set) var audioCodecs: [AudioCodec] = []

    /// The PID whose PES starts are pictures: the first video of the reference program, or its first audio when it has
    /// no video; before a PMT came, the first PID on which a video PES started.
    package internal(set) var referencePID: UInt16?

    /// The first video of the reference program; nil when it has none. Before a PMT came, `referencePID`.
    package internal(set) var videoPID: UInt16?

    /// Nil before the PMT came.
    package internal(set) var pcrPID: UInt16?

    /// Pixels; nil before a sequence header or parameter set that says it.
    package internal(set) var width: Int?
    package internal(set) var height: Int?

    /// Pictures per second, as the sequence header says, else as counted over the last whole GOP.
    package internal(set) var frameRate: Double?

    /// The reference PID is scrambled, so nothing is known of its pictures but their starts.
    package internal(set) var isScrambled = false

    /// A picture had an adaptation field in its middle, mostly for a clock reference, as `-muxrate` of ffmpeg makes them.
    ///
    /// JSMpeg takes any such packet for the end of the picture and dies of the sound stream as of a torn one: of 75
    /// pictures with `-muxrate 5M` it decoded two.
    package internal(set) var hasFieldsInsidePictures = false

    /// Pictures of the last whole GOP, 0 before the first.
    package internal(set) var gopPictures = 0

    /// Length of the last whole GOP in ticks of the 90 kHz clock, 0 before the first or without timestamps.
    package internal(set) var gopTicks: UInt64 = 0

    package init() {}

    /// A PMT came and names audio but no video.
    package var isAudioOnly: Bool { videoCodec == .none && referencePID != nil }
}
