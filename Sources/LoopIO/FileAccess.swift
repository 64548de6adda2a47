import Glibc

/// Whether this process may read the file.
package func isReadableFile(_ path: String) -> Bool { access(path, R_OK) == 0 }

/// The names in a folder, without `.` and `..`, in any order; nil when it cannot be read, or is none.
package func fileNames(in folder: String) -> [String]? {
    guard let stream = opendir(folder) else { return nil }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
            // SAFETY: the kernel ends the name with a NUL inside the field.
            pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}

/// Reads a file part by part; it blocks, so not on a loop that serves anybody.
///
/// - Parameters:
///   - partBytes: of a part; the last may be shorter.
///   - body: gets each part, valid during the call only; false ends the reading.
/// - Throws: `.failed(.openFile)` or `.failed(.read)`, EISDIR for a folder.
package func readFileInParts(
    _ path: String, partBytes: Int = 1 << 20, _ body: (Span<UInt8>) -> Bool
) throws(IOError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .failed(.openFile, code: -errno, nil) }
    defer { _ = close(descriptor) }  // nothing was written
    let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: partBytes)
    defer { buffer.deallocate() }
    while true {
        let count = read(descriptor, buffer.baseAddress, buffer.count)
        if count > 0 {
            // SAFETY: the kernel filled `count` bytes; nothing writes there before the call returns.
            guard body(UnsafeBufferPointer(rebasing: buffer[..<count]).span) else { return }
        } else if count == 0 {
            return
        } else if errno != EINTR {
            throw .failed(.read, code: -errno, nil)
        }
    }
}

/// Writes a whole file; it blocks, so not on a loop that serves anybody.
///
/// - Parameter replaces: whether one that is there gives way; else that is EEXIST.
/// - Throws: `.failed(.openFile)` or `.failed(.writeFile)`; the file may then hold a part.
package func writeFile(_ path: String, _ text: String, replaces: Bool) throws(IOError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (replaces ? O_TRUNC : O_EXCL), 0o644)
    guard descriptor >= 0 else { throw .failed(.openFile, code: -errno, nil) }
    var left = Array(text.utf8)[...]
    while !left.isEmpty {
        // SAFETY: the size goes with the address, and the array lives through the call.
        let count = left.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        let code = errno
        if count >= 0 {
            left = left.dropFirst(count)
        } else if code != EINTR {
            _ = close(descriptor)  // the write told
            throw .failed(.writeFile, code: -code, nil)
        }
    }
    guard close(descriptor) == 0 else { throw .failed(.writeFile, code: -errno, nil) }
}
