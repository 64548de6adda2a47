/// One event as one line: `2026-01-02T03:04:05.678Z level event key=value ...`, or the same as an object of JSON.
///
/// Whatever a value holds, the line stays one line and shows all that it holds: quotes, backslashes, control characters
/// and those that are not to be seen are escaped, and in text a value that is empty or holds a blank or `=` is quoted.
/// Values of JSON are strings, numbers too, so that a field never changes its type.
///
/// ```swift
/// var line = LogLine(level: .info, event: "stream.started", unixMs: 0)
/// line.append(key: "stream", value: "live/main")
/// line.text  // "1970-01-01T00:00:00.000Z info stream.started stream=live/main"
/// ```
package struct LogLine {
    package enum Form: Sendable { case text, json }

    /// Longest value that is printed, in Unicode scalars; the rest is cut and marked with `…`.
    package static let valueScalarsMax = 512

    /// Room that a line begins with, so that most grow in place.
    private static let bytesReserved = 384

    private let form: Form
    private var body = ""

    package init(level: LogLevel, event: String, unixMs: Int64, form: Form = .text) {
        self.form = form
        body.reserveCapacity(LogLine.bytesReserved)
        let time = Timestamp(unixMs: unixMs).description
        switch form {
        case .text:
            body += time
            body += " "
            body += level.name
            body += " "
            body += event
        case .json:
            body += "{\"time\":\"" + time + "\",\"level\":\"" + level.name + "\",\"event\":"
            JSONWriter.append(event, to: &body)
        }
    }

    /// A whole line at once.
    package static func text(
        level: LogLevel, event: String, unixMs: Int64, form: Form, fields: KeyValuePairs<String, String>
    ) -> String {
        var line = LogLine(level: level, event: event, unixMs: unixMs, form: form)
        for (key, value) in fields { line.append(key: key, value: value) }
        return line.text
    }

    package var text: String { form == .json ? body + "}" : body }

    /// - Parameter key: a word of ours, unlike `time`, `level` and `event`; only the value is escaped.
    package mutating func append(key: String, value: String) {
        switch form {
        case .text:
            // One after the other: sums of strings would each be a string of their own first.
            body += " "
            body += key
            body += "="
            body += LogLine.isPlain(value) ? value : LogLine.escaped(value)
        case .json:
            body += ",\"" + key + "\":"
            JSONWriter.append(LogLine.cut(value), to: &body)
        }
    }

    /// Whether a value stands in a line of text as it is.
    private static func isPlain(_ value: String) -> Bool {
        !value.isEmpty && value.utf8.count <= valueScalarsMax
            && value.utf8.allSatisfy {
                $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "\"")
                    && $0 != UInt8(ascii: "\\")
            }
    }

    /// The value as it stands in a line of text.
    static func escaped(_ value: String) -> String {
        var out = ""
        var quoted = value.isEmpty
        for scalar in cut(value).unicodeScalars {
            switch scalar {
            case " ", "=": quoted = true
            case "\"", "\\":
                quoted = true
                out += "\\"
            default: break
            }
            if scalar.isHidden {
                out += "\\u{" + String(scalar.value, radix: 16) + "}"
                quoted = true
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return quoted ? "\"" + out + "\"" : out
    }

    private static func cut(_ value: String) -> String {
        // A scalar has at most four bytes, so that a short value need not be counted.
        guard value.utf8.count > valueScalarsMax else { return value }
        let scalars = value.unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: valueScalarsMax, limitedBy: scalars.endIndex),
            end < scalars.endIndex
        else { return value }
        return String(scalars[..<end]) + "…"
    }
}

extension Unicode.Scalar {
    /// Whether a terminal shows something else than the character: controls (C0, DEL, C1), line separators, and the
    /// format characters that turn the direction of a text or have no width.
    var isHidden: Bool {
        if value < 0x7f { return value < 0x20 }
        return switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }
}
