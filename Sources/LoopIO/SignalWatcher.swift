import CUV
import Glibc

/// Turns signals of the process into calls on the loop. SIGPIPE is ignored from the first loop on.
package final class SignalWatcher {
    package enum Signal: CaseIterable, Sendable {
        case terminate, interrupt, quit, hangUp, user1

        var number: Int32 {
            switch self {
            case .terminate: SIGTERM
            case .interrupt: SIGINT
            case .quit: SIGQUIT
            case .hangUp: SIGHUP
            case .user1: SIGUSR1
            }
        }

        /// `SIGTERM`, as operators write it.
        package var name: String {
            switch self {
            case .terminate: "SIGTERM"
            case .interrupt: "SIGINT"
            case .quit: "SIGQUIT"
            case .hangUp: "SIGHUP"
            case .user1: "SIGUSR1"
            }
        }
    }

    private var handles: [SignalHandle] = []

    /// Several of the same signal that come close together may be one call.
    ///
    /// - Throws: `.failed(.watchSignal)`.
    package init(
        loop: EventLoop, signals: [Signal] = Signal.allCases, onSignal: @escaping (Signal) -> Void
    ) throws(IOError) {
        do throws(IOError) {
            for signal in signals {
                handles.append(try SignalHandle(loop: loop, number: signal.number) { onSignal(signal) })
            }
        } catch {
            close()
            throw error
        }
    }

    /// Gives the signals back to their default action.
    package func close() {
        for handle in handles { handle.close() }
        handles = []
    }
}

@available(*, unavailable)
extension SignalWatcher: Sendable {}

/// The handle of one signal.
private final class SignalHandle: LoopHandle {
    private var onSignal: (() -> Void)?

    init(loop: EventLoop, number: Int32, onSignal: @escaping () -> Void) throws(IOError) {
        self.onSignal = onSignal
        try super.init(loop: loop, type: UV_SIGNAL) { loop, raw in
            uv_signal_init(loop, raw.assumingMemoryBound(to: uv_signal_t.self))
        }
        let status = uv_signal_start(
            raw.assumingMemoryBound(to: uv_signal_t.self),
            { signal, _ in
                SignalHandle.from(signal)?.onSignal?()
            }, number)
        guard status == 0 else {
            close()
            throw .failed(.watchSignal, code: status, nil)
        }
    }

    override func willClose() { onSignal = nil }
}
