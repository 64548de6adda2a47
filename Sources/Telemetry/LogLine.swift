/// One event as one line: `2026-01-02T03:04:05.678Z level event key=value ...`.
///
/// Whatever a value holds, the line stays one line: control characters, quotes and backslashes are escaped, and a value
/// that is empty or holds a blank or `=` is quoted.
///
/// ```swift
/// var line = LogLine(level: .info, event: "stream.started", unixMs: 0)
/// line.append(key: "stream", value: "live/main")
/// line.text  // "1970-01-01T00:00:00.000Z info stream.started stream=live/main"
/// ```
package struct LogLine {
    /// Longest value that is printed, in Unicode scalars; the rest is cut and marked with `…`.
    package static let valueScalarsMax = 512

    package private(set) var text: String

    package init(level: LogLevel, event: String, unixMs: Int64) {
        text = Timestamp(unixMs: unixMs).description
        text += " "
        text += level.name
        text += " "
        text += event
    }

    package mutating func append(key: String, value: String) {
        text += " "
        text += key
        text += "="
        text += LogLine.escaped(value)
    }

    /// The value as it stands in a line.
    static func escaped(_ value: String) -> String {
        var out = ""
        var quoted = value.isEmpty
        var scalars = 0
        for scalar in value.unicodeScalars {
            scalars += 1
            if scalars > valueScalarsMax {
                out += "…"
                break
            }
            switch scalar {
            case " ", "=": quoted = true
            case "\"", "\\":
                quoted = true
                out += "\\"
            default: break
            }
            if scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
                || scalar.value == 0x2028 || scalar.value == 0x2029
            {
                out += "\\u{" + String(scalar.value, radix: 16) + "}"
                quoted = true
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return quoted ? "\"" + out + "\"" : out
    }
}
