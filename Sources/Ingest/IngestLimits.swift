/// What one way in holds at once, and how long it waits; tests shorten them.
package struct IngestLimits {
    /// Connections of a TCP way in that one loop reads, or bodies of an HTTP one.
    package var publishersMax = 256
    /// Connections of an HTTP way in on one loop beside the publishers: heads that are not complete, and last answers.
    /// For a newcomer beyond, the oldest half-open head is closed.
    package var headsMax = 256
    /// When all places are taken, one whose publisher is here for so long without a packet is given to a newcomer. Who
    /// sends nothing has no other time limit: a parent without a stream keeps its connection.
    package var idleMs: Int64 = 1000
    /// From a publisher's first byte to its first packet; five packets make a stream.
    package var firstPacketMs: Int64 = 10_000
    /// How often that is looked at.
    package var sweepMs: Int64 = 1000
    /// Senders of datagrams that are told apart; more are ignored.
    package var sendersMax = 64
    /// A body that follows a complete one of the same sender within this time continues it.
    package var pauseMs: Int64 = 1000
    /// How long publishers may take for their last answer when the node stops.
    package var farewellMs: Int64 = 1000
    /// The first window in which repeated refusals are counted instead of logged.
    package var refusalWindowMs: Int64 = 10_000

    package init() {}
}
