import CUV
import Glibc

/// Another program that this one starts, reads from and ends: for tools.
///
/// ```swift
/// let server = try SpawnedProcess(loop: loop, words: ["/usr/bin/server", "--port", "0"], errors: .kept)
/// _ = loop.run(until: { !server.output.isEmpty || server.exit != nil }, timeoutMs: 5000)
/// server.end(withinMs: 2000)
/// ```
///
/// It has no standard input, the environment of this process, and runs on the processors of the calling thread.
package final class SpawnedProcess {
    package enum Exit: Equatable, Sendable {
        case code(Int64)
        case signal(Int32)
    }

    /// Where what it writes to stderr goes.
    package enum Errors: Sendable {
        /// To this process's own.
        case inherited
        /// To `errors`.
        case kept
    }

    package let pid: Int32
    private let loop: EventLoop
    private let handle: ProcessHandle
    private let outputPipe: LinePipe
    private let errorPipe: LinePipe?

    /// - Parameter words: the program, by its path or a name that PATH knows, and its arguments.
    /// - Throws: `.failed(.startProgram)` when there is no such program, or the machine has no room for it.
    package init(loop: EventLoop, words: [String], errors: Errors = .inherited) throws(IOError) {
        precondition(!words.isEmpty, "a program has a name")
        let outputPipe = try LinePipe(loop: loop)
        var errorPipe: LinePipe?
        do throws(IOError) {
            if errors == .kept { errorPipe = try LinePipe(loop: loop) }
            let handle = try ProcessHandle(loop: loop, words: words, output: outputPipe, errors: errorPipe)
            if let code = handle.failure {
                handle.close()
                throw .failed(.startProgram, code: code, nil)
            }
            self.handle = handle
        } catch {
            outputPipe.close()
            errorPipe?.close()
            throw error
        }
        self.loop = loop
        self.outputPipe = outputPipe
        self.errorPipe = errorPipe
        pid = handle.pid
        outputPipe.startReading()
        errorPipe?.startReading()
    }

    /// How it ended; nil while it runs.
    package var exit: Exit? { handle.exit }

    /// The last lines on its stdout, at most `LinePipe.linesMax`; the end of the output ends a line too.
    package var output: [String] { outputPipe.lines }

    /// As `output`, of stderr where that is kept.
    package var errors: [String] { errorPipe?.lines ?? [] }

    /// It has ended, and all that it wrote was read.
    package var isOver: Bool { exit != nil && outputPipe.isAtEnd && errorPipe?.isAtEnd ?? true }

    /// Sends a signal, unless it has ended.
    package func signal(_ number: Int32) {
        loop.preconditionOnLoop()
        handle.signal(number)
    }

    /// Ends it by SIGTERM, after `withinMs` by SIGKILL, and lets go of it. Turns the loop; may be called again.
    package func end(withinMs: Int64) {
        signal(SIGTERM)
        if !loop.run(until: { isOver }, timeoutMs: withinMs) {
            signal(SIGKILL)
            // A grandchild may hold the pipes open: the program's own end is enough.
            _ = loop.run(until: { exit != nil }, timeoutMs: 5000)
        }
        handle.close()
        outputPipe.close()
        errorPipe?.close()
    }
}

@available(*, unavailable) extension SpawnedProcess: Sendable {}

/// The handle of one child.
private final class ProcessHandle: LoopHandle {
    private(set) var exit: SpawnedProcess.Exit?
    private(set) var failure: Int32?

    init(loop: EventLoop, words: [String], output: LinePipe, errors: LinePipe?) throws(IOError) {
        var status: Int32 = 0
        try super.init(loop: loop, type: UV_PROCESS) { loop, raw in
            status = ProcessHandle.spawn(loop, raw.assumingMemoryBound(to: uv_process_t.self), words, output, errors)
            return 0  // also after a failure libuv has the handle in its list, and only uv_close takes it out
        }
        if status != 0 { failure = status }
    }

    private static func spawn(
        _ loop: UnsafeMutablePointer<uv_loop_t>, _ process: UnsafeMutablePointer<uv_process_t>, _ words: [String],
        _ output: LinePipe, _ errors: LinePipe?
    ) -> Int32 {
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var channels = [uv_stdio_container_t(), uv_stdio_container_t(), uv_stdio_container_t()]
        channels[0].flags = UV_IGNORE
        output.offer(as: &channels[1])
        if let errors {
            errors.offer(as: &channels[2])
        } else {
            channels[2].flags = UV_INHERIT_FD
            channels[2].data.fd = STDERR_FILENO
        }
        var options = uv_process_options_t()
        options.exit_cb = { process, code, signal in
            ProcessHandle.from(process)?.exit = signal == 0 ? .code(code) : .signal(signal)
        }
        // SAFETY: libuv reads the options and all that they point to inside the call only.
        return arguments.withUnsafeMutableBufferPointer { arguments in
            channels.withUnsafeMutableBufferPointer { channels in
                options.file = UnsafePointer(arguments[0])
                options.args = arguments.baseAddress
                options.stdio = channels.baseAddress
                options.stdio_count = Int32(channels.count)
                return uv_spawn(loop, process, &options)
            }
        }
    }

    var pid: Int32 { uv_process_get_pid(raw.assumingMemoryBound(to: uv_process_t.self)) }

    func signal(_ number: Int32) {
        guard !isClosed, exit == nil else { return }
        _ = uv_process_kill(raw.assumingMemoryBound(to: uv_process_t.self), number)  // it may have ended this moment
    }
}
