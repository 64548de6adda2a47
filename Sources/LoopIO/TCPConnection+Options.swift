import CUV
import Glibc

extension TCPConnection {
    /// Sends small writes at once (TCP_NODELAY): a frame must not wait for the acknowledgement of the one before.
    package func setNoDelay(_ isOn: Bool = true) {
        set(level: Int32(IPPROTO_TCP), option: TCP_NODELAY, to: isOn ? 1 : 0)
    }

    /// Bytes that may wait in the kernel before it calls the socket full (TCP_NOTSENT_LOWAT, Linux 3.12).
    package func setNotSentLowat(bytes: Int) {
        set(level: Int32(IPPROTO_TCP), option: TCP_NOTSENT_LOWAT, to: Int32(clamping: bytes))
    }

    /// The kernel's buffer for sending (SO_SNDBUF); it doubles the number, and turns its own tuning off.
    package func setSendBuffer(bytes: Int) { set(level: SOL_SOCKET, option: SO_SNDBUF, to: Int32(clamping: bytes)) }

    /// The kernel's buffer for receiving (SO_RCVBUF); as `setSendBuffer`.
    package func setReceiveBuffer(bytes: Int) { set(level: SOL_SOCKET, option: SO_RCVBUF, to: Int32(clamping: bytes)) }

    /// Asks an idle peer after `idleSeconds` and then every second; after `probes` without answer the read fails with
    /// ETIMEDOUT. It does not help while sent bytes wait for their acknowledgement: see `hasPeerVanished`.
    package func setKeepAlive(idleSeconds: Int = 3, probes: Int = 3) {
        set(level: SOL_SOCKET, option: SO_KEEPALIVE, to: 1)
        set(level: Int32(IPPROTO_TCP), option: TCP_KEEPIDLE, to: Int32(clamping: idleSeconds))
        set(level: Int32(IPPROTO_TCP), option: TCP_KEEPINTVL, to: 1)
        set(level: Int32(IPPROTO_TCP), option: TCP_KEEPCNT, to: Int32(clamping: probes))
    }

    /// How soon a kernel that is there answers, at the latest; delayed acknowledgements take 40 ms.
    private static let answerMs: Int64 = 200

    /// Whether sent bytes have been waiting for an acknowledgement, and the peer's kernel been silent, for `withinMs`.
    ///
    /// To be asked every second or so: it remembers since when bytes wait, as silence before them says nothing. False for
    /// a peer whose program does not read, since its kernel still answers; TCP_USER_TIMEOUT would cut that one off. If
    /// such a peer vanishes, it shows when two of the kernel's probes got no answer, whose distance grows to minutes.
    package func hasPeerVanished(withinMs: UInt32) -> Bool {
        guard let descriptor else { return false }
        var info = tcp_info()
        var bytes = socklen_t(MemoryLayout<tcp_info>.size)
        // SAFETY: the size goes with the address; the kernel fills what it knows of the structure.
        guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &bytes) == 0 else { return false }
        let nowMs = loop.nowMs
        guard info.tcpi_unacked > 0 || info.tcpi_probes >= 2 else {
            unansweredSinceMs = .max
            return false
        }
        unansweredSinceMs = min(unansweredSinceMs, nowMs)
        let silentMs = Int64(info.tcpi_last_ack_recv)
        guard min(silentMs, nowMs - unansweredSinceMs) >= Int64(withinMs) else { return false }
        // A receiver that throws bytes away since its buffer is full answers each repeat of them, and the distance of
        // repeats grows to minutes too: silence before the last repeat says nothing.
        let sentMs = Int64(info.tcpi_last_data_sent)
        let isAnswered = silentMs - sentMs <= TCPConnection.answerMs
        return info.tcpi_probes >= 2 || !isAnswered && sentMs > TCPConnection.answerMs
    }

    /// Whether the peer has sent its last byte, or the connection has broken: what came before may still be unread. True
    /// after `close()`. One system call; for a connection that was not shut down on this side.
    package var hasPeerEnded: Bool {
        guard let descriptor else { return true }
        var info = tcp_info()
        var bytes = socklen_t(MemoryLayout<tcp_info>.size)
        // SAFETY: the size goes with the address; the kernel fills what it knows of the structure.
        guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &bytes) == 0 else { return true }
        return Int(info.tcpi_state) != Int(TCP_ESTABLISHED)
    }

    /// A failed option changes speed or memory, never what is sent, so it is not worth a connection.
    private func set(level: Int32, option: Int32, to value: Int32) {
        loop.preconditionOnLoop()
        guard let descriptor else { return }
        do throws(IOError) {
            try SocketOptions.set(descriptor, level: level, option: option, to: value)
        } catch {
            assert(!isClosed)
        }
    }
}
