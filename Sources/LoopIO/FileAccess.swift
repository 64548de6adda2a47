import Glibc

/// Whether this process may read the file.
package func isReadableFile(_ path: String) -> Bool { access(path, R_OK) == 0 }
