/// A value in the type that its key asks for.
enum ParsedValue: Sendable, Equatable {
    /// In the spelling of the schema.
    case word(String)
    case words([String])
    case text(String)
    case texts([String])
    case boolean(Bool)
    case number(Int)
    case numbers([Int])
    /// The word `auto` where a number may stand.
    case auto
    case duration(Duration)
    case address(IPAddress)
    case addresses(AddressList)
    case stream(StreamID)
    case streams([StreamID])
    case allStreams
    /// Either part may be missing; the default then holds.
    case lag(time: Duration?, bytes: Int?)
}
