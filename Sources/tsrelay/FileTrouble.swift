import Glibc
import LoopIO

/// Why a configuration file cannot be read, with what to do about it.
enum FileTrouble {
    static func text(_ error: IOError) -> String {
        guard let remedy = remedy(errno: -error.code) else { return error.description }
        return "\(error); \(remedy)"
    }

    /// - Parameter errno: of opening or reading the file.
    private static func remedy(errno: Int32) -> String? {
        switch errno {
        case ENOENT, ENOTDIR:
            "check the path, or write a file to begin with: tsrelay init --role origin --output FILE"
        case EACCES, EPERM: "let the user that runs tsrelay read it (chmod, chown)"
        case EISDIR: "this is a folder: name a file in it"
        default: nil
        }
    }
}
