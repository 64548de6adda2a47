package import Fanout
import LoopIO

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
    /// 1,703 bytes by WebSocket, 2,003 by `.ts`, 941 by TCP.
    package static let processBytesMax = 2 << 10

    /// How it is served; the word is for logs and figures.
    package enum Tier: String {
        case webSocket = "ws"
        case tcp, http
        /// A node that is fed.
        case child
    }

    package let outlet: Outlet
    package let start: StartRule
    package let key: LaneKey
    package let tier: Tier
    package let kicksWhenBehind: Bool
    /// Its owner has let go of it, perhaps before an audience took it in.
    private(set) var hasLeft = false
    package let lag: LagRule
    /// Called once when the audience has let go of the viewer; the owner says farewell and closes.
    package var onEnd: ((End) -> Void)?
    /// Control bytes that wait for a frame's end: the newest pong, or a ping; its slot says that there are any.
    var control: [UInt8] = []
    /// Control bytes would find no audience once its stream is gone; neither would `leave`.
    private(set) weak var audience: Audience?
    /// Its place in the audience; nil when it is in none.
    var place: (group: Int, slot: Int)?

    package init(
        audience: Audience, outlet: Outlet, key: LaneKey, tier: Tier, start: StartRule, lag: LagRule,
        kicksWhenBehind: Bool = false
    ) {
        self.audience = audience
        self.outlet = outlet
        self.key = key
        self.tier = tier
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

    /// The audience has taken it in: what its connection tells of writes is the audience's.
    ///
    /// Each closure captures this viewer alone, and so takes no memory. They go when the audience lets go of it, or when
    /// the connection closes.
    func watchConnection() {
        guard case .connection(let connection) = outlet else { return }
        connection.onWritten = { self.written($0) }
        connection.onClosing = { self.connectionCloses() }
    }

    func forgetConnection() {
        guard case .connection(let connection) = outlet else { return }
        connection.onWritten = nil
        connection.onClosing = nil
    }

    private func written(_ error: IOError?) { audience?.written(self, error: error) }
    private func connectionCloses() { audience?.closing(self) }

    /// It is not taken in after all: its stream ended while its lane was on the way.
    func turnedAway(_ reason: End) {
        let tell = onEnd
        onEnd = nil
        hasLeft = true
        tell?(reason)
    }
}

@available(*, unavailable) extension Viewer: Sendable {}
