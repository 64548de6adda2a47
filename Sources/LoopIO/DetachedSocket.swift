import Glibc
import Synchronization

/// A connected socket on its way from one loop to another.
///
/// ```swift
/// let socket = try connection.detach()          // on the loop that accepted it
/// mailbox.post {                                 // of the loop that is to have it
///     let connection = try TCPConnection(loop: loop, attaching: socket)
/// }
/// ```
/// It closes when nobody takes it, as when the other loop has ended before the letter came.
package final class DetachedSocket: Sendable {
    package let peer: SocketAddress
    private let descriptor: Atomic<Int32>

    init(_ descriptor: Int32, peer: SocketAddress) {
        self.descriptor = Atomic(descriptor)
        self.peer = peer
    }

    deinit {
        let left = take()
        if left >= 0 { _ = Glibc.close(left) }  // nobody is left who could hear of a failure
    }

    /// The descriptor, which is the caller's from here on; -1 when it was taken before.
    func take() -> Int32 { descriptor.exchange(-1, ordering: .acquiringAndReleasing) }

    /// Gives back what `take` gave and could not be used.
    func putBack(_ taken: Int32) { descriptor.store(taken, ordering: .releasing) }
}
