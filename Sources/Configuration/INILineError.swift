/// Why a line of an INI file cannot be read.
enum INILineError: Error, Equatable, CustomStringConvertible {
    case tooLong
    case controlCharacter
    case neither
    case noKey
    case keyBeforeSection(String)
    case sectionNotClosed
    case noSectionName
    case textBehindSection
    case quoteNotClosed
    case textBehindQuote

    var description: String {
        switch self {
        case .tooLong: "the line is longer than \(INIDocument.lineBytesMax) bytes"
        case .controlCharacter: "the line holds a control character"
        case .neither: "neither [section] nor key = value nor a # comment"
        case .noKey: "no key in front of ="
        case .keyBeforeSection(let key): "\(printable(key)) stands in front of the first [section]"
        case .sectionNotClosed: "the section's ] is missing"
        case .noSectionName: "the section has no name"
        case .textBehindSection: "only a comment may stand behind the section's ]"
        case .quoteNotClosed: "the closing \" is missing"
        case .textBehindQuote: "only a comma or a comment may stand behind the closing \""
        }
    }
}
