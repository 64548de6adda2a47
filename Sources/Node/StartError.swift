package import LoopIO
import Streaming

/// Why a node did not start. The description is the line that the operator reads.
package enum StartError: Error, CustomStringConvertible {
    /// `RunMode = monitor`.
    case monitorNotYet
    /// A way in or a door could not be opened.
    case cannotOpen(section: String, file: String, line: Int, IOError)
    /// The configuration names more than a node has room for.
    case tooManyStreams
    case io(IOError)

    package var description: String {
        switch self {
        case .monitorNotYet:
            "RunMode = monitor is not part of this version yet: use normal or extra; nodes log their own figures"
        case .cannotOpen(let section, let file, let line, let error): "\(file):\(line): [\(section)] \(error)"
        case .tooManyStreams:
            "the configuration names more than \(StreamRegistry.streamsMax) streams: use several nodes"
        case .io(let error): error.description
        }
    }
}
