/// Why a line of an INI file cannot be read, and what to do.
enum INILineError: Error, Equatable, CustomStringConvertible {
    case tooLong
    case controlCharacter
    case notUTF8
    /// With the word that the line begins with, where one stands in front of something else; it may be meant as a key.
    case neither(key: String?)
    case noKey
    case keyBeforeSection(String)
    case sectionNotClosed(String)
    case noSectionName
    case textBehindSection(String)
    case quoteNotClosed
    case textBehindQuote

    /// A value is never part of it: it may be a secret.
    var description: String {
        switch self {
        case .tooLong: "the line is longer than \(INIDocument.lineBytesMax) bytes: break it up"
        case .controlCharacter: "the line holds a control character: type it anew"
        case .notUTF8: "the line holds bytes that are no UTF-8: save the file as UTF-8"
        case .neither(let key):
            "neither [section] nor key = value nor a # comment"
                + (INILineError.known(key).map { "; did you mean \($0) = ...?" } ?? "")
        case .noKey: "no key in front of =: write key = value"
        case .keyBeforeSection(let key):
            "\(printable(key)) stands in front of the first [section]" + INILineError.home(of: key)
        case .sectionNotClosed(let name): "the section's ] is missing: write [\(printable(name))]"
        case .noSectionName:
            "the section has no name; valid: " + Schema.sections.map(\.name).joined(separator: ", ")
        case .textBehindSection: "only a comment may stand behind the section's ]: put the rest on a line of its own"
        case .quoteNotClosed: "the closing \" is missing"
        case .textBehindQuote: "only a comma or a comment may stand behind the closing \""
        }
    }

    /// The section that the line opened all the same, so that the keys below it are not taken for another one's.
    var section: String? {
        switch self {
        case .sectionNotClosed(let name), .textBehindSection(let name): name
        case .noSectionName: ""
        case .tooLong, .controlCharacter, .notUTF8, .neither, .noKey, .keyBeforeSection, .quoteNotClosed,
            .textBehindQuote:
            nil
        }
    }

    private static func known(_ word: String?) -> String? {
        guard let word else { return nil }
        return Schema.sections.lazy.compactMap { $0.key(word)?.name }.first
    }

    private static func home(of key: String) -> String {
        let homes = Schema.sections.filter { $0.key(key) != nil }.map { "[\($0.name)]" }
        return homes.isEmpty ? ": put it below its section" : "; it belongs in " + homes.joined(separator: ", ")
    }
}
