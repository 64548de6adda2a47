package import Configuration

/// Decides whether a newcomer may become a stream's source; does no I/O and reads no clock.
package struct TakeoverRule {
    /// A source that delivered bytes within this time is alive.
    package static let aliveMs: Int64 = 2000
    /// Evictions within this time count as two encoders that fight.
    package static let fightMs: Int64 = 10_000
    /// The eviction that is refused within `fightMs`: the third.
    package static let evictionsMax = 2

    package struct Party: Equatable {
        package let kind: SourceKind
        /// Host and port of a UDP sender, the host alone of everyone else.
        package let host: String
        /// It showed the secret of its way in.
        package let isProven: Bool

        package init(kind: SourceKind, host: String, isProven: Bool) {
            self.kind = kind
            self.host = host
            self.isProven = isProven
        }
    }

    package enum Refusal: Error, Equatable {
        /// The stream has a source that is alive.
        case taken
        /// Two senders keep evicting each other.
        case twoEncoders
        /// The sender had gone before its first packets were looked at, and another one sends.
        case late
    }

    package let policy: StreamPolicy.Takeover
    package let holdMs: Int64
    private var evictions: [Int64] = []

    package init(policy: StreamPolicy.Takeover, holdMs: Int64) {
        self.policy = policy
        self.holdMs = holdMs
    }

    /// Nil when the newcomer may have the stream.
    ///
    /// - Parameter hasGone: all that comes of the newcomer has come. Loops hear their senders in no order, so it may be
    ///   the one that the current source has followed.
    package func refusal(
        of newcomer: Party, hasGone: Bool = false, current: Party?, currentSilentMs: Int64, nowMs: Int64
    ) -> Refusal? {
        guard let current else { return nil }
        if currentSilentMs >= (current.kind == .udp ? holdMs : TakeoverRule.aliveMs) { return nil }
        // Datagrams carry no intent: a sender keeps the stream until it falls silent.
        if newcomer.kind == .udp { return .taken }
        switch policy {
        case .reject: return .taken
        case .auto: guard newcomer.isProven || newcomer.host == current.host else { return .taken }
        case .takeover: break
        }
        if hasGone { return .late }
        let recent = evictions.filter { nowMs - $0 < TakeoverRule.fightMs }
        return recent.count >= TakeoverRule.evictionsMax ? .twoEncoders : nil
    }

    /// A source that was alive has been replaced.
    package mutating func sourceEvicted(nowMs: Int64) {
        evictions.removeAll { nowMs - $0 >= TakeoverRule.fightMs }
        evictions.append(nowMs)
    }
}
