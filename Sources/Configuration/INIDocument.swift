/// A file's sections, keys and values as text, with their lines; what they mean is the schema's business.
///
/// The form: `[section]`, `key = value`, and comments from `#` or `;` at the start of a line or behind a blank.
/// Double quotes around a value, or around an item of a list, keep blanks, `#` and `;`. There are no escapes and no
/// continued lines.
struct INIDocument: Equatable {
    /// Longest line, in bytes.
    static let lineBytesMax = 4096
    /// Largest file, in bytes.
    static let fileBytesMax = 1 << 20
    /// Errors that are told; a file that is no configuration at all would have one in each line.
    static let errorsMax = 50

    struct Entry: Equatable {
        var key: String
        /// Trimmed and without quotes; empty counts as not given.
        var value: String
        /// From 1.
        var line: Int
    }

    struct Section: Equatable {
        /// Empty where the brackets hold nothing, which is told as an error of its line.
        var name: String
        var line: Int
        var entries: [Entry] = []
        /// What stands where a key would in lines that cannot be read, so that it is not called missing too.
        var brokenKeys: [String] = []
    }

    struct FormError: Equatable {
        var line: Int
        var message: String
    }

    private(set) var sections: [Section] = []
    private(set) var errors: [FormError] = []

    init(parsing text: String) {
        var bytes = Array(text.utf8)[...]
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes = bytes.dropFirst(3) }  // the mark of some editors
        guard bytes.count <= INIDocument.fileBytesMax else {
            errors.append(FormError(line: 0, message: "is larger than 1 MiB: that is no configuration"))
            return
        }
        guard !INIDocument.isWide(bytes) else {
            errors.append(FormError(line: 1, message: "the file is UTF-16 or UTF-32: save it as UTF-8"))
            return
        }
        var line = 0
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            line += 1
            let row = part.last == UInt8(ascii: "\r") ? part.dropLast() : part
            do throws(INILineError) {
                try read(row, line: line)
            } catch {
                errors.append(FormError(line: line, message: error.description))
                if let section = error.section { sections.append(Section(name: section, line: line)) }
                if let key = INILine.key(of: row), !sections.isEmpty {
                    sections[sections.count - 1].brokenKeys.append(key)
                }
                guard errors.count < INIDocument.errorsMax else {
                    errors.append(FormError(line: line, message: "too many errors: the rest is not read"))
                    return
                }
            }
        }
    }

    private mutating func read(_ row: ArraySlice<UInt8>, line: Int) throws(INILineError) {
        guard row.count <= INIDocument.lineBytesMax else { throw .tooLong }
        guard row.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else { throw .controlCharacter }
        let read = try INILine(parsing: row)
        guard !read.isRepaired else { throw .notUTF8 }
        switch read {
        case .nothing: break
        case .section(let name): sections.append(Section(name: name, line: line))
        case .entry(let key, let value):
            guard !sections.isEmpty else { throw .keyBeforeSection(key) }
            sections[sections.count - 1].entries.append(Entry(key: key, value: value, line: line))
        }
    }

    /// Whether the file has two or four bytes a character: what stands between them are NULs, and of its byte order mark
    /// the decoder of UTF-8 makes two replacement characters.
    private static func isWide(_ bytes: ArraySlice<UInt8>) -> Bool {
        let start = bytes.prefix(4)
        let replacement: [UInt8] = [0xef, 0xbf, 0xbd]
        return start.first == 0 || start.dropFirst().first == 0 || bytes.starts(with: replacement + replacement)
    }
}
