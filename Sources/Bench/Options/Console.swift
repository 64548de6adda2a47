import Glibc

/// Lines for the people and programs that read what a command prints.
package enum Console {
    /// A result, to stdout, at once.
    package static func output(_ line: String) {
        write(line, to: STDOUT_FILENO)
    }

    /// Progress, or why something could not be done, to stderr.
    package static func complain(_ line: String) {
        write(line, to: STDERR_FILENO)
    }

    private static func write(_ line: String, to descriptor: Int32) {
        var text = line + "\n"
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count > 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                } else if count == 0 || errno != EINTR {
                    return  // nobody reads any more, and there is nowhere else to say so
                }
            }
        }
    }
}
