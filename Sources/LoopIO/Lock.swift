import CUV

/// A mutex. libuv's, since thread sanitizer reports false races for `Synchronization.Mutex` in Swift 6.3.1.
package final class Lock: Sendable {
    // SAFETY: uv_mutex_t is made to be used from several threads; its address is fixed until `deinit`.
    private nonisolated(unsafe) let mutex: UnsafeMutablePointer<uv_mutex_t>

    package init() {
        mutex = .allocate(capacity: 1)
        let status = uv_mutex_init(mutex)
        precondition(status == 0, "no memory for a mutex")
    }

    deinit {
        uv_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Not recursive.
    package func withLock<Result>(_ body: () -> Result) -> Result {
        uv_mutex_lock(mutex)
        defer { uv_mutex_unlock(mutex) }
        return body()
    }

    /// For a condition variable, which unlocks while it waits.
    var pointer: UnsafeMutablePointer<uv_mutex_t> { mutex }
}
