package import Fanout

/// Whoever gets a stream: a person's browser, a program, or a child node.
///
/// This is the part that is not touched by a write; what a write touches lies in the audience's slots.
package final class Viewer {
    /// Why a viewer was sent away, always between two pictures.
    package enum End: Equatable {
        /// The stream has ended and its Grace is over.
        case streamEnded
        /// The node stops.
        case stopping
        /// It fell behind and its door's policy is to send such viewers away.
        case tooSlow
        /// Its connection failed or was closed by the peer.
        case connectionLost
    }

    /// Memory of the process that a viewer takes at most: its connection, its slot and this. Measured at 4,000 viewers:
    /// 2,212 bytes by WebSocket, 2,470 by `.ts`, 1,186 by TCP.
    package static let processBytesMax = 3 << 10

    package let outlet: Outlet
    package let key: LaneKey
    /// The tier's word of a node that is fed.
    package static let childTier = "child"

    /// The tier's word in logs and figures: `ws`, `tcp`, `http`, `child`.
    package let tier: String
    package let peer: String
    /// What the viewer's page calls itself, so that it can ask for its own figures.
    package let token: String?
    package let start: StartRule
    package let lag: LagRule
    package let kicksWhenBehind: Bool
    /// Called once when the audience has let go of the viewer; the owner says farewell and closes.
    package var onEnd: ((End) -> Void)?
    /// Its place in the audience; nil when it is in none.
    var place: (group: Int, slot: Int)?
    /// Its owner has let go of it, perhaps before an audience took it in.
    private(set) var hasLeft = false
    /// Control bytes that wait for a frame's end: the newest pong, or a ping; its slot says that there are any.
    var control: [UInt8] = []
    /// Control bytes would find no audience once its stream is gone; neither would `leave`.
    private(set) weak var audience: Audience?

    package init(
        audience: Audience, outlet: Outlet, key: LaneKey, tier: String, peer: String, token: String? = nil,
        start: StartRule, lag: LagRule, kicksWhenBehind: Bool = false
    ) {
        self.audience = audience
        self.outlet = outlet
        self.key = key
        self.tier = tier
        self.peer = peer
        self.token = token
        self.start = start
        self.lag = lag
        self.kicksWhenBehind = kicksWhenBehind
    }

    /// Sends these bytes at the next end of a frame, instead of any that still wait.
    package func send(control bytes: [UInt8]) { audience?.send(control: bytes, to: self) }

    /// How it fares; nil when it is in no audience.
    package var figures: (skippedPictures: UInt64, lagMs: Int64)? { audience?.figures(of: self) }

    /// The connection is gone or about to be closed by its owner: no more bytes, no call of `onEnd`.
    package func leave() {
        onEnd = nil
        hasLeft = true
        audience?.remove(self)
    }

    /// It is not taken in after all: its stream ended while its lane was on the way.
    func turnedAway(_ reason: End) {
        let tell = onEnd
        onEnd = nil
        hasLeft = true
        tell?(reason)
    }
}

@available(*, unavailable) extension Viewer: Sendable {}
