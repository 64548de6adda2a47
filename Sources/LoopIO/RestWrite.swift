import CUV

/// The request of `TCPConnection.writeRest`, made when a connection is full for the first time and kept for the next.
final class RestWrite {
    let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)
    /// Keeps the bytes that wait; nil while none do.
    var owner: AnyObject?
    var bytes = 0

    deinit { request.deallocate() }
}
