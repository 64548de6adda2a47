import CInih

/// What inih, a C library of its own history, reads from a text.
enum InihReader {
    struct Entry: Equatable {
        var section: String
        var key: String
        var value: String
    }

    /// nil when inih finds an error.
    static func read(_ text: String) -> [Entry]? {
        var entries: [Entry] = []
        return parse(text, into: &entries) == 0 ? entries : nil
    }

    /// The line of the first error; 0: none.
    static func firstError(_ text: String) -> Int {
        var entries: [Entry] = []
        return Int(parse(text, into: &entries))
    }

    private static func parse(_ text: String, into entries: inout [Entry]) -> Int32 {
        // SAFETY: the pointer to `entries` is used only while `ini_parse_string` runs.
        withUnsafeMutablePointer(to: &entries) { pointer in
            ini_parse_string(
                text,
                { user, section, name, value in
                    guard let user, let section, let name, let value else { return 0 }
                    let entry = Entry(
                        section: String(cString: section), key: String(cString: name), value: String(cString: value))
                    user.assumingMemoryBound(to: [Entry].self).pointee.append(entry)
                    return 1
                }, pointer)
        }
    }
}
