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
