import CUV

/// The bytes and the request of one `write`.
final class QueuedWrite {
    let bytes: UnsafeMutableBufferPointer<UInt8>
    let request: UnsafeMutablePointer<uv_write_t>

    init(_ source: ArraySlice<UInt8>) {
        bytes = .allocate(capacity: source.count)
        _ = bytes.initialize(from: source)
        request = .allocate(capacity: 1)
    }

    deinit {
        bytes.deallocate()
        request.deallocate()
    }
}
