/// A text from a file as it may be shown on a terminal: in quotes where it is not a plain word, control characters and
/// the quote escaped, cut after 64 characters.
func printable(_ text: String) -> String {
    var out = ""
    var isPlain = !text.isEmpty
    for (count, scalar) in text.unicodeScalars.enumerated() {
        if count == 64 {
            out += "…"
            break
        }
        if scalar.properties.isWhitespace || scalar == "\"" { isPlain = false }
        let isHidden =
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
            default: false
            }
        if isHidden || scalar == "\"" {
            isPlain = false
            out += "\\u{" + String(scalar.value, radix: 16) + "}"
        } else {
            out.unicodeScalars.append(scalar)
        }
    }
    return isPlain ? out : "\"" + out + "\""
}
