/// A text from a file as it may be shown on a terminal: in quotes where it is not a plain word, control characters and
/// the quote escaped, cut after 64 characters.
func printable(_ text: String) -> String {
    let isPlain = text.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0 != "\"" && !isHidden($0) }
    let out = escaped(text, scalarsMax: 64, andQuotes: true)
    return isPlain && !text.isEmpty ? out : "\"" + out + "\""
}

/// A path as it may be shown on a terminal: as it is, with control characters escaped.
func shown(path: String) -> String { escaped(path, scalarsMax: 4_096, andQuotes: false) }

private func escaped(_ text: String, scalarsMax: Int, andQuotes: Bool) -> String {
    var out = ""
    for (count, scalar) in text.unicodeScalars.enumerated() {
        if count == scalarsMax {
            out += "…"
            break
        }
        if isHidden(scalar) || andQuotes && scalar == "\"" {
            out += "\\u{" + String(scalar.value, radix: 16) + "}"
        } else {
            out.unicodeScalars.append(scalar)
        }
    }
    return out
}

/// Whether a terminal shows something else than the character.
private func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7f }  // without the look into Unicode's tables
    return switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
    default: false
    }
}
