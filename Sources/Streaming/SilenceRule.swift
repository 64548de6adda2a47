/// When a source that is connected counts as silent for those who come.
///
/// A newcomer is given the last GOP so that it sees a picture at once. Where nothing comes any more (a frozen encoder, a
/// parent's link that stalls), that would be a picture minutes old that stands still and looks like a live one; so it is
/// accepted, and gets its first bytes when bytes come again. It then starts where one who came at that moment would: at
/// the last random access point, which those who stayed have, too.
enum SilenceRule {
    /// The moment at which `.json` says that a source is not live any more: page and bytes tell the same story.
    static let msMin = LiveStream.liveMs
    /// No rhythm of pictures makes it longer than this.
    static let msMax: Int64 = 30_000

    /// Milliseconds without packets after which a source is silent: two seconds, or two pictures of a slow one.
    ///
    /// - Parameters:
    ///   - gopTicks: length of the last whole GOP in ticks of the 90 kHz clock, 0 while it is unknown.
    ///   - gopPictures: its pictures.
    static func silentMs(gopTicks: UInt64, gopPictures: Int) -> Int64 {
        guard gopPictures > 0 else { return msMin }
        let twoPicturesMs = Int64(clamping: gopTicks / 45 / UInt64(gopPictures))
        return min(max(msMin, twoPicturesMs), msMax)
    }
}
