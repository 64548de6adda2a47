/// Where a value was written.
enum Origin: Sendable, Equatable {
    case line(Int)
    case environment(String)
    /// Nowhere: what is said concerns the file as a whole.
    case file
}
